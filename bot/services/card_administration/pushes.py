"""What the bank pushed, and what card staff should know of the bank's side and of locked cards."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.operators import audit, notes
from bot.services.operators.audit import SubjectKind
from bot.services.operators.notes import Note, NoteKind
from bot.services.operators.roles import Operator, Right
from bot.store.models.administration.card_lists import BankPushRow
from bot.store.models.administration.operators import OperatorNoteRow

PAGE: Final = 50
SAMPLE: Final = "sample"
"""In the counts of a batch of the demo."""
KINDS: Final = (NoteKind.BANK_PUSH, NoteKind.CARD_LOCKED)
"""Notes without any value of a person."""


@value
class BankPush:
    """A batch that was taken; `counts` of records by outcome."""

    id: int
    at: datetime
    records: int
    counts: dict[str, Any]


async def page(db: AsyncSession, operator: Operator, before: int | None) -> list[BankPush]:
    """The newest batches first. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    rows = select(BankPushRow).order_by(BankPushRow.id.desc()).limit(PAGE)
    if before is not None:
        rows = rows.where(BankPushRow.id < before)
    return [BankPush(row.id, row.at, row.records, row.counts) for row in await db.scalars(rows)]


async def open_notes(db: AsyncSession, operator: Operator) -> list[Note]:
    """Refused pushes and locked cards that nobody has marked as dealt with. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    rows = select(OperatorNoteRow).where(
        OperatorNoteRow.done_at.is_(None), OperatorNoteRow.kind.in_(KINDS)
    )
    rows = rows.order_by(OperatorNoteRow.at.desc(), OperatorNoteRow.id.desc()).limit(PAGE)
    return [
        Note(row.id, NoteKind(row.kind), row.at, row.params, "") for row in await db.scalars(rows)
    ]


async def close_note(db: AsyncSession, operator: Operator, number: int, now: datetime) -> bool:
    """Marks one as dealt with; False if it was. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    mine = (OperatorNoteRow.id == number) & OperatorNoteRow.kind.in_(KINDS)
    kind = await db.scalar(select(OperatorNoteRow.kind).where(mine))
    if kind is None or not await notes.close(db, [number], now):
        return False
    await audit.record(
        db, operator.name, "note.done", SubjectKind.NOTE, str(number), now, after={"kind": kind}
    )
    return True
