"""The forms of a station's page as edits. Only what differs from what was shown is changed."""

from datetime import date
from typing import Final

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.console.visits import NotThere, Visit
from bot.services.stations.editing.edit_kinds import (
    Close,
    Edit,
    Reopen,
    SetFacilities,
    SetFields,
)
from bot.services.stations.statuses import FacilityStatus

FIELDS: Final = ("name", "hours", "address", "phone", "door", "entry", "parking", "toilet")
"""What is changed as text."""
NONE: Final = "none"
"""The station does not have the facility."""
WAS: Final = "was:"
"""Before a field's name: what was shown."""
KEPT: Final = ("csrf", "version", "accept")
"""Fields of the form that are not part of the change."""


class MalformedForm(Exception):
    """A field cannot be read; `message` says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def edit_of(visit: Visit) -> Edit:
    """The change that the form asks for. Raises `MalformedForm`."""
    match visit.field("does"):
        case "fields":
            return SetFields({name: visit.field(name) for name in FIELDS if _differs(visit, name)})
        case "facilities":
            changed = [one for one in FACILITIES if _differs(visit, one)]
            states = {one: visit.field(one) for one in changed}
            known = {NONE, *FacilityStatus}
            return SetFacilities({one: now for one, now in states.items() if now in known})
        case "close":
            first = _day(visit, "first", visit.t("the first day"))
            last = _day(visit, "last", visit.t("the last day"))
            return Close(first, last, visit.field("reason"))
        case "pause":
            return Close(reason=visit.field("reason"))
        case "reopen":
            return Reopen(visit.now.astimezone(CHINA).date())
        case _:
            raise NotThere


def given_fields(visit: Visit) -> list[tuple[str, str]]:
    """All fields of the change, to send them once more."""
    return [
        (name, value)
        for name, value in visit.form.multi_items()
        if name not in KEPT and isinstance(value, str)
    ]


def _differs(visit: Visit, name: str) -> bool:
    return name in visit.form and visit.field(name) != visit.field(WAS + name)


def _day(visit: Visit, name: str, label: str) -> date | None:
    text = visit.field(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        words = visit.t("{label}: “{text}” is no date; write 2026-12-01", label=label, text=text)
        raise MalformedForm(words) from None
