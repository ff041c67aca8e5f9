"""The form of a training as cells of a list. Only what differs from what was shown is changed."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from bot.common.clock import CHINA
from bot.console.visits import NotThere, Visit
from bot.services.trainings.catalogue import Training
from bot.services.trainings.editing.edit_kinds import MOST_WEEKS, Add, SetFields

TEXTS: Final = (
    "title",
    "topic",
    "about",
    "contact",
    "league",
    "link",
    "place",
    "address",
    "capacity",
    "min_attendance",
    "only_firm",
    "only_league",
    "lng",
    "lat",
    "datum",
)
"""Fields of the form that are cells as they stand."""
NAMES: Final = (*TEXTS, "is_online", "day", "begins", "ends", "nights", "deadline", "copied")
WAS: Final = "was:"
"""Before a field's name: what was shown."""
KEPT: Final = ("csrf", "version")
"""Fields of the form that are not part of the change."""
PIN: Final = ("lng", "lat", "datum")
YES: Final = "是"
DIGITS: Final = 18
"""Of a number in a form, at most."""


def blank(visit: Visit) -> dict[str, str]:
    """The fields of a training of which nothing is known yet, a week from now."""
    day = visit.now.astimezone(CHINA).date() + timedelta(days=7)
    leagues = sorted(visit.operator.leagues)
    fields = dict.fromkeys(NAMES, "")
    fields |= {"day": day.isoformat(), "begins": "14:30", "ends": "16:00", "capacity": "30"}
    return fields | {"league": leagues[0] if len(leagues) == 1 else "", "nights": "0"}


def shown(training: Training, cells: Mapping[str, str]) -> dict[str, str]:
    """The stored training as fields of the form; `cells` as in a list."""
    begins, ends = (one.astimezone(CHINA) for one in (training.starts_at, training.ends_at))
    fields = {name: cells[name] for name in TEXTS}
    fields |= {"league": training.league, "only_league": training.only_league}
    return fields | {
        "is_online": YES if training.is_online else "",
        "day": begins.date().isoformat(),
        "begins": f"{begins:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "nights": str((ends.date() - begins.date()).days),
        "deadline": f"{training.deadline.astimezone(CHINA):%Y-%m-%dT%H:%M}",
        "copied": "",
    }


def copied(training: Training, cells: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The fields of the same training at the same hour, the first week that is still to come."""
    fields = shown(training, cells)
    weeks = 1
    while training.starts_at + weeks * timedelta(days=7) <= now:
        weeks += 1
    by = timedelta(days=7 * weeks)
    fields["day"] = (training.starts_at + by).astimezone(CHINA).date().isoformat()
    fields["deadline"] = f"{(training.deadline + by).astimezone(CHINA):%Y-%m-%dT%H:%M}"
    fields["copied"] = f"{fields['day']}T{fields['begins']} {fields['deadline']}"
    return fields


def sent(visit: Visit) -> dict[str, str]:
    """The fields as they were sent, to be shown again."""
    return {name: visit.field(name) for name in NAMES}


def given_fields(visit: Visit) -> list[tuple[str, str]]:
    """All fields of the change, to send them once more."""
    return [
        (name, value)
        for name, value in visit.form.multi_items()
        if name not in KEPT and isinstance(value, str)
    ]


def new_of(visit: Visit) -> Add:
    """The trainings that the form asks for."""
    weeks = visit.field("weeks", "1")
    is_number = weeks.isascii() and weeks.isdecimal() and len(weeks) < DIGITS
    return Add(_cells(visit, ""), min(int(weeks), MOST_WEEKS) if is_number else 1)


def change_of(visit: Visit) -> SetFields:
    """The change that the form asks for."""
    now, was = _cells(visit, ""), _cells(visit, WAS)
    changed = {name: cell for name, cell in now.items() if cell != was.get(name, "")}
    if "starts_at" in changed:
        changed["ends_at"] = now["ends_at"]
    if not changed.keys().isdisjoint(PIN):
        changed |= {name: now[name] for name in PIN}
    return SetFields(changed)


def number(text: str) -> int:
    """A row's number or a version. Raises `NotThere`."""
    if not (text.isascii() and text.isdecimal() and len(text) < DIGITS):
        raise NotThere
    return int(text)


def _cells(visit: Visit, before: str) -> dict[str, str]:
    cells = {name: visit.field(before + name) for name in TEXTS}
    day, nights = visit.field(f"{before}day"), visit.field(f"{before}nights", "0")
    last = day
    with suppress(ValueError, OverflowError):  # told as a time that cannot be read
        last = (date.fromisoformat(day) + timedelta(days=int(nights or 0))).isoformat()
    return cells | {
        "is_online": visit.field(f"{before}is_online"),
        "starts_at": f"{day} {visit.field(f'{before}begins')}".strip(),
        "ends_at": f"{last} {visit.field(f'{before}ends')}".strip(),
        "deadline": _deadline(visit, before).replace("T", " "),
    }


def _deadline(visit: Visit, before: str) -> str:
    """The deadline of the form; that of a copy, left as it was, goes with a new day or hour."""
    given = visit.field(f"{before}deadline")
    began, _, deadline = visit.field(f"{before}copied").partition(" ")
    if given != deadline:
        return given
    with suppress(ValueError, OverflowError):  # told as a time that cannot be read
        begins = f"{visit.field(f'{before}day')}T{visit.field(f'{before}begins')}"
        by = datetime.fromisoformat(begins) - datetime.fromisoformat(began)  # both China's time
        return f"{datetime.fromisoformat(deadline) + by:%Y-%m-%dT%H:%M}"
    return given
