"""Notes to operators, written in the transaction that found the reason for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.store.encryption import Keyring
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.upsert import upsert

DETAIL: Final = "operator_note.detail"
Plain = str | int | bool | None


class NoteKind(StrEnum):
    """What a note is about; the values are stored."""

    CARD_LOCKED = "card.locked"
    CARD_LABEL = "card.label"
    BANK_PUSH = "bank.push"
    PRE_APPLICATION = "card.request"
    APPOINTMENT = "appointment.new"
    STATION_PROBLEM = "station.problem"
    STATION_CHECK = "station.check"
    """Couriers who do not know each other found the same wrong."""


async def write(
    db: AsyncSession,
    keys: Keyring,
    kind: NoteKind,
    dedupe_key: str,
    params: Mapping[str, Plain],
    now: datetime,
    detail: str = "",
) -> bool:
    """Leaves a note once; False if it is there already.

    `params` are ids and plain facts; what may be personal goes into `detail`, which is sealed.
    """
    row = upsert(db, OperatorNoteRow).values(
        kind=kind,
        dedupe_key=dedupe_key,
        params=dict(params),
        detail=keys.seal(detail, DETAIL) if detail else None,
        at=now,
    )
    fresh = row.on_conflict_do_nothing().returning(OperatorNoteRow.id)
    return (await db.execute(fresh)).scalar_one_or_none() is not None


@value
class Note:
    """A note that waits for an operator."""

    id: int
    kind: NoteKind
    at: datetime
    params: Mapping[str, Plain]
    detail: str


async def waiting(db: AsyncSession, keys: Keyring, actor: str, now: datetime) -> list[Note]:
    """All open notes, oldest first; each detail that is opened is entered in the access log."""
    found = select(OperatorNoteRow).where(OperatorNoteRow.done_at.is_(None))
    rows = list(await db.scalars(found.order_by(OperatorNoteRow.at, OperatorNoteRow.id)))
    seen = [(DETAIL, row.id) for row in rows if row.detail]
    await access_log.record(db, keys, actor, AccessAction.READ, seen, "notes", now)
    return [
        Note(
            row.id,
            NoteKind(row.kind),
            row.at,
            row.params,
            keys.open(row.detail, DETAIL) if row.detail else "",
        )
        for row in rows
    ]


async def close(db: AsyncSession, ids: Sequence[int], now: datetime) -> int:
    """Marks notes as done; returns how many of them were open."""
    mine = OperatorNoteRow.id.in_(ids) & OperatorNoteRow.done_at.is_(None)
    done = update(OperatorNoteRow).where(mine).values(done_at=now).returning(OperatorNoteRow.id)
    return len((await db.scalars(done)).all())


async def close_marked(db: AsyncSession, dedupe_keys: Sequence[str], now: datetime) -> None:
    """Marks the open notes with these keys as done: their reason is gone."""
    if dedupe_keys:
        mine = OperatorNoteRow.dedupe_key.in_(dedupe_keys) & OperatorNoteRow.done_at.is_(None)
        await db.execute(update(OperatorNoteRow).where(mine).values(done_at=now))
