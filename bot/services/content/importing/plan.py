"""Compares content files with the database, and applies what differs: all or nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.content.importing.entries import FIELDS, Entry
from bot.services.content.pictures import Picture
from bot.services.dataset_version import Dataset, lock_version, raise_version
from bot.services.errors import DomainError
from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, Record, RevisionKind, Value
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.spreadsheets.tables import Difference, Problem
from bot.store.models.content import ContentPictureRow, ContentRow
from bot.store.upsert import upsert


class ContentChanged(DomainError):
    """Somebody changed the content since it was compared."""


@value
class Changed:
    """A piece of content that the files change."""

    before: Entry
    after: Entry

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Each field that differs."""
        both = ((name, getattr(self.before, name), getattr(self.after, name)) for name in FIELDS)
        return tuple(
            Difference(name, _written(was), _written(now)) for name, was, now in both if was != now
        )


@dataclass(slots=True)
class Plan:
    """What applying the files would do. Any of `problems` forbids it.

    `missing`: code and title of what is stored and not in the files; it stays.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    new: list[Entry] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


async def stored_pictures(db: AsyncSession) -> frozenset[str]:
    """The names of all stored pictures."""
    return frozenset(await db.scalars(select(ContentPictureRow.name)))


async def compare(
    db: AsyncSession,
    entries: Sequence[Entry],
    pictures: Iterable[Picture],
    problems: Iterable[Problem] = (),
    warnings: Iterable[Problem] = (),
) -> Plan:
    """Compares entries with the database. Reads only."""
    plan = Plan(list(problems), list(warnings), pictures=list(pictures))
    stored = await stored_entries(db)
    for entry in entries:
        before = stored.get(entry.code)
        if before is None:
            plan.new.append(entry)
        elif before == entry:
            plan.unchanged += 1
        else:
            plan.changed.append(Changed(before, entry))
    named = {entry.code for entry in entries}
    plan.missing = [(code, one.title) for code, one in stored.items() if code not in named]
    return plan


async def apply(db: AsyncSession, plan: Plan, origin: Origin | None, now: datetime) -> int | None:
    """Writes it in the caller's transaction; the number of its revision, None where nothing
    differs.

    `origin` None: it is not recorded. Raises `PlanRefused`, and `ContentChanged` where the content
    is not as it was compared.
    """
    if plan.problems:
        raise PlanRefused
    if not (plan.new or plan.changed):
        return None
    await lock_version(db, Dataset.CONTENT)
    stored = await stored_entries(db)
    if any(entry.code in stored for entry in plan.new):
        raise ContentChanged
    if any(stored.get(one.before.code) != one.before for one in plan.changed):
        raise ContentChanged
    for picture in plan.pictures:
        row = upsert(db, ContentPictureRow).values(
            name=picture.name, media_type=picture.media_type, data=picture.data, added_at=now
        )
        await db.execute(row.on_conflict_do_nothing())
    await write(db, [*plan.new, *(one.after for one in plan.changed)], now)
    version = await raise_version(db, Dataset.CONTENT)
    if origin is None:
        return None
    return await revisions.record(
        db, RevisionKind.CONTENT, origin, _records(plan), now, version=version
    )


async def write(db: AsyncSession, entries: Iterable[Entry], now: datetime) -> None:
    """Adds each entry, or replaces the one with its code."""
    for entry in entries:
        values = {name: getattr(entry, name) for name in FIELDS} | {"updated_at": now}
        changed = update(ContentRow).where(ContentRow.code == entry.code).values(values)
        found: Any = await db.execute(changed)
        if not found.rowcount:
            await db.execute(insert(ContentRow).values(values))


async def stored_entries(db: AsyncSession) -> dict[str, Entry]:
    """All content by code."""
    rows = select(*(getattr(ContentRow, name) for name in FIELDS)).order_by(ContentRow.code)
    return {row.code: Entry(*row) for row in await db.execute(rows)}


def values_of(entry: Entry) -> dict[str, Value]:
    """All fields as a revision keeps them; dates in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name in FIELDS
        for value in (getattr(entry, name),)
    }


def _records(plan: Plan) -> Iterator[Record]:
    for entry in plan.new:
        yield Record(entry.code, None, values_of(entry))
    for one in plan.changed:
        was, now = values_of(one.before), values_of(one.after)
        names = [name for name in FIELDS if was[name] != now[name]]
        yield Record(
            one.after.code, {name: was[name] for name in names}, {name: now[name] for name in names}
        )


def _written(value: Value | date) -> str:
    if isinstance(value, bool):
        return "是" if value else ""
    return "" if value is None or value == 0 else str(value)
