"""The chat page on a server of its own, with a scripted conversation behind it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from playwright.async_api import BrowserContext, Page

from bot.channels.protocol import Conversation
from bot.channels.web import WebChat
from bot.channels.web.channel import ABILITIES
from bot.common.clock import system_clock
from bot.conversation.degrade import degrade
from bot.conversation.events import ChatOpened, Event, Location, Press, Text
from bot.conversation.phrases import Phrases
from bot.conversation.replies import (
    Answer,
    AskLocation,
    Button,
    Buttons,
    Document,
    Link,
    Pin,
    Reply,
    Say,
    Then,
)
from bot.geo.point import Point
from tests.support.fakes.web import ScriptedTurn

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
PIN = Pin(
    Point(40.8312, 111.708),
    "示例·新城区爱心驿站",
    "迎宾北路 12 号",
    "示例·新城区爱心驿站\n开到 17:00,到了还能歇 38 分钟",
    (Link("导航", "https://example.org/go"), Link("坏", "javascript:alert(1)")),
)
TOWNS = (("四", 39.80, 109.98, 4), ("五", 39.801, 109.981, 5), ("六", 39.78, 110.02, 6))
PLACES = tuple(
    Pin(
        Point(lat, lon),
        f"示例·{name}站",
        "某路 1 号",
        f"{number}. 示例·{name}站",
        mark=str(number),
        more=Button(f"第{number}家怎么进", f"card:{number}"),
    )
    for name, lat, lon, number in TOWNS
)

NUMBERS = (
    "电话：0471-1234567",
    "手机 13812345678，(0471)7654321，400-100-2000",
    "工会热线：12351",
    "急救 120 · 报警 110、119",
    "离你120米，迎宾北路 110 号，开到 12:00，138****1234，2026-11-26",
    "申请编号 DEMO2026001，卡号 620012351000123",
)


def script(event: Event) -> Answer:
    """A short conversation that shows every kind of part."""
    match event.content:
        case ChatOpened(code):
            reply = Reply(
                (
                    Say(f"你好,我是驿站小助手。{code}"),
                    AskLocation("发位置", {}),
                    Buttons(((Button("帮助", "help"),),), "你想做什么?"),
                )
            )
        case Location(point):
            near = Say(f"收到 {point.lat:.2f},{point.lon:.2f}")
            more = Buttons(((Button("有热水", "f:water"), Button("更多", "more")),), "还要什么?")
            reply = Reply((near, PIN, more), Then("stations.more"))
        case Press("erase.do"):
            reply = Reply((Say("已删除:我不再知道你的任何信息。"),), erased=True)
        case Press(action):
            file = Document("课程.ics", "text/calendar", b"BEGIN", Link("课程", "https://e.org/1"))
            reply = Reply((Say(f"按了 {action}"), file))
        case Text("删除我的数据"):
            reply = Reply((Buttons(((Button("确认全部删除", "erase.do"),),), "确定吗?"),))
        case Text("号码"):
            emergency = Say("先打 120。", (Link("打120", "tel:120"),))
            reply = Reply((Say("\n".join(NUMBERS)), emergency))
        case Text("很长"):
            reply = Reply(tuple(Say(f"第{n}段: {'一段话' * 12}") for n in range(1, 13)))
        case Text("打分"):
            scores = tuple((Button(f"{n}分", f"score:{n}", n),) for n in range(30, 0, -1))
            reply = Reply((Buttons((*scores, (Button("不打了", "skip"),)), "打几分?"),))
        case Text("东胜"):
            reply = Reply((Say("听到 东胜"), *PLACES))
        case Text(text):
            reply = Reply((Say(f"听到 {text}"),))
        case _:
            reply = Reply((Say("没看懂"),))
    return degrade(reply, ABILITIES, Phrases("请回复数字", "下略"))


@dataclass
class ChatServer:
    """A web chat on a port that it keeps when it is stopped and started again."""

    turn: ScriptedTurn
    delay: float = 0.0
    """Seconds that each answer takes, as on a slow network."""
    port: int = 0
    stored: Conversation = Conversation.ANSWERED
    """What is said to be stored of every conversation."""
    runner: web.AppRunner | None = None
    chat: WebChat | None = None
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serves, as a new process would: nothing is remembered but what the turn stored."""
        turn = self.turn

        async def answer_late(event: Event) -> Answer:
            await asyncio.sleep(self.delay)
            return await turn(event)

        async def find(_: str, addresses: Collection[str]) -> dict[str, Conversation]:
            return dict.fromkeys(addresses, self.stored)

        chat = self.chat = WebChat(answer_late, system_clock, find_conversations=find)
        app = web.Application()
        app.add_routes(chat.routes())

        async def close(_: web.Application) -> None:
            await chat.close()

        app.on_shutdown.append(close)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)  # as if killed: no turn is awaited
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        """Closes the sockets and the port."""
        if self.runner is not None:
            await self.runner.cleanup()
        self.runner = None

    def watch(self, context: BrowserContext) -> None:
        """Records every request, and what the console complains of."""
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on(
            "page",
            lambda page: page.on("websocket", lambda socket: self.requested.append(socket.url)),
        )

    def _console(self, message: Any) -> None:
        # while the server is stopped, a refused connection is what we test
        if message.type in {"error", "warning"} and "ERR_CONNECTION_REFUSED" not in message.text:
            self.complaints.append(message.text)


Visit = Callable[..., Any]


def contents(server: ChatServer) -> list[Any]:
    return [event.content for event in server.turn.taken]


async def type_and_send(page: Page, text: str) -> None:
    await page.fill("#words", text)
    await page.press("#words", "Enter")
