"""Reads and compares an uploaded list of trainings: by the functions of the command line."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.datum import Datum
from bot.geo.places import Places
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.comparison import Comparison, Hindrances, Situation
from bot.services.list_imports.faulty_cells import Cells
from bot.services.list_imports.mending import mended
from bot.services.list_imports.states import Tab
from bot.services.list_imports.summaries import (
    NOTES,
    JsonRow,
    Summary,
    as_row,
    columns_of,
    effect,
)
from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, RevisionKind
from bot.services.operators.roles import Operator, Right
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.tables import Answers, Problem, Sheet, Table
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.editing.announced import old_values
from bot.services.trainings.importing import undo as undoing
from bot.services.trainings.importing.apply import apply
from bot.services.trainings.importing.columns import COLUMNS, DATUMS, PROSE
from bot.services.trainings.importing.faults import FaultCode
from bot.services.trainings.importing.plan import Changed, Plan, plan_import
from bot.services.trainings.importing.recorded import records, values_of
from bot.services.trainings.importing.rows import TrainingEntry, cells_of
from bot.services.trainings.seating import Seating
from bot.store.models.trainings import TrainingRow

SAMPLES: Final = 3
_SHOWN: Final = (
    "starts_at", "ends_at", "league", "place", "address", "link", "capacity", "deadline",
)  # fmt: skip
"""Fields of a new training that its row shows."""
_PLACING: Final = ("lng", "lat")


def read(
    data: bytes, name: str, answers: ImportAnswers, remembered: Mapping[str, Answers]
) -> Table:
    """The list as a table, with the operator's answers and mended cells. Raises `FileRefused`."""
    table = reader.read(
        data,
        COLUMNS,
        csv_name=name,
        prose=PROSE,
        mapping=answers.columns,
        remembered=remembered,
    )
    return mended(table, answers.cells, PROSE)


