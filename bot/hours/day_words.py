"""The days that a word names: 周一至周五, 周末, 工作日, 法定节假日."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from bot.hours.errors import Fault, HoursError
from bot.hours.tokens import Kind, Token
from bot.hours.vocabulary import WEEKDAY, WEEKDAYS
from bot.hours.weekly import EVERY_DAY, HOLIDAY

WEEK: Final = frozenset(EVERY_DAY)
WORKDAYS: Final = frozenset(range(5))
_DAYS: Final = {
    Kind.REST_DAYS: frozenset({5, 6, HOLIDAY}),
    Kind.WORKDAYS: WORKDAYS,
    Kind.WEEKEND: frozenset({5, 6}),
    Kind.EVERY_DAY: WEEK,
    Kind.HOLIDAYS: frozenset({HOLIDAY}),
}


def days_of(token: Token) -> frozenset[int]:
    """Day types from 0, Monday, to 7, public holidays. Raises `HoursError` for 周一至周末."""
    return _DAYS.get(token.kind) or _weekdays(token.text)


@lru_cache(maxsize=1024)
def _weekdays(text: str) -> frozenset[int]:
    return frozenset(_each(text))


def _each(text: str) -> Iterable[int]:
    last = None
    for found in WEEKDAY.finditer(text):
        until, weekday = found["until"], found["day"]
        numbers = (5, 6) if weekday == "末" else (WEEKDAYS[weekday],)
        if until and (last is None or len(numbers) > 1):
            raise HoursError(Fault.UNREADABLE, text[:20])
        if until and last is not None:
            yield from ((last + n) % 7 for n in range((numbers[0] - last) % 7 + 1))
            last = None
        else:
            yield from numbers
            last = numbers[-1] if len(numbers) == 1 else None
