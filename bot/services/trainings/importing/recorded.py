"""Trainings in revisions: their fields as values of JSON, moments as ISO 8601 in UTC."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, Record, RevisionKind, Value
from bot.services.trainings.importing.plan import Plan
from bot.services.trainings.importing.rows import FIELDS, TrainingEntry, entry_of
from bot.store.models.trainings import TrainingRow

STATUS: Final = "status"
"""Recorded beside the fields of a list: a list cannot cancel a training."""
_MOMENTS: Final = frozenset({"starts_at", "ends_at", "deadline"})


def records(plan: Plan) -> Iterator[Record]:
    """What a plan changes, as a revision keeps it."""
    for entry in plan.new:
        yield Record(entry.code, None, values_of(entry))
    for one in plan.changed:
        yield _change(one.before.code, values_of(one.before), values_of(one.after))


async def recorded(
    db: AsyncSession,
    training_id: int,
    change: Callable[[AsyncSession], Awaitable[int]],
    origin: Origin,
    now: datetime,
) -> int:
    """Makes a change by hand and records what it changed of the training; returns its result."""
    before = await _values(db, training_id)
    result = await change(db)
    await db.flush()
    after = await _values(db, training_id)
    if before != after:
        done = _change(str(after["code"]), before, after)
        await revisions.record(db, RevisionKind.TRAININGS, origin, [done], now)
    return result


def values_of(entry: TrainingEntry) -> dict[str, Value]:
    """All fields of a training."""
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name in FIELDS
        for value in (getattr(entry, name),)
    }


def with_values(entry: TrainingEntry, values: Mapping[str, Value]) -> TrainingEntry:
    """The entry with these fields as they were recorded."""
    return replace(entry, **_read(values))


def from_values(values: Mapping[str, Value]) -> TrainingEntry:
    """A training from all its fields."""
    return TrainingEntry(**_read(values))


def _read(values: Mapping[str, Value]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(str(value)) if name in _MOMENTS and value else value
        for name, value in values.items()
        if name in FIELDS
    }


def _change(code: str, before: dict[str, Value], after: dict[str, Value]) -> Record:
    names = [name for name in before if before[name] != after[name]]
    return Record(
        code, {name: before[name] for name in names}, {name: after[name] for name in names}
    )


async def _values(db: AsyncSession, training_id: int) -> dict[str, Value]:
    found = select(TrainingRow).where(TrainingRow.id == training_id)
    row = (await db.scalars(found.execution_options(populate_existing=True))).one()
    return values_of(entry_of(row)) | {STATUS: row.status}
