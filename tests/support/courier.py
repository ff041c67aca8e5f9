"""Drives the service as a courier does: one `Line` is one courier's chat on one channel.

A test knows no channel: `picks` presses a real button where there is one and types the number
where there is not. A `Deployment` is two replicas over one database, which answer by turns.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count, cycle
from typing import Any, Protocol, Self
from uuid import uuid4

from aiohttp import web

from bot.app.bootstrap import App, build
from bot.channels.telegram import webhook
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.terminal.channel import parse as parse_line
from bot.channels.terminal.render import Style, render
from bot.common.clock import Clock
from bot.config.settings import Settings, read_settings
from tests.support.fakes import bot_api_oracle, wechat, wechat_api
from tests.support.fakes.telegram import TOKEN, FakeTelegram
from tests.support.fakes.web import WebLine
from tests.support.fakes.wechat import FakeWeChat
from tests.support.screens import Screen, screen_of_calls, screen_of_page

UNWRAPPED = Style(width=10_000)  # tests look for words, wherever a terminal would break the line
FIRST_CHAT = 7000
FIRST_OPENID = "oFake0000-_openid"
WEBHOOK_SECRET = "story-secret"
WEBHOOK_URL = "https://bot.example.org/telegram/webhook"


class Line(Protocol):
    """One courier's chat on one channel."""

    async def says(self, text: str) -> Screen: ...
    async def shares(self, lat: float, lon: float) -> Screen: ...
    async def picks(self, label: str) -> Screen: ...
    async def arrives(self, code: str = "") -> Screen: ...
    async def leaves(self) -> None: ...


class Deployment:
    """Two replicas over one database, listening, and the fake platforms they call.

    `settings`: environment variables besides those that name the fakes.
    """

    def __init__(self, settings: dict[str, str], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._stack = AsyncExitStack()
        self.replicas: list[App] = []
        self.addresses: list[str] = []
        self.telegram = FakeTelegram(clock=clock)
        self.wechat = FakeWeChat(clock)

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.telegram)
        await self._stack.enter_async_context(self.wechat)
        settings = read_settings(
            {
                "YIZHAN_TELEGRAM_TOKEN": TOKEN,
                "YIZHAN_TELEGRAM_API_BASE": self.telegram.url,
                "YIZHAN_TELEGRAM_WEBHOOK_URL": WEBHOOK_URL,
                "YIZHAN_TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
                "YIZHAN_WECHAT_APP_ID": wechat_api.APP_ID,
                "YIZHAN_WECHAT_APP_SECRET": wechat_api.SECRET,
                "YIZHAN_WECHAT_TOKEN": wechat.TOKEN,
                "YIZHAN_WECHAT_AES_KEY": wechat.AES_KEY,
                "YIZHAN_WECHAT_API_BASE": self.wechat.url,
                "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
                **self._settings,
            }
        )
        for _ in range(2):
            self.replicas.append(await self._start(settings))
        channel = self.replicas[0].channels["telegram"].channel
        assert isinstance(channel, TelegramChannel)
        await webhook.register(channel, WEBHOOK_URL, WEBHOOK_SECRET, asyncio.Event())
        self.telegram.balance(*(f"{one}/telegram/webhook" for one in self.addresses))
        self.wechat.balance(*(f"{one}/wechat" for one in self.addresses))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        bot_api_oracle.check_calls(self.telegram.calls)

    async def deliver(self) -> int:
        """One round of each replica's delivery worker; how many notices were handled."""
        return sum([await app.outbox.run_once() for app in self.replicas])

    def texts_sent(self) -> list[str]:
        """What the first courier got on Telegram, answers too, and pushed on WeChat."""
        telegram = [one.get("text", "") for one in self.telegram.messages[FIRST_CHAT]]
        shown = self.wechat.shown[FIRST_OPENID]
        return telegram + [f"{one.title}\n{one.words}".strip() for one in shown if one.sent_first]

    async def refresh(self) -> None:
        """Loads the current stations in each replica, as each does every few seconds."""
        for app in self.replicas:
            await app.search.refresh()

    async def _start(self, settings: Settings) -> App:
        monotonic = count(0.0, 2.0).__next__  # the rate limit never delays
        app = await build(settings, clock=self._clock, monotonic=monotonic, migrate=False)
        self._stack.push_async_callback(app.close)
        for channel in app.channels.values():
            await channel.open()
            self._stack.push_async_callback(channel.close)
        runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.addresses.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        return app


class TelegramLine:
    """Update JSON in through the webhook, recorded Bot API calls out."""

    def __init__(self, deployment: Deployment, chat: int, language: str = "zh-hans") -> None:
        self.deployment = deployment
        self.chat = chat
        self._fake = deployment.telegram
        self._language = language

    async def says(self, text: str) -> Screen:
        return screen_of_calls(await self._fake.text(self.chat, text, self._language))

    async def shares(self, lat: float, lon: float) -> Screen:
        return screen_of_calls(await self._fake.location(self.chat, lat, lon))

    async def picks(self, label: str) -> Screen:
        return screen_of_calls(await self._fake.tap(self.chat, label))

    async def arrives(self, code: str = "") -> Screen:
        return screen_of_calls(await self._fake.start(self.chat, code, self._language))

    async def leaves(self) -> None:
        await self._fake.block(self.chat)


