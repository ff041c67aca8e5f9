"""What one row of a station list says: each cell checked and read, and written the same way.

服务设施 is `water;microwave=故障`: codes or Chinese names between any of `;、,|`. 例外安排 is
`2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间;2026-10-01..2026-10-08 closed 国庆停业`.
Whatever is not understood is a fault of its cell; nothing is guessed and nothing dropped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, PlainValidator, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError, ValidationError

from bot.facilities import FACILITIES
from bot.geo.datum import Datum
from bot.hours.errors import HoursError
from bot.hours.reading import read as read_hours
from bot.hours.week import CLOSED, Hours, parse
from bot.services.facts import without_decimals
from bot.services.station_vocabulary import (
    DATUMS,
    NAMED_FACILITIES,
    STATE_NAMES,
    STATES,
    STATUS_NAMES,
    STATUSES,
    YES,
)

HOURS_WORDS: Final = 40
"""No hours have more words than this; a reason may."""


class Fault(NamedTuple):
    """Why a cell was refused."""

    field: str
    code: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class DatedHours:
    """Other hours from `first` to `last`, both included; `hours` None: closed."""

    first: date
    last: date
    hours: str | None
    reason: str


def read_entry(cells: Mapping[str, str]) -> "StationEntry | list[Fault]":
    """The station that these cells describe, or everything that is wrong with them."""
    try:
        return _ENTRY.validate_python(cells)
    except ValidationError as error:
        return [
            Fault(
                str(one["loc"][0]),
                _CODES.get(one["type"], one["type"]),
                {name: str(value) for name, value in one.get("ctx", {}).items()},
            )
            for one in error.errors(include_url=False, include_input=False)
        ]


def cells_of(entry: "StationEntry") -> dict[str, str]:
    """The cells that `read_entry` reads back as this entry."""
    return {
        "code": entry.code,
        "name": entry.name,
        "host_type": entry.host_type,
        "owner": entry.owner,
        "league": entry.league,
        "banner": entry.banner,
        "adcode": entry.adcode,
        "address": entry.address,
        "lng": "" if entry.lng is None else repr(entry.lng),
        "lat": "" if entry.lat is None else repr(entry.lat),
        "datum": entry.datum.value,
        "hours": entry.hours or "",
        "facilities": ";".join(
            code if state == "ok" else f"{code}={STATE_NAMES[state]}"
            for code, state in entry.facilities
        ),
        "entry": entry.entry,
        "door": entry.door,
        "parking": entry.parking,
        "toilet": entry.toilet,
        "phone": entry.phone,
        "star": "" if entry.star is None else str(entry.star),
        "verified_at": "" if entry.verified_at is None else entry.verified_at.isoformat(),
        "status": STATUS_NAMES[entry.status],
        "changes": ";".join(
            f"{one.first}..{one.last} {one.hours or 'closed'} {one.reason}".strip()
            for one in entry.changes
        ),
        "geocoded": "是" if entry.geocoded else "",
        "is_demo": "是" if entry.is_demo else "",
    }


def in_order(facilities: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
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


def _refuse(code: str, **params: str) -> PydanticCustomError:
    return PydanticCustomError(code, "refused", dict(params))


def _as_text(text: str) -> str:
    # A spreadsheet that took a phone or a code for a number adds .0, or rounds it to 1.38E+10.
    if _ROUNDED.fullmatch(text):
        raise _refuse("rounded")
    return text[:-2] if _FLOAT.fullmatch(text) else text


def _phone(text: str) -> str:
    phone = _as_text(without_decimals(text))
    if not _PHONE.fullmatch(phone):
        raise _refuse("phone")
    return phone


def _adcode(text: str) -> str:
    adcode = _as_text(text)
    if adcode and not _ADCODE.fullmatch(adcode):
        raise _refuse("adcode")
    return adcode


def _degrees(text: str) -> float | None:
    if not text:
        return None
    found = _DEGREES.fullmatch(text)
    if found is None:
        raise _refuse("coordinate")
    return float(found[1])


def _datum(text: str) -> Datum:
    datum = DATUMS.get(text.casefold().replace("-", "").replace(" ", ""))
    if datum is None:
        raise _refuse("datum" if text else "datum_blank")
    return datum


@lru_cache(maxsize=1 << 14)
def _hours(text: str) -> str | None:
    try:
        hours = read_hours(text)
    except HoursError as error:
        raise _refuse("hours", fault=error.fault.value, text=error.text) from None
    return None if hours is None else str(hours)


@lru_cache(maxsize=1 << 14)
def _facilities(text: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for item in filter(None, (one.strip() for one in _SEPARATOR.split(text))):
        name, _, word = (part.strip() for part in item.partition("="))
        code = NAMED_FACILITIES.get(name.casefold())
        state = STATES.get(word.casefold()) if word else "ok"
        if code is None:
            raise _refuse("facility", text=name)
        if state is None:
            raise _refuse("facility_state", text=word)
        if found.setdefault(code, state) != state:
            raise _refuse("facility_twice", text=name)
    return in_order(found)


@lru_cache(maxsize=1 << 14)
def _changes(text: str) -> tuple[DatedHours, ...]:
    found = []
    for item in filter(None, (one.strip(" ;") for one in _NEXT_CHANGE.split(text))):
        dates, _, rest = item.partition(" ")
        first, _, last = dates.partition("..")
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            raise _refuse("changes", text=item) from None
        if end < start:
            raise _refuse("changes_order", text=dates)
        hours, reason = _split(rest.strip(), item)
        if len(reason) > 120:
            raise _refuse("too_long", max_length="120")
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
    raise _refuse("changes", text=item)


@lru_cache(maxsize=1 << 12)
def _date(text: str) -> date | None:
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise _refuse("date")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise _refuse("date") from None


def _star(text: str) -> int | None:
    if not text:
        return None
    digit = _as_text(text).removesuffix("级").removesuffix("星")
    if len(digit) != 1 or digit not in "12345一二三四五":
        raise _refuse("star")
    return "12345一二三四五".index(digit) % 5 + 1


def _status(text: str) -> str:
    status = STATUSES.get(text.casefold())
    if status is None:
        raise _refuse("status")
    return status


def _flag(text: str) -> bool:
    flag = YES.get(text.casefold())
    if flag is None:
        raise _refuse("flag")
    return flag


_CODES: Final = {"string_too_short": "required", "string_too_long": "too_long"}
_ROUNDED: Final = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_FLOAT: Final = re.compile(r"[0-9]+\.0")
_PHONE: Final = re.compile(r"[0-9+\-() ,;/、.#*x示例转分机]*")
_ADCODE: Final = re.compile(r"[0-9]{6}([0-9]{3}|[0-9]{6})?")
_DEGREES: Final = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]*)?(?:[eE]-?[0-9]{1,2})?) ?°?[NE]?")
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00)?")
_SEPARATOR: Final = re.compile(r"[;、,|]")
_NEXT_CHANGE: Final = re.compile(r";(?= *[0-9]{4}-[0-9]{2}-[0-9]{2})")

Text40 = Annotated[str, StringConstraints(max_length=40)]
Text80 = Annotated[str, StringConstraints(max_length=80)]
Text120 = Annotated[str, StringConstraints(max_length=120)]
Text200 = Annotated[str, StringConstraints(max_length=200)]


@dataclass(frozen=True, slots=True)
class StationEntry:
    """A station as a list describes it: `lng`, `lat` in its own `datum`, not yet in WGS-84.

    `facilities` are (code, state) in the order of the table; `geocoded` marks coordinates that a
    geocoder found and nobody has confirmed. Lengths are those of the database.
    """

    code: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_as_text)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    datum: Annotated[Datum, PlainValidator(_datum)]
    lng: Annotated[float | None, PlainValidator(_degrees)] = None
    lat: Annotated[float | None, PlainValidator(_degrees)] = None
    geocoded: Annotated[bool, PlainValidator(_flag)] = False
    host_type: Text40 = ""
    owner: Text120 = ""
    league: Text40 = ""
    banner: Text40 = ""
    adcode: Annotated[str, PlainValidator(_adcode)] = ""
    address: Text200 = ""
    hours: Annotated[str | None, PlainValidator(_hours)] = None
    facilities: Annotated[tuple[tuple[str, str], ...], PlainValidator(_facilities)] = ()
    entry: Text40 = ""
    door: Text200 = ""
    parking: Text80 = ""
    toilet: Text40 = ""
    phone: Annotated[Text40, AfterValidator(_phone)] = ""
    star: Annotated[int | None, PlainValidator(_star)] = None
    verified_at: Annotated[date | None, PlainValidator(_date)] = None
    status: Annotated[str, PlainValidator(_status)] = "open"
    changes: Annotated[tuple[DatedHours, ...], PlainValidator(_changes)] = ()
    is_demo: Annotated[bool, PlainValidator(_flag)] = False


_ENTRY: Final = TypeAdapter(StationEntry)
