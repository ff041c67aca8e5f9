"""A year's public holidays and working weekends, from a csv or xlsx list."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, extract, insert, or_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.hours.calendar import Day
from bot.services.dataset_version import Dataset, raise_version
from bot.services.operators.revisions import Origin, RevisionAction
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem, Table
from bot.services.stations.editing.holidays import record_days, stored_days
from bot.store.models.stations import HolidayRow

MAX_BYTES: Final = 1_000_000
MOST_NAME: Final = 40
COLUMNS: Final[reader.Columns] = {
    "day": ("日期", "放假日期", "date", "day"),
    "name": ("名称", "节日", "节假日", "假期", "name"),
    "is_off": ("是否放假", "放假", "休息", "is_off"),
    "replaces": ("补哪天", "补班对应日期", "调休", "replaces"),
    "source": ("来源", "source"),
}
_OFF: Final = MappingProxyType(
    dict.fromkeys(("是", "放假", "休", "休息", "true", "yes", "y", "1"), True)
    | dict.fromkeys(("否", "上班", "班", "补班", "调班", "false", "no", "n", "0"), False)
)
_DATE: Final = LazyPattern(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 00:00)?")


class HolidayFault(StrEnum):
    """What can be wrong with a row, beside the faults of any table."""

    DAY_OFF = "day_off"
    DAY_TWICE = "day_twice"
    NAME_LONG = "name_long"


@value
class HolidayPlan:
    """The days of a file; `problems` forbid taking them, `warnings` do not."""

    days: Mapping[date, Day]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def years(self) -> list[int]:
        """Every year that has a day in the file."""
        return sorted({day.year for day in self.days})


def read(data: bytes, name: str) -> Table:
    """The table in the file. Raises `FileRefused`."""
    return reader.read(data, COLUMNS, csv_name=name, max_bytes=MAX_BYTES)


def plan(table: Table) -> HolidayPlan:
    """Each row as a day, or what is wrong with it."""
    days: dict[date, Day] = {}
    problems = list(table.problems)
    for sheet in table.sheets:
        lacking = [one for one in ("day", "is_off") if one not in sheet.fields]
        if lacking:
            problems += [
                Problem(sheet.name, 0, COLUMNS[one][0], "", TableFault.MISSING_COLUMN)
                for one in lacking
            ]
            continue
        for row, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            faults = dict(_faults(values, days))
            problems += [
                Problem(sheet.name, row, sheet.headings[column], values[column], code)
                for column, code in faults.items()
            ]
            day = _date(values["day"])
            if not faults and day is not None:
                replaces = _date(values.get("replaces", ""))
                days[day] = Day(values.get("name", ""), _OFF[values["is_off"].casefold()], replaces)
    return HolidayPlan(MappingProxyType(days), tuple(problems), table.warnings)


async def apply(
    db: AsyncSession, plan: HolidayPlan, source: str, now: datetime, actor: str = ""
) -> int | None:
    """Takes the days in; a year that is there with its National Day is replaced as a whole.

    Returns the number of the revision, None where every day is there already as it is.
    """
    version = await raise_version(db, Dataset.STATIONS)
    before = await stored_days(db)
    whole = [year for year in plan.years if date(year, 10, 1) in plan.days]
    old = or_(extract("year", HolidayRow.day).in_(whole), HolidayRow.day.in_(list(plan.days)))
    await db.execute(delete(HolidayRow).where(old))
    rows = [
        {"day": day, "name": one.name, "is_off": one.is_off, "replaces": one.replaces,
         "source": source[:200]}
        for day, one in plan.days.items()
    ]  # fmt: skip
    await db.execute(insert(HolidayRow), rows)
    origin = Origin(actor, RevisionAction.IMPORT, source)
    return await record_days(db, before, origin, now, version)


def _faults(
    values: Mapping[str, str], days: Mapping[date, Day]
) -> list[tuple[str, TableFault | HolidayFault]]:
    """Column and code of each fault of a row."""
    found: list[tuple[str, TableFault | HolidayFault]] = []
    day = _date(values["day"])
    if day is None:
        found.append(("day", TableFault.DATE if values["day"] else TableFault.REQUIRED))
    elif day in days:
        found.append(("day", HolidayFault.DAY_TWICE))
    if values["is_off"].casefold() not in _OFF:
        found.append(("is_off", HolidayFault.DAY_OFF))
    if values.get("replaces") and _date(values["replaces"]) is None:
        found.append(("replaces", TableFault.DATE))
    if len(values.get("name", "")) > MOST_NAME:
        found.append(("name", HolidayFault.NAME_LONG))
    return found


def _date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
