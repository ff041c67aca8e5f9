"""Reads and plans an uploaded station list: by the same functions as the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.datum import Datum
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.comparison import Comparison, Hindrances, Situation
from bot.services.list_imports.league_scope import leagues_of, within_leagues
from bot.services.list_imports.mending import mended
from bot.services.list_imports.station_previews import count, rows
from bot.services.list_imports.summaries import Summary, columns_of, effect
from bot.services.operators.revisions import Origin
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.tables import Answers, Sheet, Table
from bot.services.stations.editing.edits import keepers
from bot.services.stations.editing.undo import plan_undo, undo_revision
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.columns import LIST_COLUMNS, PERSONAL, PROSE
from bot.services.stations.importing.distances import distance
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import plan_import
from bot.services.stations.importing.reading.composite import datum_of
from bot.services.stations.importing.recorded import records
from bot.services.stations.importing.shapes import SHAPES
from bot.services.stations.importing.terms import Terms
from bot.services.stations.importing.validate import check

SAMPLES: Final = 3
_TRIED: Final = 400
"""Rows of a sheet that are looked at for samples."""
DOTS: Final = 150
_NEAR: Final = 3_000.0
"""Metres within which another station is a neighbour."""
PLACING: Final = ("lng", "lat", "lnglat")


def read(
    data: bytes, name: str, answers: ImportAnswers, remembered: Mapping[str, Answers]
) -> Table:
    """The list as a table, with the operator's answers and mended cells. Raises `FileRefused`."""
    table = reader.read(
        data,
        LIST_COLUMNS,
        csv_name=name,
        personal=PERSONAL,
        prose=PROSE,
        shapes=SHAPES,
        mapping=answers.columns,
        remembered=remembered,
    )
    return mended(table, answers.cells, PROSE)


async def compare(
    db: AsyncSession,
    table: Table,
    answers: ImportAnswers,
    summary: Summary,
    situation: Situation,
) -> Comparison:
    """What importing would do within the operator's leagues; counted in the summary. Reads only."""
    datum, today = answers.datum or Datum.GCJ02, situation.today
    found = await plan_import(db, table, datum, today, terms=answers.terms)
    plan = await within_leagues(db, found, situation.places, situation.operator)
    count(summary, plan, table, await keepers(db, plan.changed), today)

    async def write(writing: AsyncSession, origin: Origin) -> int | None:
        now = situation.now
        return await apply(writing, plan, now, allow_moves=True, allow_removals=True, origin=origin)

    leagues = tuple(leagues_of(situation.places, plan))
    return Comparison(rows(plan, table), effect(records(plan)), leagues, write)


async def undo(db: AsyncSession, number: int, situation: Situation) -> int:
    """Takes the revision back; the number of the revision that this is. Raises `UndoRefused`."""
    return await undo_revision(db, number, situation.operator.name, situation.now)


async def hindrances(db: AsyncSession, number: int, now: datetime) -> Hindrances:
    """Why the revision is not taken back."""
    found = await plan_undo(db, number, now)
    return Hindrances(tuple(dict.fromkeys(of.code for of in found.conflicts)))


def about(table: Table, today: date) -> Summary:
    """The columns of the list, and what has to be asked before it can be planned."""
    summary = Summary(
        columns=columns_of(table),
        open_questions=len(table.questions),
        needs_datum=any(map(_needs_datum, table.sheets)),
    )
    if summary.needs_datum:
        summary.proposed_datum = _proposed(table)
        _sample(summary, table, today)
    return summary


def _needs_datum(sheet: Sheet) -> bool:
    """Whether the sheet has coordinates and does not say in each row in which datum they are."""
    if not any(name in sheet.fields for name in PLACING):
        return False
    if "datum" not in sheet.fields:
        return True
    at = sheet.fields.index("datum")
    return not all(cells[at] for _, cells in sheet.rows)


def _proposed(table: Table) -> str:
    """The datum that a heading names, else that of Amap and Tencent, which most lists have."""
    said = (datum_of(sheet.qualifiers.get(name, "")) for sheet in table.sheets for name in PLACING)
    return next((one for one in said if one is not None), Datum.GCJ02).value


def _sample(summary: Summary, table: Table, today: date) -> None:
    """Stations far apart in the list, by which an operator recognises where the pins are."""
    first = tuple(replace(sheet, rows=sheet.rows[:_TRIED]) for sheet in table.sheets)
    terms = Terms(anywhere=True, good_rows=True)
    checked = check(replace(table, sheets=first), Datum(summary.proposed_datum), today, terms=terms)
    listed = [one for one in checked.listed if one.is_placed]
    step = max(1, (len(listed) - 1) // (SAMPLES - 1)) if len(listed) > 1 else 1
    for one in listed[::step][:SAMPLES]:
        summary.samples.append(
            {
                "row": one.row,
                "name": one.entry.name,
                "address": one.entry.address,
                "lat": one.entry.lat,
                "lng": one.entry.lng,
                "near": _near(one, listed),
            }
        )
    every = max(1, len(listed) // DOTS)
    summary.dots = [[round(one.point.lon, 4), round(one.point.lat, 4)] for one in listed[::every]]


def _near(one: Listed, listed: Sequence[Listed]) -> list[list[Any]]:
    """The nearest other stations of the list: name and metres."""
    others = (
        (distance(one.point, other.point), other.entry.name)
        for other in listed
        if other is not one and distance(one.point, other.point) < _NEAR
    )
    return [[name, round(metres)] for metres, name in sorted(others)[:2]]
