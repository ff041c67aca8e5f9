"""Compares a training list with the database, and exports one.

A file is applied whole or not at all, unless only its good rows are asked for; see
`importing.apply`.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.datum import Datum
from bot.geo.places import Places
from bot.services.spreadsheets.tables import Difference, Problem, Sheet, Table
from bot.services.trainings.catalogue import count_registrations
from bot.services.trainings.importing.columns import (
    COLUMNS,
    DATUMS,
    STATUS_NAMES,
    UNITS,
    WRITTEN_ONLY,
)
from bot.services.trainings.importing.faults import Fault, FaultCode
from bot.services.trainings.importing.rows import (
    FIELDS,
    EntryReader,
    TrainingEntry,
    cells_of,
    entry_of,
)
from bot.services.trainings.statuses import LIVE, RegistrationStatus, TrainingStatus
from bot.store.models.trainings import TrainingRow

NOTIFIED_FIELDS: Final = frozenset(
    {"starts_at", "ends_at", "place", "address", "is_online", "link"}
)
"""Registered couriers are notified when one of these changes."""
_SAME_PLACE: Final = 1e-6


@value
class Changed:
    """A training that the file changes; `notified`: how many couriers would be told."""

    id: int
    before: TrainingEntry
    after: TrainingEntry
    differences: tuple[Difference, ...]
    notified: int


@dataclass(slots=True)
class Plan:
    """What applying a file would do. Any of `problems` forbids it.

    With good rows only, `left_out` says why rows are not among those to be written.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new: list[TrainingEntry] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)


async def plan_import(
    db: AsyncSession,
    table: Table,
    places: Places,
    now: datetime,
    *,
    datum: Datum | None = None,
    anywhere: bool = False,
    good_rows: bool = False,
) -> Plan:
    """Compares a file with the trainings. `datum`: of coordinates whose row and heading name none;
    without it such rows are problems. `good_rows`: rows with problems are left out instead of
    forbidding the whole.
    """
    plan = Plan(list(table.problems), list(table.warnings))
    faulty = _without_faulty_rows(plan, table) if good_rows else frozenset()
    rows = {row.code: row for row in await db.scalars(select(TrainingRow))}
    live = await count_registrations(db, LIVE)
    first: dict[str, str] = {}
    for sheet in table.sheets:
        if missing := _missing_columns(sheet, rows.keys()):
            plan.problems += [
                Problem(sheet.name, 0, COLUMNS[name][0], "", FaultCode.MISSING_COLUMN)
                for name in missing
            ]
            continue
        named, wrong = _heading_datum(sheet, datum)
        plan.problems += wrong
        reader = EntryReader(places, named, anywhere=anywhere)
        for number, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            for name in WRITTEN_ONLY:
                values.pop(name, None)
            code = values["code"]
            row = rows.get(code)
            entry = reader.read(values, entry_of(row) if row else None)
            faults = entry if isinstance(entry, list) else list(check_change(entry, row, now))
            if code and code in first:
                faults.append(Fault("code", FaultCode.DUPLICATE, {"row": first[code]}))
            first.setdefault(code, str(number))
            plan.problems += [_problem(sheet, number, values, fault) for fault in faults]
            sound = not faults and (sheet.name, number) not in faulty
            if sound and isinstance(entry, TrainingEntry):
                _compare(plan, places, row, entry, live)
    if good_rows:
        plan.left_out += [one for one in plan.problems if one.row]
        plan.problems = [one for one in plan.problems if not one.row]
    plan.missing = [
        (row.code, row.title)
        for row in rows.values()
        if row.code not in first and row.status == TrainingStatus.PLANNED and row.starts_at > now
    ]
    return plan


async def export(db: AsyncSession, places: Places) -> list[list[str]]:
    """All trainings as rows of a list that can be imported again, the headings first."""
    waiting = await count_registrations(db, (RegistrationStatus.WAITLIST,))
    rows = [[names[0] for names in COLUMNS.values()]]
    every = select(TrainingRow).order_by(TrainingRow.starts_at, TrainingRow.id)
    for row in await db.scalars(every):
        cells = cells_of(entry_of(row), places) | {
            "status": STATUS_NAMES[TrainingStatus(row.status)],
            "taken": str(row.taken),
            "waiting": str(waiting.get(row.id, 0)),
        }
        rows.append([cells[name] for name in COLUMNS])
    return rows


