"""Parses one report about an application: each field is checked and normalised.

Files and the API are read by the same rules. An empty cell is "".
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from bot.common.clock import CHINA
from bot.common.lazy_pattern import LazyPattern
from bot.services.cards.records import CardRecord, FaultCode
from bot.services.personal_data import validation
from bot.services.spreadsheets.cells import clean

LONGEST: Final[Mapping[str, int]] = {
    "number": 64,
    "name": 60,
    "phone": 40,
    "id_last4": 40,
    "label": 60,
    "firm": 40,
    "outlet_code": 64,
    "outlet_name": 120,
    "office": 80,
    "missing_docs": 300,
    "parcel": 80,
    "reject_reason": 300,
}
"""Characters; those that are not sealed are the widths of their columns."""


class Fault(NamedTuple):
    """Why a field was refused; never its value."""

    field: str
    code: FaultCode
    params: dict[str, str]


def read_record(
    values: Mapping[str, str], as_of: datetime, *, allow_backwards: bool = False
) -> CardRecord | list[Fault]:
    """The record that these texts describe, or all their faults.

    Fields are those of `CardRecord`; `as_of` holds where no text gives another.
    """
    required = ("number", "label")
    faults = [Fault(name, FaultCode.REQUIRED, {}) for name in required if not values.get(name)]
    parsed: dict[str, Any] = {"as_of": as_of, "allow_backwards": allow_backwards}
    for name, text in values.items():
        if not text:
            continue
        most = LONGEST.get(name)
        if is_forbidden(text):
            faults.append(Fault(name, FaultCode.FORBIDDEN, {}))
        elif most is not None and len(text) > most:
            faults.append(Fault(name, FaultCode.TOO_LONG, {"max_length": str(most)}))
        else:
            try:
                parsed[name] = _READERS.get(name, str)(text)
            except _RefusedError as refused:
                faults.append(Fault(name, refused.code, {}))
    return faults or CardRecord(**parsed)


def is_forbidden(text: str) -> bool:
    """Whether a text holds what looks like a whole ID or card number."""
    return len(text) >= SHORTEST_ID and validation.contains_full_id_or_card(text)


def read_moment(text: str) -> datetime | None:
    """An aware moment; without a zone, China's local time. None for anything else."""
    try:
        return _moment(clean(text))
    except _RefusedError:
        return None


class _RefusedError(Exception):
    def __init__(self, code: FaultCode) -> None:
        self.code = code


def _number(text: str) -> str:
    if _ROUNDED.fullmatch(text):
        raise _RefusedError(FaultCode.ROUNDED)
    number = validation.application_number(text)
    if number is None:
        raise _RefusedError(FaultCode.NUMBER)
    return number


def _phone(text: str) -> str:
    if _ROUNDED.fullmatch(text):
        raise _RefusedError(FaultCode.ROUNDED)
    digits = _last_digits(text)
    if digits is not None and digits.isdecimal():
        return digits
    phone = validation.mobile_phone(validation.without_decimals(text))
    if phone is None:
        raise _RefusedError(FaultCode.PHONE_OR_LAST4)
    return phone


def _id_last4(text: str) -> str:
    digits = _last_digits(text)
    if digits is None:
        raise _RefusedError(FaultCode.LAST4)
    return digits


def _last_digits(text: str) -> str | None:
    """Four digits, also from a value that the bank has masked: 138****1234."""
    return validation.last_four(text.rpartition("*")[2])


@lru_cache(maxsize=1 << 12)
def _moment(text: str) -> datetime:
    """Aware; a time without a zone is China's local time."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise _RefusedError(FaultCode.MOMENT)
    clock = found["clock"] or "00:00"
    if clock[1] == ":":
        clock = f"0{clock}"
    try:
        moment = datetime.fromisoformat(f"{_day(found['day'])}T{clock}")
    except ValueError:
        raise _RefusedError(FaultCode.MOMENT) from None
    if not _FIRST <= moment.year <= _LAST:
        raise _RefusedError(FaultCode.MOMENT)
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


@lru_cache(maxsize=1 << 12)
def _date(text: str) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        raise _RefusedError(FaultCode.DATE)
    return _day(found["day"])


def _day(text: str) -> date:
    parts = [int(one) for one in re.findall(r"\d+", text)]
    try:
        return date(*parts) if len(parts) == 3 else date.fromisoformat(text)
    except ValueError:
        raise _RefusedError(FaultCode.DATE) from None


SHORTEST_ID: Final = 15
_DAY: Final = r"(?P<day>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8})"
_DATE: Final = LazyPattern(rf"{_DAY}(?:[ T]00:00(?::00)?)?", re.ASCII)
_CLOCK: Final = r"(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)"
_TIME: Final = LazyPattern(rf"{_DAY}(?:[ T]?{_CLOCK})?", re.ASCII)
_FIRST, _LAST = 2000, 2100
_ROUNDED: Final = LazyPattern(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _number,
    "phone": _phone,
    "id_last4": _id_last4,
    "at": _moment,
    "as_of": _moment,
    "seal_by": _date,
}
