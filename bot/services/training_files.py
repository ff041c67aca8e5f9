"""A training list against the database: what it would change, changing it, and writing one.

A file is applied whole or not at all. A session that couriers have registered for is changed
through the same door as by hand, so that everybody in it and in its line is told.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.datum import Datum
from bot.geo.places import Places
from bot.services import training_notices as say
from bot.services.errors import PlanRefused, TrainingsChanged
from bot.services.notices import Plain
from bot.services.session_changes import NewTimes, Sessions
from bot.services.sheets import Problem, Sheet, Table
from bot.services.standings import LIVE, rows_of
from bot.services.training_rows import (
    FIELDS,
    EntryReader,
    Fault,
    TrainingEntry,
    cells_of,
    entry_of,
)
from bot.services.training_vocabulary import COLUMNS, STATUS_NAMES, WRITTEN_ONLY
from bot.services.trainings import new_checkin_code
from bot.store.training_models import RegistrationRow, TrainingRow

TOLD_OF: Final = frozenset({"starts_at", "ends_at", "place", "address", "is_online", "link"})
"""What registered couriers hear of when it changes."""
_SAME_PLACE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, as a file would write it."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A session that the file changes; `told` couriers would hear of it."""

    id: int
    before: TrainingEntry
    after: TrainingEntry
    differences: tuple[Difference, ...]
    told: int