def about(table: Table, today: date) -> Summary:
    """The columns of the list, and whether somebody has to say what its coordinates are."""
    del today
    placed = [one for sheet in table.sheets for one in _undetermined(sheet)]
    summary = Summary(
        columns=columns_of(table),
        open_questions=len(table.questions),
        needs_datum=bool(placed),
    )
    if placed:
        summary.proposed_datum = Datum.GCJ02.value
        step = max(1, (len(placed) - 1) // (SAMPLES - 1))
        summary.samples = placed[::step][:SAMPLES]
        summary.dots = [[round(one["lng"], 4), round(one["lat"], 4)] for one in placed[:NOTES]]
    return summary


def _undetermined(sheet: Sheet) -> Iterator[JsonRow]:
    """The rows with coordinates of which neither heading nor row says in which datum they are."""
    said = (sheet.qualifiers.get(name, "").casefold().replace("-", "") for name in _PLACING)
    if any(one in DATUMS for one in said):
        return
    for number, cells in sheet.rows:
        values = dict(zip(sheet.fields, cells, strict=True))
        lng, lat = values.get("lng", ""), values.get("lat", "")
        if not (lng or lat) or values.get("datum"):
            continue
        try:
            x, y = float(lng), float(lat)
        except ValueError:
            continue  # the preview says so
        yield {
            "row": number,
            "name": values.get("title", "") or values.get("code", ""),
            "address": values.get("address", "") or values.get("place", ""),
            "lat": y,
            "lng": x,
            "near": [],
        }


async def compare(
    db: AsyncSession,
    table: Table,
    answers: ImportAnswers,
    summary: Summary,
    situation: Situation,
) -> Comparison:
    """What importing would do within the operator's leagues; counted in the summary. Reads only."""
    places, operator = situation.places, situation.operator
    plan = await plan_import(
        db,
        table,
        places,
        situation.now,
        datum=answers.datum,
        anywhere=answers.anywhere,
        good_rows=True,
    )
    plan = await _within_leagues(db, plan, table, places, operator)
    _count(summary, plan, table)
    administration = TrainingAdministration(Seating(situation.hold))

    async def write(writing: AsyncSession, origin: Origin) -> int | None:
        await apply(writing, plan, administration, situation.now, origin=origin)
        newest = await revisions.latest(writing, RevisionKind.TRAININGS, 1)
        return newest[0].id if plan.new or plan.changed else None

    leagues = sorted({one.league for one in (*plan.new, *(of.after for of in plan.changed))})
    return Comparison(_rows(plan, table, places), effect(records(plan)), tuple(leagues), write)


async def undo(db: AsyncSession, number: int, situation: Situation) -> int:
    """Takes the revision back. Raises `UndoRefused`, `TrainingsChanged`, and `NotAllowed` where a
    training is of another league by now."""
    async for piece in revisions.records_of(db, number):
        codes = [one.code for one in piece]
        mine = select(TrainingRow.league).where(TrainingRow.code.in_(codes)).distinct()
        for league in await db.scalars(mine):
            situation.operator.require(Right.TRAININGS, league)
    administration = TrainingAdministration(Seating(situation.hold))
    name, now = situation.operator.name, situation.now
    return await undoing.undo_revision(db, number, administration, name, now)


async def hindrances(db: AsyncSession, number: int, now: datetime) -> Hindrances:
    """Why the revision is not taken back."""
    found = await undoing.plan_undo(db, number, now)
    return Hindrances(
        tuple(dict.fromkeys(of.code for of in found.conflicts)),
        tuple((code, why.value) for code, why in found.obstacles.items()),
    )


async def _within_leagues(
    db: AsyncSession, plan: Plan, table: Table, places: Places, operator: Operator
) -> Plan:
    """The plan without the rows of other leagues, which are left out and say so.

    A new training that names no league is the operator's, where they have one only.
    """
    if not operator.leagues:
        return plan
    only = next(iter(operator.leagues)) if len(operator.leagues) == 1 else ""
    new = [replace(one, league=one.league or only) for one in plan.new]
    theirs = [one for one in plan.changed if _covers(operator, one)]
    refused = [one for one in new if not operator.covers(one.league)]
    refused += [one.after for one in plan.changed if not _covers(operator, one)]
    names = "、".join(places.by_adcode[one].name for one in sorted(operator.leagues))
    at = _rows_of(table)
    left_out = [_refused(at[one.code], one, places, names) for one in refused]
    mine = select(TrainingRow.code).where(TrainingRow.league.in_(operator.leagues))
    stored = set(await db.scalars(mine))
    return replace(
        plan,
        new=[one for one in new if operator.covers(one.league)],
        changed=theirs,
        left_out=sorted([*plan.left_out, *left_out], key=lambda one: (one.sheet, one.row)),
        missing=[one for one in plan.missing if one[0] in stored],
    )


def _covers(operator: Operator, one: Changed) -> bool:
    return operator.covers(one.before.league) and operator.covers(one.after.league)


def _refused(at: tuple[Sheet, int], entry: TrainingEntry, places: Places, leagues: str) -> Problem:
    sheet, row = at
    place = places.by_adcode.get(entry.league)
    heading = sheet.headings.get("league", COLUMNS["league"][0])
    said = place.name if place else entry.league
    params = MappingProxyType({"leagues": leagues})
    return Problem(sheet.name, row, heading, said, FaultCode.NOT_YOUR_LEAGUE, params)


def _rows_of(table: Table) -> dict[str, tuple[Sheet, int]]:
    """Where each code stands first."""
    found: dict[str, tuple[Sheet, int]] = {}
    for sheet in table.sheets:
        if "code" in sheet.fields:
            at = sheet.fields.index("code")
            for number, cells in sheet.rows:
                found.setdefault(cells[at], (sheet, number))
    return found


def _count(summary: Summary, plan: Plan, table: Table) -> None:
    summary.new, summary.changed = len(plan.new), len(plan.changed)
    summary.unchanged, summary.missing = plan.unchanged, len(plan.missing)
    summary.told = sum(one.notified for one in plan.changed)
    summary.left_rows = len({(one.sheet, one.row) for one in plan.left_out})
    summary.blocking = [as_row(one) for one in plan.problems[:NOTES]]
    notes = [*plan.warnings, *table.notes, *table.filled]
    summary.notes = [as_row(one) for one in notes[:NOTES]]


def _rows(plan: Plan, table: Table, places: Places) -> dict[Tab, list[JsonRow]]:
    at = _rows_of(table)
    return {
        Tab.NEW: [_new(at[one.code][1], one, places) for one in plan.new],
        Tab.CHANGED: [_changed(at[one.after.code][1], one) for one in plan.changed],
        Tab.FAULTY: Cells(table, "title").grouped(plan.left_out),
        Tab.MISSING: [{"code": code, "name": title} for code, title in plan.missing],
    }


def _new(row: int, entry: TrainingEntry, places: Places) -> JsonRow:
    cells = cells_of(entry, places)
    fields = [[name, cells[name]] for name in _SHOWN if cells[name]]
    return {"row": row, "code": entry.code, "name": entry.title, "fields": fields}


def _changed(row: int, one: Changed) -> JsonRow:
    """`notice`: what the notice to couriers is worded from, where some are told."""
    notice: dict[str, Any] | None = None
    if one.notified:
        notice = {"after": values_of(one.after), "old": old_values(one.before, one.after)}
    return {
        "row": row,
        "id": one.id,
        "code": one.after.code,
        "name": one.after.title,
        "fields": [[of.field, of.before, of.after] for of in one.differences],
        "told": one.notified,
        "notice": notice,
    }
