"""Public holidays and the working weekends that make up for them, and which row a date takes.

The State Council announces each year's days in the preceding autumn; nothing can be computed.
"""

import csv
from collections.abc import Mapping
from datetime import date
from enum import Enum, auto
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.common.values import value
from bot.data import DATA
from bot.hours.weekly import DayHours, Hours

BUNDLED: Final = DATA / "holidays.csv"


class Flag(Enum):
    """A reservation that an answer must mention."""

    PHONE_FIRST = auto()
    """A public holiday, of which the station's hours say nothing."""
    YEAR_UNKNOWN = auto()
    """The holidays of that year are not in the table; the ordinary week was taken."""
    CHANGED = auto()
    """A dated change applies in place of the usual hours."""


@value
class Day:
    """A date on which the ordinary week does not apply.

    `is_off` True: public holiday. False: a weekend day that is worked, in place of the working
    day `replaces` where that is known.
    """

    name: str
    is_off: bool
    replaces: date | None = None


@value
class Holidays:
    """Every date announced as off or as worked; the others of a known year are ordinary."""

    days: Mapping[date, Day]

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))

    @classmethod
    def from_csv(cls, path: Path = BUNDLED) -> "Holidays":
        """Columns `date` (ISO), `name`, `is_off` (True or False), and `replaces` (ISO) if known.

        Raises `ValueError` naming the line that is wrong.
        """
        days: dict[date, Day] = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            for row in rows:
                try:
                    day, entry = _entry(row)
                except (KeyError, ValueError, TypeError, AttributeError) as wrong:
                    raise ValueError(f"{path.name}, line {rows.line_num}: {wrong}") from wrong
                if day in days:
                    raise ValueError(f"{path.name}, line {rows.line_num}: {day} comes twice")
                days[day] = entry
        return cls(days)

    def knows(self, year: int) -> bool:
        """Whether that year's announcement is in the table.

        National Day is off in every one; a stray first of January may be last year's.
        """
        national = self.days.get(date(year, 10, 1))
        return national is not None and national.is_off

    def row(self, hours: Hours, day: date) -> DayHours:
        """The intervals that start on a date: the holiday row if off and given, else a weekday's.

        A worked weekend takes the row of the day that it replaces, or Monday's if that is unknown.
        The season of the date counts, and dated closures are taken out.
        """
        row = self._row(hours.on(day), day)
        return hours.less_closures(row, day) if hours.closures else row

    def _row(self, hours: Hours, day: date) -> DayHours:
        entry = self.days.get(day)
        if entry is None:
            return hours.week[day.weekday()]
        if not entry.is_off:
            return hours.week[entry.replaces.weekday() if entry.replaces else 0]
        return hours.week[day.weekday()] if hours.holiday is None else hours.holiday

    def flags(self, hours: Hours, day: date) -> frozenset[Flag]:
        """The reservations under which `row` holds; none if the hours are alike on all days."""
        if hours.closed_on(day):
            return frozenset({Flag.CHANGED})
        hours = hours.on(day)
        if hours.holiday is not None and {*hours.week} == {hours.holiday}:
            return frozenset()
        entry = self.days.get(day)
        if entry is None:
            return frozenset() if self.knows(day.year) else frozenset({Flag.YEAR_UNKNOWN})
        unsaid = entry.is_off and hours.holiday is None
        return frozenset({Flag.PHONE_FIRST}) if unsaid else frozenset()


_TRUTH: Final = {"true": True, "false": False}


def _entry(row: Mapping[str, str]) -> tuple[date, Day]:
    truth = row["is_off"].strip().lower()
    if truth not in _TRUTH:
        raise ValueError(f"is_off is True or False, not {truth!r}")
    replaces = (row.get("replaces") or "").strip()
    return date.fromisoformat(row["date"].strip()), Day(
        name=row["name"].strip(),
        is_off=_TRUTH[truth],
        replaces=date.fromisoformat(replaces) if replaces else None,
    )
