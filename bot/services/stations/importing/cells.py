"""What one cell of a station list says.

服务设施 is `water;microwave=故障`: codes or Chinese names between any of `;、,|`. 例外安排 is
`2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间;2026-10-01..2026-10-08 closed 国庆停业`.
Whatever is not understood is refused by a code; nothing is guessed and nothing dropped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from pydantic_core import PydanticCustomError

from bot.common.facilities import FACILITIES
from bot.geo.datum import Datum
from bot.hours.errors import HoursError
from bot.hours.parser import read as read_hours
from bot.hours.weekly import CLOSED, Hours, parse
from bot.services.personal_data.validation import without_decimals
from bot.services.spreadsheets.faults import TableFault
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.vocabulary import (
    DATUMS,
    NAMED_FACILITIES,
    STATES,
    STATUSES,
    YES,
)
from bot.services.stations.statuses import FacilityStatus, StationStatus

HOURS_WORDS: Final = 40
"""No hours have more words than this; a reason may."""


@dataclass(frozen=True, slots=True)
class DatedHours:
    """Other hours from `first` to `last`, both included; `hours` None: closed."""

    first: date
    last: date
    hours: str | None
    reason: str


def in_order(facilities: Mapping[str, FacilityStatus]) -> tuple[tuple[str, FacilityStatus], ...]:
    """(code, state) of each facility, in the order of the table of facilities."""
    return tuple((code, facilities[code]) for code in sorted(facilities, key=_position))


def _position(code: str) -> tuple[int, str]:
    known = FACILITIES.get(code)
    return (len(FACILITIES) if known is None else known.bit, code)


def by_date(changes: list[DatedHours]) -> tuple[DatedHours, ...]:
    """Dated changes in the order in which they are compared and written."""
    return tuple(
        sorted(changes, key=lambda one: (one.first, one.last, one.hours or "", one.reason))
    )


def _refuse(code: TableFault | StationFault, /, **params: str) -> PydanticCustomError:
    return PydanticCustomError(code.value, "refused", dict(params))


def as_text(text: str) -> str:
    """A code or a number as it was typed, before a spreadsheet took it for a number."""
    # A spreadsheet that took a phone or a code for a number adds .0, or rounds it to 1.38E+10.
    if _ROUNDED.fullmatch(text):
        raise _refuse(TableFault.ROUNDED)
    return text[:-2] if _FLOAT.fullmatch(text) else text


def phone(text: str) -> str:
    """Anything that may stand in a phone number, extensions and several numbers too."""
    phone = as_text(without_decimals(text))
    if not _PHONE.fullmatch(phone):
        raise _refuse(StationFault.PHONE)
    return phone


def adcode(text: str) -> str:
    """A division code of 6, 9 or 12 digits, or nothing."""
    adcode = as_text(text)
    if adcode and not _ADCODE.fullmatch(adcode):
        raise _refuse(StationFault.ADCODE)
    return adcode


def degrees(text: str) -> float | None:
    """A coordinate, with or without its sign."""
    if not text:
        return None
    found = _DEGREES.fullmatch(text)
    if found is None:
        raise _refuse(TableFault.COORDINATE)
    return float(found[1])


def datum(text: str) -> Datum:
    """The datum under any of its names; never guessed."""
    datum = DATUMS.get(text.casefold().replace("-", "").replace(" ", ""))
    if datum is None:
        raise _refuse(TableFault.DATUM if text else StationFault.DATUM_BLANK)
    return datum


@lru_cache(maxsize=1 << 14)
def hours(text: str) -> str | None:
    """The canonical form of what people write; None: not known."""
    try:
        hours = read_hours(text)
    except HoursError as error:
        raise _refuse(StationFault.HOURS, fault=error.fault.value, text=error.text) from None
    return None if hours is None else str(hours)


@lru_cache(maxsize=1 << 14)
def facilities(text: str) -> tuple[tuple[str, FacilityStatus], ...]:
    """(code, state) of each, in the order of the table."""
    found: dict[str, FacilityStatus] = {}
    for item in filter(None, (one.strip() for one in _SEPARATOR.split(text))):
        name, _, word = (part.strip() for part in item.partition("="))
        code = NAMED_FACILITIES.get(name.casefold())
        state = STATES.get(word.casefold()) if word else FacilityStatus.OK
        if code is None:
            raise _refuse(StationFault.FACILITY, text=name)
        if state is None:
            raise _refuse(StationFault.FACILITY_STATE, text=word)
        if found.setdefault(code, state) != state:
            raise _refuse(StationFault.FACILITY_TWICE, text=name)
    return in_order(found)


@lru_cache(maxsize=1 << 14)
def changes(text: str) -> tuple[DatedHours, ...]:
    """Dated exceptions by date."""
    found = []
    for item in filter(None, (one.strip(" ;") for one in _NEXT_CHANGE.split(text))):
        dates, _, rest = item.partition(" ")
        first, _, last = dates.partition("..")
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            raise _refuse(StationFault.CHANGES, text=item) from None
        if end < start:
            raise _refuse(StationFault.CHANGES_ORDER, text=dates)
        hours, reason = _split(rest.strip(), item)
        if len(reason) > 120:
            raise _refuse(TableFault.TOO_LONG, max_length="120")
        found.append(DatedHours(start, end, None if hours == CLOSED else str(hours), reason))
    return by_date(found)


def _split(text: str, item: str) -> tuple[Hours, str]:
    """The longest beginning that is hours, and what follows: the reason."""
    word, _, reason = text.partition(" ")
    if word.casefold() in {"closed", "关闭", "停业", "暂停", "休息", "不开放"}:
        return CLOSED, reason.strip()
    words = text.split(" ")
    for reader in (parse, read_hours):
        for count in range(min(len(words), HOURS_WORDS), 0, -1):
            try:
                hours = reader(" ".join(words[:count]))
            except HoursError:
                continue
            if hours is not None:
                return hours, " ".join(words[count:])
    raise _refuse(StationFault.CHANGES, text=item)


@lru_cache(maxsize=1 << 12)
def day(text: str) -> date | None:
    """A day as 2026-3-1, 2026/3/1 or 2026年3月1日."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise _refuse(TableFault.DATE)
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise _refuse(TableFault.DATE) from None


def star(text: str) -> int | None:
    """1 to 5 stars, as a digit or a Chinese number."""
    if not text:
        return None
    digit = as_text(text).removesuffix("级").removesuffix("星")
    if len(digit) != 1 or digit not in "12345一二三四五":
        raise _refuse(StationFault.STAR)
    return "12345一二三四五".index(digit) % 5 + 1


def status(text: str) -> StationStatus:
    """The status under any of its names."""
    status = STATUSES.get(text.casefold())
    if status is None:
        raise _refuse(StationFault.STATUS)
    return status


def flag(text: str) -> bool:
    """Yes or no; empty is no."""
    flag = YES.get(text.casefold())
    if flag is None:
        raise _refuse(TableFault.FLAG)
    return flag


_ROUNDED: Final = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_FLOAT: Final = re.compile(r"[0-9]+\.0")
_PHONE: Final = re.compile(r"[0-9+\-() ,;/、.#*x示例转分机]*")
_ADCODE: Final = re.compile(r"[0-9]{6}([0-9]{3}|[0-9]{6})?")
_DEGREES: Final = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]*)?(?:[eE]-?[0-9]{1,2})?) ?°?[NE]?")
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00)?")
_SEPARATOR: Final = re.compile(r"[;、,|]")
_NEXT_CHANGE: Final = re.compile(r";(?= *[0-9]{4}-[0-9]{2}-[0-9]{2})")
