"""`yizhan holidays import`: the public holidays of a year."""

from collections.abc import Iterator
from pathlib import Path

from bot.commands import imports, revisions
from bot.commands.cards.card_lists import actor
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.services.spreadsheets.tables import Problem
from bot.services.stations import holiday_import
from bot.services.stations.holiday_import import MOST_NAME, HolidayFault, HolidayPlan
from bot.store.engine import Store


async def import_holidays(
    store: Store, path: Path, t: Translator, *, apply: bool, clock: Clock = system_clock
) -> int:
    """All or nothing, a dry run by default; the exit code."""
    table = await imports.read_table(
        path, lambda data: holiday_import.read(data, path.name), holiday_import.MAX_BYTES, t
    )
    if table is None:
        return 2
    plan = holiday_import.plan(table)
    if not plan.days and not plan.problems:
        print(t("The file has no days; nothing to import."))
        return 1
    code = imports.reported(
        _lines(plan, t), plan.problems, t, apply=apply, table=table, columns=holiday_import.COLUMNS
    )
    if code is not None:
        return code
    async with store.writing() as db:
        number = await holiday_import.apply(db, plan, path.name, clock(), actor())
    print(revisions.written(number, "holidays", t))
    return 0


def _lines(plan: HolidayPlan, t: Translator) -> Iterator[str]:
    yield from import_report.findings(plan.problems, plan.warnings, _advice, t)
    off = sum(day.is_off for day in plan.days.values())
    yield t(
        "{years}: {off} days off, {worked} working weekend days",
        years=", ".join(map(str, plan.years)) or "–",
        off=off,
        worked=len(plan.days) - off,
    )


def _advice(problem: Problem, t: Translator) -> str:
    match import_report.fault(HolidayFault, problem):
        case None:
            return import_report.advice(problem, t)
        case HolidayFault.DAY_OFF:
            return t("write 是 for a day off, 否 for a working weekend day")
        case HolidayFault.DAY_TWICE:
            return t("this day is in the file already; remove one")
        case HolidayFault.NAME_LONG:
            return t("longer than {max_length} characters; shorten it", max_length=MOST_NAME)
