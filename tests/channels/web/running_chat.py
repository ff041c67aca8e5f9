"""A web chat that listens, over a scripted turn, and what its frames say."""

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.web import WebChat
from bot.common.clock import Clock
from bot.conversation.events import Event
from bot.conversation.replies import Answer, Say, Words
from tests.support.fakes.web import ScriptedTurn


def echo(event: Event) -> Answer:
    """Says which of the courier's acts it answers."""
    return words(repr(event.content))


def words(text: str) -> Answer:
    return Answer((Words((Say(text),)),))


def text_of(frame: dict[str, Any]) -> str:
    text: str = frame["messages"][0]["paragraphs"][0]["text"]
    return text


class RunningChat:
    """A web chat that listens, with the scripted turn behind it and a clock for its bucket."""

    def __init__(self, clock: Clock, turn: ScriptedTurn | None = None, **options: Any) -> None:
        self.seconds = 0.0
        self.turn = turn or ScriptedTurn(echo)
        self.chat = WebChat(self.turn, clock, monotonic=lambda: self.seconds, **options)
        app = web.Application()
        app.add_routes(self.chat.routes())
        app.on_shutdown.append(self._close)
        self.server = TestServer(app)

    async def _close(self, _: web.Application) -> None:
        await self.chat.close()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    async def opened(self) -> "RunningChat":
        await self.server.start_server()
        return self
