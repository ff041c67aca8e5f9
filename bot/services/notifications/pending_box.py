"""The 待看箱: held notices, read with the courier's next message, pushed again, or ended."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.notifications.changes import Plain
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.store.literals import in_sql
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow

SHOWN_AT_ONCE = 3
DATABASE_ERRORS = (SQLAlchemyError, OSError)
"""What is raised when the database cannot be asked: no notice is to blame for it."""


@value
class Held:
    """A notice that waits for the courier's next message."""

    id: int
    kind: str
    params: Mapping[str, Plain]


async def held(db: AsyncSession, courier_id: int, now: datetime) -> list[Held]:
    """The newest that wait and are due; what is past its time is put away unseen.

    An answer that the delivery worker has not sent yet is one of them, and locked: the worker skips
    what this turn shows, and this turn what the worker has just taken.
    """
    waiting = (OutboxRow.courier_id == courier_id) & (OutboxRow.status == in_sql(OutboxStatus.HELD))
    late = update(OutboxRow).where(waiting, OutboxRow.not_after < now)
    await db.execute(late.values(status=OutboxStatus.EXPIRED, done_at=now))
    rows = await db.execute(
        select(OutboxRow.id, OutboxRow.kind, OutboxRow.params)
        .where(or_(and_(waiting, OutboxRow.due_at <= now), unsent_answer(courier_id)))
        .order_by(OutboxRow.due_at.desc(), OutboxRow.id.desc())
        .limit(SHOWN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return [Held(row.id, row.kind, row.params) for row in rows]


async def push_held(db: AsyncSession, courier_id: int, chat_id: int, now: datetime) -> None:
    """What is held and not due yet goes to this chat again, if its channel can be written to first.

    To be called when the courier writes there: what was planned while they had blocked the bot had
    no chat to go to. What a paused broadcast has put off stays where it is.
    """
    chat = await db.get(ChatRow, chat_id)
    if chat is None or not chat.pushable:
        return
    held_until_later = update(OutboxRow).where(
        OutboxRow.courier_id == courier_id,
        OutboxRow.status == in_sql(OutboxStatus.HELD),
        OutboxRow.due_at > now,
        OutboxRow.due_at <= OutboxRow.not_after,
    )
    ready = {"status": OutboxStatus.READY, "chat_id": chat.id, "channel": chat.channel}
    await db.execute(held_until_later.values(**ready, reason=Reason.NONE))


def unsent_answer(courier_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Whether it is an answer to that courier which waits for the delivery worker."""
    return and_(
        OutboxRow.courier_id == courier_id,
        OutboxRow.status == in_sql(OutboxStatus.READY),
        OutboxRow.kind == NoticeKind.LATE_ANSWER,
    )


async def mark_shown(db: AsyncSession, ids: list[int], now: datetime) -> None:
    """Ends held notices as shown: they were part of the answer of this turn."""
    shown = update(OutboxRow).where(OutboxRow.id.in_(ids))
    await db.execute(shown.values(status=OutboxStatus.SHOWN, done_at=now))


async def mark_dead(db: AsyncSession, notice_id: int, now: datetime) -> None:
    """Ends a held notice that cannot be rendered, so that it is not tried with every answer."""
    over = update(OutboxRow).where(OutboxRow.id == notice_id)
    await db.execute(over.values(status=OutboxStatus.DEAD, reason=Reason.UNWORDED, done_at=now))
