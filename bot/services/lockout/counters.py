"""Counters of wrong guesses, kept in the turn's own transaction and so shared by all replicas.

A counter is known by a scope and a key, which is a blind index: a count tells nothing about whom
or what it is of. Several counters may be charged with one guess, each under its own limit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.store.batches import delete_in_batches
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.attempts import AttemptRow
from bot.store.upsert import upsert

RETENTION: Final = timedelta(hours=48)
"""At least the longest window and lock together: older counters lock nobody."""


class Scope(StrEnum):
    """What a counter is of; the values are stored."""

    CHAT = "chat"
    NUMBER = "number"
    NETWORK = "network"
    ALL = "all"


@value
class Limit:
    """`most` wrong guesses within `window` lock for `lock`."""

    most: int
    window: timedelta
    lock: timedelta


@value
class Counter:
    """One row and the limit that holds for it."""

    scope: Scope
    key: bytes
    limit: Limit


def of_subject(
    keys: Keyring, scope: Scope, subject: str, label: str, limit: Limit
) -> tuple[Counter, ...]:
    """A subject's counters, one under each key that exists: a new key gives no new guesses.

    `label` is the sealing label of the blind index; it keeps features of one scope apart.
    """
    return tuple(Counter(scope, key, limit) for key in sorted(keys.indexes(subject, label)))


async def admit(db: AsyncSession, charged: Sequence[Counter], now: datetime) -> set[Counter]:
    """Creates and locks the counters until the transaction ends; returns those that are full.

    Callers that share counters must name them in the same order, or two of them deadlock.
    """
    if not charged:
        return set()
    rows = [{"scope": one.scope, "key": one.key, "count": 0, "began_at": now} for one in charged]
    await db.execute(upsert(db, AttemptRow).values(rows).on_conflict_do_nothing())
    found = select(AttemptRow.scope, AttemptRow.key, AttemptRow.locked_until).where(_any(charged))
    found = found.order_by(AttemptRow.scope.desc(), AttemptRow.key).with_for_update()
    rest = (await db.execute(found)).all()
    full = {(scope, key) for scope, key, until in rest if until is not None and until > now}
    return {one for one in charged if (one.scope, one.key) in full}


async def count_wrong(db: AsyncSession, charged: Sequence[Counter], now: datetime) -> list[Counter]:
    """Counts a wrong guess on counters that `admit` locked; returns those that it made full.

    What is full already counts no further, so that a lock ends at its time.
    """
    by_row = {(one.scope, one.key): one for one in charged}
    columns = (AttemptRow.scope, AttemptRow.key, AttemptRow.began_at, AttemptRow.count)
    found = select(*columns, AttemptRow.locked_until).where(_any(charged))
    made_full = []
    for scope, key, began, before, until in (await db.execute(found)).all():
        if until is not None and until > now:
            continue
        counter = by_row[Scope(scope), key]
        limit = counter.limit
        in_window = began > now - limit.window
        count = before + 1 if in_window else 1
        full = count >= limit.most
        values = {
            "count": 0 if full else count,
            "began_at": began if in_window and not full else now,
            "locked_until": now + limit.lock if full else None,
        }
        await db.execute(update(AttemptRow).where(_any([counter])).values(values))
        if full:
            made_full.append(counter)
    return made_full


async def left(db: AsyncSession, charged: Sequence[Counter], now: datetime) -> int:
    """How many more wrong guesses the fullest of these counters allows; 0 where one is full."""
    by_row = {(one.scope, one.key): one.limit for one in charged}
    columns = (AttemptRow.scope, AttemptRow.key, AttemptRow.began_at, AttemptRow.count)
    found = select(*columns, AttemptRow.locked_until).where(_any(charged))
    rest = [limit.most for limit in by_row.values()]
    for scope, key, began, count, until in (await db.execute(found)).all():
        limit = by_row[Scope(scope), key]
        wrong = count if began > now - limit.window else 0
        rest.append(0 if until is not None and until > now else limit.most - wrong)
    return min(rest)


async def reset(db: AsyncSession, charged: Sequence[Counter]) -> None:
    """Forgets these counts: the guess was right."""
    await db.execute(delete(AttemptRow).where(_any(charged)))


async def forget(store: Store, now: datetime) -> None:
    """Deletes counters that lock nobody any more."""
    old = AttemptRow.began_at < now - RETENTION
    await delete_in_batches(store, AttemptRow, old, AttemptRow.began_at)


def _any(charged: Sequence[Counter]) -> ColumnElement[bool]:
    return tuple_(AttemptRow.scope, AttemptRow.key).in_([(one.scope, one.key) for one in charged])
