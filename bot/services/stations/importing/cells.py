"""What one cell of a station list says.

Whatever is not understood is refused by a code; nothing is guessed and nothing dropped.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern
from bot.geo.datum import Datum
from bot.hours.errors import HoursError
from bot.hours.parser import read as read_hours
from bot.services.personal_data.validation import without_decimals
from bot.services.spreadsheets.faults import TableFault
from bot.services.stations.importing.faults import CellRefused, StationFault
from bot.services.stations.importing.reading.coordinates import read_degrees
from bot.services.stations.importing.reading.facility_words import nearest_names, read_facilities
from bot.services.stations.importing.vocabulary import DATUMS, STATUSES, YES
from bot.services.stations.statuses import FacilityStatus, StationStatus


def in_order(facilities: Mapping[str, FacilityStatus]) -> tuple[tuple[str, FacilityStatus], ...]:
    """(code, state) of each facility, in the order of the table of facilities."""
    return tuple((code, facilities[code]) for code in sorted(facilities, key=_position))


def _position(code: str) -> tuple[int, str]:
    known = FACILITIES.get(code)
    return (len(FACILITIES) if known is None else known.bit, code)


def as_text(text: str) -> str:
    """A code or a number as it was typed, before a spreadsheet took it for a number."""
    # A spreadsheet that took a phone or a code for a number adds .0, or rounds it to 1.38E+10.
    if _ROUNDED.fullmatch(text):
        raise CellRefused(TableFault.ROUNDED)
    return text[:-2] if _FLOAT.fullmatch(text) else text


def phone(text: str) -> str:
    """Anything that may stand in a phone number, extensions and several numbers too."""
    phone = as_text(without_decimals(text))
    if not _PHONE.fullmatch(phone):
        raise CellRefused(StationFault.PHONE)
    return phone


def adcode(text: str) -> str:
    """A division code of 6, 9 or 12 digits, or nothing."""
    adcode = as_text(text)
    if adcode and not _ADCODE.fullmatch(adcode):
        raise CellRefused(StationFault.ADCODE)
    return adcode


def degrees(text: str) -> float | None:
    """A coordinate, with or without its sign."""
    if not text:
        return None
    found = read_degrees(text.strip(" ,;"))
    if found is None:
        raise CellRefused(TableFault.COORDINATE)
    return found


def datum(text: str) -> Datum:
    """The datum under any of its names; never guessed."""
    datum = DATUMS.get(text.casefold().replace("-", "").replace(" ", ""))
    if datum is None:
        raise CellRefused(TableFault.DATUM if text else StationFault.DATUM_BLANK)
    return datum


@lru_cache(maxsize=1 << 14)
def hours(text: str) -> str | None:
    """The canonical form of what people write; None: not known."""
    try:
        hours = read_hours(text)
    except HoursError as error:
        raise CellRefused(StationFault.HOURS, fault=error.fault.value, text=error.text) from None
    return None if hours is None else str(hours)


@lru_cache(maxsize=1 << 14)
def facilities(text: str) -> tuple[tuple[str, FacilityStatus], ...]:
    """(code, state) of each, in the order of the table; changes of single ones are left out."""
    named = read_facilities(text)
    if named.unknown:
        nearest = "、".join(
            f"{word} → {'/'.join(near)}" for word in named.unknown if (near := nearest_names(word))
        )
        raise CellRefused(StationFault.FACILITY, text="、".join(named.unknown), nearest=nearest)
    if named.states:
        raise CellRefused(StationFault.FACILITY_STATE, text="、".join(named.states))
    if named.twice:
        raise CellRefused(StationFault.FACILITY_TWICE, text="、".join(named.twice))
    return in_order(named.found)


@lru_cache(maxsize=1 << 12)
def day(text: str) -> date | None:
    """A day as 2026-3-1, 2026/3/1 or 2026年3月1日."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise CellRefused(TableFault.DATE)
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise CellRefused(TableFault.DATE) from None


def star(text: str) -> int | None:
    """1 to 5 stars, as a digit or a Chinese number."""
    if not text:
        return None
    digit = as_text(text).removesuffix("级").removesuffix("星")
    if len(digit) != 1 or digit not in "12345一二三四五":
        raise CellRefused(StationFault.STAR)
    return "12345一二三四五".index(digit) % 5 + 1


def status(text: str) -> StationStatus:
    """The status under any of its names."""
    status = STATUSES.get(text.casefold())
    if status is None and _NORMAL.fullmatch(text):
        return StationStatus.OPEN
    if status is None:
        raise CellRefused(StationFault.STATUS)
    return status


def flag(text: str) -> bool:
    """Yes or no; empty is no."""
    flag = YES.get(text.casefold())
    if flag is None:
        raise CellRefused(TableFault.FLAG)
    return flag


_NORMAL: Final = LazyPattern(
    "(?:设备|设施|供水|运行|运转|运营|使用|开放|营业|服务)*(?:状态)?正常"
    "(?:对外)?(?:供水|运行|运转|运营|使用|开放|营业|服务|投用)*中?"
)
"""供水正常, 正常对外开放; what is 不正常 is none of these."""
_ROUNDED: Final = LazyPattern(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_FLOAT: Final = LazyPattern(r"[0-9]+\.0")
_PHONE: Final = LazyPattern(r"[0-9+\-() ,;/、.#*x示例转分机]*")
_ADCODE: Final = LazyPattern(r"[0-9]{6}([0-9]{3}|[0-9]{6})?")
_DATE: Final = LazyPattern(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00)?")
