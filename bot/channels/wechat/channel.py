"""The channel: pushes customer messages within their window and quota, else template messages."""

from collections.abc import Mapping
from dataclasses import replace

import structlog
from prometheus_client import Counter

from bot.channels.protocol import Away, Throttled, Turn, Unreachable
from bot.channels.wechat.abilities import ABILITIES, NAME
from bot.channels.wechat.client import Client
from bot.channels.wechat.quota import PushQuota
from bot.channels.wechat.render import Native, customer, lines_of, render
from bot.channels.wechat.templates import Template
from bot.conversation.replies import Abilities, Answer

log = structlog.get_logger()
SENT = Counter("yizhan_wechat_sent", "Messages sent first", ["way"])


class WeChatChannel:
    """Reaches couriers who follow the account. `open` before use.

    `templates` by kind of notice. With any of them the window no longer decides who can be reached,
    so `abilities.push_window` is None and `deliver` raises `Away` where it ends.
    """

    name = NAME

    def __init__(
        self,
        turn: Turn,
        client: Client,
        quota: PushQuota,
        templates: Mapping[str, Template] | None = None,
    ) -> None:
        self.turn = turn
        self.client = client
        self.quota = quota
        self._templates = templates or {}
        self.abilities: Abilities = (
            replace(ABILITIES, push_window=None) if self._templates else ABILITIES
        )

    async def open(self) -> None:
        """Opens the connection pool; nothing is sent."""
        await self.client.open()

    async def close(self) -> None:
        """Closes the connection pool."""
        await self.client.close()

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        """Sends a customer message, or the template of that kind of notice where none is left.

        Raises a `DeliveryFailed`; of these `Away` means that the courier must write first.
        """
        native = render(answer)
        if native is None:
            return
        try:
            await self._send(to, native)
        except Away:
            template = self._templates.get(kind)
            if template is None:
                raise
            message = template.message(to, lines_of(native))
            await self.client.send_template(message, subscribed=template.api == "subscribe")
            SENT.labels("template").inc()

    async def _send(self, to: str, native: Native) -> None:
        taken = await self.quota.take(to)
        if taken is None:
            raise Away("no customer message is left for now")
        try:
            await self.client.send(customer(native, to))
        except (Throttled, Unreachable):
            await self.quota.give_back(to, taken)
            raise
        except Away:
            await self.quota.close(to)
            raise
        SENT.labels("customer").inc()
