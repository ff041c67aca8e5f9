"""A running Telegram channel, by polling or by webhook, against the fake Bot API."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import Poller, WaitingUpdates
from bot.channels.telegram.webhook import PATH, register, routes
from bot.conversation.events import ChatLeft, ChatOpened, Event, Location, Other, Press, Text
from bot.conversation.replies import Answer, Button, Choices, Document, Link, Say, Venue, Words
from tests.support.fakes.bot_api_oracle import check_calls
from tests.support.fakes.telegram import FakeTelegram
from tests.support.fakes.telegram_calls import Recorded

CHAT = 5501
SECRET = "a-secret_of-the-webhook"
FIRST_PAUSE = 0.002  # seconds; doubles, so that a retry is seen at once
STOP_SECONDS = 0.2  # seconds; what still hangs then is given up
PATIENCE = 0.4  # seconds; enough for one more try where no connection is made
Mode = Literal["polling", "webhook"]


@dataclass(frozen=True)
class Kept:
    """What was left to delivery."""

    event_id: str
    first: int
    after: timedelta
    uncertain: bool


@dataclass
class Later:
    """Takes what the channel leaves to delivery. `knows`: the courier has a chat to send it to."""

    kept: list[Kept] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    knows: bool = True

    async def __call__(
        self,
        channel: str,
        to: str,
        event_id: str,
        *,
        first: int,
        after: timedelta,
        uncertain: bool,
    ) -> bool:
        assert (channel, to) == ("telegram", str(CHAT))
        if self.failures:
            raise self.failures.pop(0)
        if self.knows:
            self.kept.append(Kept(event_id, first, after, uncertain))
        return self.knows


@dataclass
class Echo:
    """A turn that answers an event once and repeats the answer, as the core does."""

    events: list[Event] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None
    running: int = 0
    most_running: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                await self.news.wait()

    async def turn(self, event: Event) -> Answer:
        self.running += 1
        self.news.set()
        self.news = asyncio.Event()
        self.most_running = max(self.running, self.most_running)
        try:
            if self.failures:
                raise self.failures.pop(0)
            if self.gate is not None:
                await self.gate.wait()
            self.events.append(event)
            return self.answers.setdefault(event.id, self.answer(event))
        finally:
            self.running -= 1

    def answer(self, event: Event) -> Answer:
        menu = Choices(((Button("再来", "again:1"),),), numbered=False)
        match event.content:
            case Text(text=text):
                return Answer((Words((Say(f"{len(self.answers)}: {text[:4000]}"),), menu),))
            case Location(point):
                return Answer((Words((Say("最近的"),)), Venue(point, "示例驿站", "新城区", menu)))
            case Press(action):
                return Answer((Words((Say(f"pressed {action}"),)),))
            case ChatOpened(code):
                return Answer((Words((Say(f"你好 {code}"),), ask_location="发送位置"),))
            case Other("bad_location"):
                return Answer((Words((Say("坐标不对"),)),))
            case ChatLeft():
                return Answer(())
            case _:
                file = Document("a.ics", "text/calendar", b"BEGIN", Link("a", "https://x.example"))
                return Answer((file,))


@dataclass
class Setup:
    """A running channel, and the fake at its other end."""

    telegram: FakeTelegram
    channel: TelegramChannel
    echo: Echo
    later: Later
    waiting: WaitingUpdates
    stop: asyncio.Event
    task: asyncio.Task[None]


@asynccontextmanager
async def running(mode: Mode, telegram: FakeTelegram) -> AsyncIterator[Setup]:
    echo, later = Echo(), Later()
    channel = TelegramChannel(
        telegram.token,
        echo.turn,
        api_base=telegram.url,
        deliver_later=later,
        patience=PATIENCE,
    )
    await channel.open()
    stop = asyncio.Event()
    waiting = WaitingUpdates(time.monotonic)
    server = None
    if mode == "polling":
        poller = Poller(
            channel,
            stop,
            poll_seconds=20,
            first_pause=FIRST_PAUSE,
            stop_seconds=STOP_SECONDS,
            waiting=waiting,
        )
        task = asyncio.create_task(poller.run())
    else:
        app = web.Application()
        app.add_routes(routes(channel, SECRET))
        server = TestServer(app)
        await server.start_server()
        url = str(server.make_url(PATH))
        task = asyncio.create_task(register(channel, url, SECRET, stop, FIRST_PAUSE))
        await task
    try:
        yield Setup(telegram, channel, echo, later, waiting, stop, task)
    finally:
        if echo.gate is not None:
            echo.gate.set()
        stop.set()
        await task
        if server is not None:
            await server.close()
        await channel.close()
        assert check_calls(telegram.calls) > 0


def texts(calls: list[Recorded]) -> list[str]:
    """The texts that were sent."""
    return [call.params["text"] for call in calls if call.method == "sendMessage"]