class PageLine:
    """The web chat's WebSocket, opened at the other replica for each message."""

    def __init__(self, deployment: Deployment, language: str = "zh-CN") -> None:
        self._line = WebLine(language=language)
        self._bases = cycle(deployment.addresses)
        self._actions: dict[str, str] = {}
        self.erased = False
        """Whether the last answer told the page that all data were deleted."""

    async def says(self, text: str) -> Screen:
        return await self._ask({"type": "text", "text": text})

    async def shares(self, lat: float, lon: float) -> Screen:
        return await self._ask({"type": "location", "lat": lat, "lon": lon})

    async def picks(self, label: str) -> Screen:
        return await self._ask({"type": "press", "action": self._actions[label]})

    async def arrives(self, code: str = "") -> Screen:
        return await self._ask({"type": "arrive", "code": code})

    async def leaves(self) -> None:
        await self._line.leave()

    async def _ask(self, frame: dict[str, Any]) -> Screen:
        await self._line.connect(next(self._bases))
        answer = await self._line.ask(frame)
        await self._line.leave()
        self.erased = answer.get("erased", False)
        for message in answer["messages"]:
            for row in (message.get("choices") or {}).get("rows", []):
                self._actions |= {button["label"]: button["action"] for button in row}
        return screen_of_page(answer["messages"])


class TerminalLine:
    """Typed lines in, plain text out; what is picked is typed as a number."""

    def __init__(self, deployment: Deployment, language: str = "zh-CN") -> None:
        self._turns = cycle([app.turn for app in deployment.replicas])
        self._clock = deployment.replicas[0].clock
        self._who = uuid4().hex[:8]
        self._language = language
        self._count = 0
        self._numbers: dict[str, str] = {}

    async def says(self, text: str) -> Screen:
        self._count += 1
        event = parse_line(text, self._count, self._clock(), self._who, self._language)
        text = render(await next(self._turns)(event), UNWRAPPED)
        found = re.findall(r"^\s*(\d+)[.)] (.+?)\s*$", text, re.MULTILINE)
        labels = [label for _, label in found]
        self._numbers = {label: number for number, label in found}
        return Screen(text, labels, links=re.findall(r"https?://\S+", text))

    async def shares(self, lat: float, lon: float) -> Screen:
        return await self.says(f"位置 {lat},{lon}")

    async def picks(self, label: str) -> Screen:
        return await self.says(self._numbers[label])

    async def arrives(self, code: str = "") -> Screen:
        return await self.says(f"/start {code}".strip())

    async def leaves(self) -> None:
        """Does nothing: the service cannot notice that a terminal is closed."""


class WeChatLine:
    """A signed and encrypted push in, the checked passive answer out; lines are tapped."""

    def __init__(self, deployment: Deployment, openid: str) -> None:
        self._fake = deployment.wechat
        self._openid = openid
        self._numbers: dict[str, str] = {}

    async def says(self, text: str) -> Screen:
        return self._see(await self._fake.text(self._openid, text))

    async def shares(self, lat: float, lon: float) -> Screen:
        return self._see(await self._fake.location(self._openid, lat, lon))

    async def picks(self, label: str) -> Screen:
        shown = self._fake.shown[self._openid][-1]
        if any(said.endswith(f". {label}") for said, _ in shown.links):
            return self._see(await self._fake.tap(self._openid, label))
        return await self.says(self._numbers[label])

    async def arrives(self, code: str = "") -> Screen:
        return self._see(await self._fake.follow(self._openid, code))

    async def leaves(self) -> None:
        await self._fake.unfollow(self._openid)

    def _see(self, pushed: wechat.Pushed) -> Screen:
        shown = pushed.shown
        assert shown is not None, "the courier was not answered"
        found = re.findall(r"(?:^|\u3000)(\d+)\. ([^\n\u3000]+)", shown.words, re.MULTILINE)
        self._numbers = {label: number for number, label in found}
        links = [href for _, href in shown.links if href.startswith("http")]
        if shown.url:
            links.append(shown.url)
        text = f"{shown.title}\n{shown.words}".strip()
        return Screen(text, [label for _, label in found], links=links)


def lines(deployment: Deployment, channel: str, count: int = 1) -> Sequence[Line]:
    """`count` couriers on one channel."""
    match channel:
        case "telegram":
            return [TelegramLine(deployment, FIRST_CHAT + number) for number in range(count)]
        case "web":
            return [PageLine(deployment) for _ in range(count)]
        case "wechat":
            return [WeChatLine(deployment, f"oFake{number:04}-_openid") for number in range(count)]
        case _:
            return [TerminalLine(deployment) for _ in range(count)]
