"""The forms of a station's page as edits. Only what differs from what was shown is changed."""

from datetime import date
from typing import Final

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern
from bot.console.visits import NotThere, Visit
from bot.geo.datum import Datum
from bot.services.stations.editing.edit_kinds import (
    Close,
    DropDays,
    Edit,
    Reopen,
    SetDays,
    SetFacilities,
    SetFields,
)
from bot.services.stations.statuses import FacilityStatus

FIELDS: Final = ("name", "hours", "address", "phone", "door", "entry", "parking", "toilet")
"""What is changed as text."""
NONE: Final = "none"
"""The station does not have the facility."""
HAS: Final = "has"
"""The switches that are on: facilities that the station has."""
WAS: Final = "was:"
"""Before a field's name: what was shown."""
KEPT: Final = ("csrf", "version", "accept")
"""Fields of the form that are not part of the change."""


COORDINATES: Final = 2
"""A longitude and a latitude."""
_NUMBER: Final = LazyPattern(r"-?\d{1,3}(?:\.\d{1,15})?")


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
            return SetFacilities(_switched(visit))
        case "close":
            first = _day(visit, "first", visit.t("the first day"))
            last = _day(visit, "last", visit.t("the last day"))
            return Close(first, last, visit.field("reason"))
        case "days":
            first, last = _days(visit)
            hours = visit.field("hours")
            if not hours:
                raise MalformedForm(visit.t("Write the hours of these days, such as 09:00–12:00."))
            return SetDays(first, last, hours, visit.field("reason"))
        case "drop":
            return DropDays(*_days(visit))
        case "move":
            return SetFields(_place(visit))
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


def _switched(visit: Visit) -> dict[str, str]:
    """Facilities whose switch or state is another than was shown."""
    has, known = set(visit.fields(HAS)), {NONE, *FacilityStatus}
    states = {one: visit.field(one) if one in has else NONE for one in FACILITIES}
    return {
        one: now
        for one, now in states.items()
        if WAS + one in visit.form and now != visit.field(WAS + one) and now in known
    }


def _place(visit: Visit) -> dict[str, str]:
    """Coordinates as maps copy them: two numbers, of which the longitude is the larger one here."""
    numbers = [float(one) for one in _NUMBER.findall(visit.field("place"))]
    if len(numbers) != COORDINATES:
        raise MalformedForm(
            visit.t("Paste the coordinates as the map copies them, such as 111.706712,40.842585.")
        )
    lat, lng = sorted(numbers)
    datum = visit.field("datum")
    if datum not in set(Datum):
        raise MalformedForm(visit.t("Say from which map the coordinates are."))
    return {"lng": repr(lng), "lat": repr(lat), "datum": datum}


def _days(visit: Visit) -> tuple[date, date]:
    first = _day(visit, "first", visit.t("the first day"))
    last = _day(visit, "last", visit.t("the last day"))
    if first is None or last is None:
        raise MalformedForm(visit.t("Choose the first and the last day."))
    return first, last


def _day(visit: Visit, name: str, label: str) -> date | None:
    text = visit.field(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        words = visit.t("{label}: “{text}” is no date; write 2026-12-01", label=label, text=text)
        raise MalformedForm(words) from None
