"""The chat in which an operator tries out a message: linked once by a courier's linking code."""

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.broadcasts.administration import look
from bot.services.couriers.account_linking import courier_of_code
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.notifications.statuses import OutboxStatus, Priority
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.store.encryption import Keyring
from bot.store.models.accounts import OperatorChatRow
from bot.store.models.notifications import OutboxRow
from bot.store.upsert import upsert

KEPT: Final = timedelta(minutes=30)
"""A test that was not delivered by then is dropped."""


async def link(
    db: AsyncSession, keys: Keyring, operator: Operator, code: str, now: datetime
) -> None:
    """Remembers whose linking code this is. Raises `LinkRefused`, `NotAllowed`."""
    operator.require(Right.MESSAGES)
    courier_id = await courier_of_code(db, keys, operator.name, code, now)
    values = {"courier_id": courier_id, "at": now}
    row = upsert(db, OperatorChatRow).values(account_id=operator.id, **values)
    key = [OperatorChatRow.account_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_=values))
    await _record(db, operator, "account.chat", now)


async def unlink(db: AsyncSession, operator: Operator, now: datetime) -> None:
    """Forgets it."""
    mine = OperatorChatRow.account_id == operator.id
    await db.execute(delete(OperatorChatRow).where(mine))
    await _record(db, operator, "account.chat_off", now)


async def is_linked(db: AsyncSession, operator: Operator) -> bool:
    """Whether this operator linked a chat that is still there."""
    return await db.get(OperatorChatRow, operator.id) is not None


async def send_test(
    db: AsyncSession, operator: Operator, broadcast_id: int, now: datetime
) -> str | None:
    """The message in their own chat at once, as couriers read it; the channel that it goes to.

    "" where it is shown with their next message; None without a linked chat. Raises
    `BroadcastRefused` (gone), `NotAllowed`.
    """
    await look(db, operator, broadcast_id)
    courier_id = await db.scalar(
        select(OperatorChatRow.courier_id).where(OperatorChatRow.account_id == operator.id)
    )
    if courier_id is None:
        return None
    key = f"broadcast-test:{broadcast_id}:{uuid4().hex}"
    notice = Notice(
        NoticeKind.BROADCAST,
        courier_id,
        {"broadcast": broadcast_id},
        Topic.SERVICE,
        key,
        now,
        now + KEPT,
        Priority.INTERACTIVE,
    )
    await enqueue(db, notice, now)
    found = select(OutboxRow.channel, OutboxRow.status).where(OutboxRow.dedupe_key == key)
    channel, status = (await db.execute(found)).one()
    return "" if status == OutboxStatus.HELD else str(channel)


async def _record(db: AsyncSession, operator: Operator, action: str, now: datetime) -> None:
    await audit.record(db, operator.name, action, SubjectKind.ACCOUNT, operator.name, now)
