"""Reads and compares an uploaded list of campaigns: by the functions of the command line.

A campaign is public once it is written, and nominations refer to it: no undo, another list changes
it. A list is written as a whole, so any fault forbids writing it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.dataset_version import Dataset, lock_version
from bot.services.honours import importing
from bot.services.honours.importing import PROSE, Entry, league_names, records
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.comparison import Comparison, Hindrances, Situation
from bot.services.list_imports.faulty_cells import Cells
from bot.services.list_imports.mending import mended
from bot.services.list_imports.states import ListChanged, Tab
from bot.services.list_imports.summaries import (
    NOTES,
    JsonRow,
    Summary,
    as_row,
    columns_of,
    effect,
)
from bot.services.operators.revisions import Origin, Record, UndoRefusal, UndoRefused
from bot.services.spreadsheets.tables import Answers, Table

_SHOWN: Final = (
    "leagues",
    "nominate_from",
    "nominate_until",
    "vote_from",
    "vote_until",
    "winners",
    "rules",
)
"""Fields of a new campaign that its row shows."""


def read(
    data: bytes, name: str, answers: ImportAnswers, remembered: Mapping[str, Answers]
) -> Table:
    """The list as a table, with the operator's answers and mended cells. Raises `FileRefused`."""
    table = importing.read(data, name, mapping=answers.columns, remembered=remembered)
    return mended(table, answers.cells, PROSE)


def about(table: Table, today: date) -> Summary:
    """The columns of the list; nothing has to be asked."""
    del today
    return Summary(columns=columns_of(table), open_questions=len(table.questions))


async def compare(
    db: AsyncSession,
    table: Table,
    answers: ImportAnswers,
    summary: Summary,
    situation: Situation,
) -> Comparison:
    """What importing would do; counted in the summary. Reads only."""
    del answers
    leagues = league_names(situation.places)
    plan = await importing.plan(db, table, leagues)
    of_rows = [one for one in plan.problems if one.row]
    summary.new, summary.changed, summary.unchanged = (
        len(plan.new),
        len(plan.changed),
        plan.unchanged,
    )
    summary.blocking = [as_row(one) for one in plan.problems[:NOTES] if not one.row]
    summary.whole_only = bool(of_rows)
    summary.left_rows = len({(one.sheet, one.row) for one in of_rows})
    notes = [*plan.warnings, *table.notes, *table.filled]
    summary.notes = [as_row(one) for one in notes[:NOTES]]
    seen = effect(records(plan))

    async def write(writing: AsyncSession, origin: Origin) -> int | None:
        await lock_version(writing, Dataset.HONOURS)
        again = await importing.plan(writing, table, leagues)
        if again.problems or effect(records(again)) != seen:
            raise ListChanged
        return await importing.apply(writing, again, origin, situation.now)

    rows = {
        Tab.NEW: [_new(one, table) for one in plan.new],
        Tab.CHANGED: [_changed(one, record, table) for one, record in plan.changed],
        Tab.FAULTY: Cells(table, "title").grouped(of_rows),
    }
    return Comparison(rows, seen, (), write)


async def undo(db: AsyncSession, number: int, situation: Situation) -> int:
    """Refused: see above. Raises `UndoRefused`."""
    del db, number, situation
    raise UndoRefused(UndoRefusal.UNKNOWN)


async def hindrances(db: AsyncSession, number: int, now: datetime) -> Hindrances:
    """None that could be named."""
    del db, number, now
    return Hindrances(())


def _new(entry: Entry, table: Table) -> JsonRow:
    values = entry.values()
    fields = [[name, str(values[name])] for name in _SHOWN if values[name]]
    return {
        "row": _row(entry, table), "code": entry.code, "name": entry.title, "fields": fields,
    }  # fmt: skip


def _changed(entry: Entry, record: Record, table: Table) -> JsonRow:
    was, now = record.before or {}, record.after or {}
    fields = [[name, str(was[name]), str(now[name])] for name in now]
    return {
        "row": _row(entry, table), "code": entry.code, "name": entry.title, "fields": fields,
    }  # fmt: skip


def _row(entry: Entry, table: Table) -> int:
    """Where the campaign stands in the file."""
    for sheet in table.sheets:
        if "code" in sheet.fields:
            at = sheet.fields.index("code")
            for number, cells in sheet.rows:
                if cells[at] == entry.code:
                    return number
    return 0
