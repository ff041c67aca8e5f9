"""To which of a courier's chats a notice can go, and what becomes of it when it cannot."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.conversation.replies import Abilities
from bot.outbox import repository
from bot.services.notifications.statuses import DeliveryResult, OutboxStatus, Reason
from bot.store.models.conversation import ChatRow

Present = Callable[[], Collection[str]]
"""The addresses that can be reached from this process."""


@value
class DeliveryRouter:
    """The channels that can be written to first. `present`: those whose pages must be open here."""

    abilities: Mapping[str, Abilities]
    present: Mapping[str, Present]

    def window(self, channel: str) -> timedelta | None:
        """How long after a courier's message one may still write first; None: always."""
        return self.abilities[channel].push_window

    def absent(self, channel: str, address: str | None) -> bool:
        """Whether it takes an open page to reach that address, and this process has none."""
        return channel in self.present and address not in self.present[channel]()

    async def reroute(
        self,
        db: AsyncSession,
        notice: tuple[int, OutboxStatus],
        courier: tuple[int, int | None],
        owner: str,
        now: datetime,
        reason: Reason,
    ) -> DeliveryResult:
        """Moves a notice (id and state) from a courier's chat to another one, else holds it.

        The result: rerouted, held, or fenced when the lease was lost.
        """
        other = await self._other(db, courier, now)
        values: dict[str, Any] = (
            {"status": OutboxStatus.HELD, "reason": reason}
            if other is None
            else {
                "status": OutboxStatus.READY,
                "chat_id": other[0],
                "channel": other[1],
                "due_at": now,
            }
        )
        if not await repository.change(db, [notice[0]], owner, notice[1], values):
            return DeliveryResult.FENCED
        return DeliveryResult.HELD if other is None else DeliveryResult.REROUTED

    async def _other(
        self, db: AsyncSession, courier: tuple[int, int | None], now: datetime
    ) -> tuple[int, str] | None:
        chats = await db.execute(
            select(ChatRow.id, ChatRow.channel, ChatRow.external_id, ChatRow.state_at)
            .where(ChatRow.courier_id == courier[0], ChatRow.reachable.is_(True))
            .where(ChatRow.channel.in_(self.abilities), ChatRow.id != (courier[1] or 0))
            .order_by(ChatRow.state_at.desc())
        )
        for chat in chats:
            window = self.window(chat.channel)
            is_open = window is None or now - chat.state_at <= window
            if is_open and not self.absent(chat.channel, chat.external_id):
                return chat.id, chat.channel
        return None
