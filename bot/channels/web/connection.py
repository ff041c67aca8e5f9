"""An open page, and what is told it when the conversation that it shows was deleted elsewhere."""

import asyncio
import contextlib
from collections.abc import Collection
from typing import Final

import structlog
from aiohttp import web

from bot.channels.protocol import Conversation, FindConversations, Unavailable
from bot.channels.web.frames import render_erased
from bot.common.rate_limit import TokenBucket
from bot.conversation.replies import Answer

FIND_TIMEOUT: Final = 2.0  # seconds that a hello waits for the database
SEND_TIMEOUT: Final = 2.0  # seconds after which pages that take nothing are left alone

log = structlog.get_logger()


class Connection:
    """One open page, and its visitor once it has sent `hello`.

    `bucket` is the connection's own until then, and the visitor's afterwards; `client_bucket` is
    shared by all connections from the same IP address. `conversation`: what was stored when that
    was last looked up; None once the page was answered where nothing was.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        client: str,
        bucket: TokenBucket,
        client_bucket: TokenBucket,
    ) -> None:
        self.socket = socket
        self.client = client
        self.bucket = bucket
        self.client_bucket = client_bucket
        self.address = ""
        self.language = ""
        self.conversation: Conversation | None = None

    def answered(self, answer: Answer) -> None:
        """Takes note of an answer, which is stored unless it reports an error of ours."""
        if answer.erased:
            self.conversation = Conversation.NONE
        elif self.conversation is not Conversation.ANSWERED:
            self.conversation = None

    async def send(self, frame: str) -> None:
        """Sends unless the page is gone, which repeats its message and gets the stored answer."""
        if frame and not self.socket.closed:
            try:
                await self.socket.send_str(frame)
            except ConnectionError:
                log.debug("web.page_left")


class ShownConversations:
    """Compares what pages may show with what is stored: a deletion may come from another chat of
    the courier, from another replica, or from an operator.
    """

    def __init__(self, channel: str, find: FindConversations) -> None:
        self._channel = channel
        self._find = find

    async def greet(self, connection: Connection) -> Conversation | None:
        """What is stored for a page that was away; None if the database does not say it now: then
        `refresh` compares later, and a page that shows nothing ignores what it is told."""
        connection.conversation = Conversation.ANSWERED
        try:
            async with asyncio.timeout(FIND_TIMEOUT):
                found = await self._find(self._channel, (connection.address,))
        except (Unavailable, TimeoutError):
            return None
        connection.conversation = found.get(connection.address)
        return connection.conversation

    async def refresh(self, connections: Collection[Connection]) -> None:
        """Tells the pages whose conversation is no longer stored. Raises `Unavailable`."""
        before = {
            one: one.conversation
            for one in connections
            if one.address and one.conversation in {Conversation.ANSWERED, None}
        }
        if not before:
            return
        found = await self._find(self._channel, {one.address for one in before})
        told = []
        for one, conversation in before.items():
            now = found.get(one.address)
            if (
                now is None or one.conversation is not conversation
            ):  # unknown, or answered meanwhile
                continue
            one.conversation = now
            if conversation is not None and now is not Conversation.ANSWERED:
                told.append(one.send(render_erased(now)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SEND_TIMEOUT):
                await asyncio.gather(*told)
