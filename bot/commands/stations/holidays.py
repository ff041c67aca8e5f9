"""`yizhan holidays import`: a year's days, with the manners of every import."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.commands import import_report, imports
from bot.services.spreadsheets.reader import Problem
from bot.services.stations import holiday_import
from bot.services.stations.holiday_import import HolidayPlan
from bot.store.engine import Store

Say = Callable[..., str]


async def import_holidays(store: Store, path: Path, t: Say, *, apply: bool) -> int:
    """All or nothing, a dry run by default; the exit code."""
    table = await imports.table(
        path, lambda data: holiday_import.read(data, path.name), holiday_import.MAX_BYTES, t
    )
    if table is None:
        return 2
    plan = holiday_import.plan(table)
    if not plan.days and not plan.problems:
        print(t("The file has no days; nothing to import."))
        return 1
    code = imports.settled(_lines(plan, t), plan.problems, t, apply=apply)
    if code is not None:
        return code
    async with store.writing() as db:
        await holiday_import.apply(db, plan, path.name)
    print(t("Written."))
    return 0


def _lines(plan: HolidayPlan, t: Say) -> Iterator[str]:
    for problem in plan.problems:
        yield t("Problem: {line}", line=import_report.line(problem, _advice(problem, t), t))
    for notice in plan.notices:
        yield t("Note: {line}", line=import_report.line(notice, _advice(notice, t), t))
    off = sum(day.is_off for day in plan.days.values())
    yield t(
        "{years}: {off} days off, {worked} working weekend days",
        years=", ".join(map(str, plan.years)) or "–",
        off=off,
        worked=len(plan.days) - off,
    )


def _advice(problem: Problem, t: Say) -> str:
    match problem.code:
        case "day_off":
            return t("write 是 for a day off, 否 for a working weekend day")
        case "day_twice":
            return t("this day is in the file already; remove one")
        case "name_long":
            return t("longer than {max_length} characters; shorten it", max_length=40)
        case _:
            return import_report.advice(problem, t)