@dataclass(slots=True)
class Plan:
    """What applying a file would do. Any of `problems` forbids it."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    new: list[TrainingEntry] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)


async def plan_import(
    db: AsyncSession,
    table: Table,
    places: Places,
    now: datetime,
    *,
    datum: Datum = Datum.WGS84,
    anywhere: bool = False,
) -> Plan:
    """Compares a file with the sessions. `datum`: of coordinates without a column for it."""
    plan = Plan(list(table.problems), list(table.notices))
    rows = {row.code: row for row in await db.scalars(select(TrainingRow))}
    live = await _live_counts(db)
    reader = EntryReader(places, datum, anywhere=anywhere)
    first: dict[str, str] = {}
    for sheet in table.sheets:
        if lacking := _lacking(sheet, rows.keys()):
            plan.problems += [
                Problem(sheet.name, 0, COLUMNS[name][0], "", "missing_column") for name in lacking
            ]
            continue
        for number, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            for name in WRITTEN_ONLY:
                values.pop(name, None)
            code = values["code"]
            row = rows.get(code)
            entry = reader.read(values, entry_of(row) if row else None)
            faults = entry if isinstance(entry, list) else list(_judge(entry, row, now))
            if code and code in first:
                faults.append(Fault("code", "duplicate_session", {"row": first[code]}))
            first.setdefault(code, str(number))
            plan.problems += [_problem(sheet, number, values, one) for one in faults]
            if not faults and isinstance(entry, TrainingEntry):
                _compare(plan, places, row, entry, live)
    plan.missing = [
        (row.code, row.title)
        for row in rows.values()
        if row.code not in first and row.status == "planned" and row.starts_at > now
    ]
    return plan


async def apply(
    db: AsyncSession, plan: Plan, sessions: Sessions, now: datetime, *, demo: bool = False
) -> int:
    """Carries it out in the caller's transaction; how many couriers are told of a change.

    Raises `PlanRefused`, `TrainingsChanged` when a session is not what it was compared with, and
    `TrainingRefused`.
    """
    if plan.problems:
        raise PlanRefused
    codes = set(await db.scalars(select(TrainingRow.code)))
    if any(one.code in codes for one in plan.new):
        raise TrainingsChanged
    for entry in plan.new:
        await db.execute(
            insert(TrainingRow).values(
                **{name: getattr(entry, name) for name in FIELDS},
                taken=0,
                status="planned",
                sequence=0,
                checkin_code=await free_checkin_code(db),
                is_demo=demo,
                updated_at=now,
            )
        )
    told = 0
    for changed in plan.changed:
        told += await _change(db, changed, sessions, now)
    await db.flush()
    return told


async def free_checkin_code(db: AsyncSession) -> str:
    """Six digits that no session to come uses."""
    while True:
        code = new_checkin_code()
        used = select(TrainingRow.id).where(
            TrainingRow.checkin_code == code, TrainingRow.status == "planned"
        )
        if await db.scalar(used.limit(1)) is None:
            return code


async def export(db: AsyncSession, places: Places) -> list[list[str]]:
    """All sessions as rows of a list that can be imported again, the headings first."""
    waiting = dict(
        (
            await db.execute(
                select(RegistrationRow.training_id, func.count())
                .where(RegistrationRow.status == "waitlist")
                .group_by(RegistrationRow.training_id)
            )
        ).all()
    )
    rows = [[names[0] for names in COLUMNS.values()]]
    every = select(TrainingRow).order_by(TrainingRow.starts_at, TrainingRow.id)
    for row in await db.scalars(every):
        cells = cells_of(entry_of(row), places) | {
            "status": STATUS_NAMES[row.status],
            "taken": str(row.taken),
            "waiting": str(waiting.get(row.id, 0)),
        }
        rows.append([cells[name] for name in COLUMNS])
    return rows


def _lacking(sheet: Sheet, known: Collection[str]) -> list[str]:
    """Columns without which a row means nothing; a list of known sessions needs the code only."""
    if "code" not in sheet.fields:
        return ["code"]
    at = sheet.fields.index("code")
    codes = {cells[at] for _, cells in sheet.rows}
    if codes <= set(known):
        return []
    needed = ("title", "starts_at", "ends_at", "capacity")
    return [name for name in needed if name not in sheet.fields]


def _judge(entry: TrainingEntry, row: TrainingRow | None, now: datetime) -> list[Fault]:
    if row is None:
        return [Fault("starts_at", "in_the_past")] if entry.starts_at <= now else []
    if _same(entry_of(row), entry):
        return []
    if row.status != "planned" or row.starts_at <= now:
        return [Fault("code", "closed_session", {"status": STATUS_NAMES[row.status]})]
    faults = []
    if entry.starts_at <= now:
        faults.append(Fault("starts_at", "in_the_past"))
    if entry.capacity < row.taken:
        faults.append(Fault("capacity", "capacity_taken", {"taken": str(row.taken)}))
    return faults


def _same(one: TrainingEntry, other: TrainingEntry) -> bool:
    return not _differing(one, other)


def _differing(one: TrainingEntry, other: TrainingEntry) -> list[str]:
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
    heading = sheet.headings.get(fault.name, COLUMNS[fault.name][0])
    value = values.get(fault.name, "")
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
    names = _differing(before, entry)
    if not names:
        plan.unchanged += 1
        return
    was, will = cells_of(before, places), cells_of(entry, places)
    cells = ["lng" if name == "lon" else name for name in names]
    differences = tuple(Difference(name, was[name], will[name]) for name in cells)
    told = live.get(row.id, 0) if TOLD_OF.intersection(names) else 0
    plan.changed.append(Changed(row.id, before, entry, differences, told))


async def _live_counts(db: AsyncSession) -> dict[int, int]:
    counted = await db.execute(
        select(RegistrationRow.training_id, func.count())
        .where(RegistrationRow.status.in_(LIVE))
        .group_by(RegistrationRow.training_id)
    )
    return dict(counted.all())


async def _change(db: AsyncSession, changed: Changed, sessions: Sessions, now: datetime) -> int:
    row = await sessions.lock(db, changed.id, now)
    before, after = changed.before, changed.after
    if not _same(entry_of(row), before):
        raise TrainingsChanged
    if after.capacity < before.capacity:
        await sessions.resize(db, row.id, after.capacity, now)
    moved = any(
        getattr(before, name) != getattr(after, name)
        for name in ("starts_at", "ends_at", "place", "address")
    )
    told = 0
    if moved:
        new = NewTimes(after.starts_at, after.ends_at, after.deadline, after.place, after.address)
        told = await sessions.reschedule(db, row.id, new, now)
    for name in FIELDS:
        if name not in {"code", "starts_at", "ends_at", "capacity", "place", "address"}:
            setattr(row, name, getattr(after, name))
    row.updated_at = now
    if not moved:
        if (before.is_online, before.link) != (after.is_online, after.link):
            told = await _tell(db, row, before, now)
        elif (before.title, before.about) != (after.title, after.about):
            row.sequence += 1  # calendars show both
    await db.flush()
    if after.capacity > before.capacity:
        await sessions.resize(db, row.id, after.capacity, now)
    return told


async def _tell(db: AsyncSession, row: TrainingRow, before: TrainingEntry, now: datetime) -> int:
    """Tells everybody that a session went online, or came back, or has another link."""
    old = row.sequence
    row.sequence += 1
    rows = await rows_of(db, row.id, LIVE)
    was: dict[str, Plain] = {"place": before.place}
    for one in rows:
        await say.drop_reminders(db, one, old, now)
        await say.plan_changed(db, one, row, now, was)
        if one.status == "seat":
            await say.plan_reminders(db, one, row, now)
    return len(rows)