def _without_faulty_rows(plan: Plan, table: Table) -> frozenset[tuple[str, int]]:
    """Leaves out and tells rows that could not be read; formulas beside rows do not matter."""
    rows = {(sheet.name, row) for sheet in table.sheets for row, _ in sheet.rows}
    plan.left_out = [one for one in table.problems if (one.sheet, one.row) in rows]
    plan.problems = [
        one
        for one in table.problems
        if (one.sheet, one.row) not in rows and not one.code.startswith("formula")
    ]
    return frozenset((one.sheet, one.row) for one in plan.left_out)


def _missing_columns(sheet: Sheet, known: Collection[str]) -> list[str]:
    """The needed columns that a sheet lacks; a list of stored trainings needs the code only."""
    if "code" not in sheet.fields:
        return ["code"]
    at = sheet.fields.index("code")
    codes = {cells[at] for _, cells in sheet.rows}
    if codes <= set(known):
        return []
    needed = ("title", "starts_at", "ends_at", "capacity")
    return [name for name in needed if name not in sheet.fields]


def _heading_datum(sheet: Sheet, datum: Datum | None) -> tuple[Datum | None, list[Problem]]:
    """The datum of the sheet's coordinates: what its headings say in brackets, else `datum`."""
    problems: list[Problem] = []
    for name in ("lng", "lat"):
        written = sheet.qualifiers.get(name, "")
        said = written.casefold().replace("-", "")
        if not said or said in UNITS:
            continue
        found = DATUMS.get(said)
        if found is None or (datum is not None and found is not datum):
            code = FaultCode.DATUM if found is None else FaultCode.DATUM_CONTRADICTED
            problems.append(Problem(sheet.name, 0, sheet.headings[name], written, code))
        datum = datum or found
    return datum, problems


def check_change(entry: TrainingEntry, row: TrainingRow | None, now: datetime) -> list[Fault]:
    """What forbids making the training of `row` (None: a new one) like this."""
    if row is None:
        return [Fault("starts_at", FaultCode.IN_THE_PAST)] if entry.starts_at <= now else []
    if same(entry_of(row), entry):
        return []
    if row.status != TrainingStatus.PLANNED or row.starts_at <= now:
        return [
            Fault("code", FaultCode.CLOSED, {"status": STATUS_NAMES[TrainingStatus(row.status)]})
        ]
    faults = []
    if entry.starts_at <= now:
        faults.append(Fault("starts_at", FaultCode.IN_THE_PAST))
    if entry.capacity < row.taken:
        faults.append(Fault("capacity", FaultCode.CAPACITY_TAKEN, {"taken": str(row.taken)}))
    return faults


def same(one: TrainingEntry, other: TrainingEntry) -> bool:
    """Whether both describe the same training; coordinates to a millionth of a degree."""
    return not differing(one, other)


def differing(one: TrainingEntry, other: TrainingEntry) -> list[str]:
    """The fields in which they differ; coordinates to a millionth of a degree."""
    names = []
    for name in FIELDS:
        before, after = getattr(one, name), getattr(other, name)
        if isinstance(before, float) and isinstance(after, float):
            if abs(before - after) > _SAME_PLACE:
                names.append(name)
        elif before != after:
            names.append(name)
    return names


def _problem(sheet: Sheet, row: int, values: dict[str, str], fault: Fault) -> Problem:
    heading = sheet.headings.get(fault.column, COLUMNS[fault.column][0])
    value = values.get(fault.column, "")
    return Problem(
        sheet.name, row, heading, value, fault.code, MappingProxyType(dict(fault.params))
    )


def _compare(
    plan: Plan,
    places: Places,
    row: TrainingRow | None,
    entry: TrainingEntry,
    live: dict[int, int],
) -> None:
    if row is None:
        plan.new.append(entry)
        return
    before = entry_of(row)
    names = differing(before, entry)
    if not names:
        plan.unchanged += 1
        return
    told = live.get(row.id, 0) if NOTIFIED_FIELDS.intersection(names) else 0
    plan.changed.append(Changed(row.id, before, entry, differences(before, entry, places), told))


def differences(
    before: TrainingEntry, after: TrainingEntry, places: Places
) -> tuple[Difference, ...]:
    """The fields in which they differ, as cells of a list."""
    was, will = cells_of(before, places), cells_of(after, places)
    names = ["lng" if name == "lon" else name for name in differing(before, after)]
    return tuple(Difference(name, was[name], will[name]) for name in names)
