"""A courier who says, shares and picks on any channel, and what they see.

A story drives this and knows no channel: `picks` presses a real button where there is one and
types the number where there is not. Each message is answered by the other of two replicas.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
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
from tests.support.fakes import bot_api_oracle
from tests.support.fakes import wechat as official
from tests.support.fakes.telegram import TOKEN, FakeTelegram, Recorded
from tests.support.fakes.web import WebLine
from tests.support.fakes.wechat import FakeWeChat

WIDE = Style(width=10_000)  # a story looks for words, wherever a terminal would break the line
SECRET = "story-secret"
PUBLIC = "https://bot.example.org/telegram/webhook"


@dataclass(slots=True)
class Screen:
    """One answer as it reaches the eye: all its text, what can be picked, places, links, files."""

    text: str = ""
    labels: list[str] = field(default_factory=list)
    venues: list[tuple[str, float, float]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    asks_location: bool = False

    def __contains__(self, words: str) -> bool:
        return words in self.text


class Line(Protocol):
    """One courier's chat on one channel."""

    async def says(self, text: str) -> Screen: ...
    async def shares(self, lat: float, lon: float) -> Screen: ...
    async def picks(self, label: str) -> Screen: ...
    async def arrives(self, code: str = "") -> Screen: ...
    async def leaves(self) -> None: ...


class Deployment:
    """Two replicas over one database, listening, and the platforms they talk to."""

    def __init__(self, settings: dict[str, str], clock: Clock) -> None:
        self._given = settings
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
                "YIZHAN_TELEGRAM_WEBHOOK_URL": PUBLIC,
                "YIZHAN_TELEGRAM_WEBHOOK_SECRET": SECRET,
                "YIZHAN_WECHAT_APP_ID": official.APP_ID,
                "YIZHAN_WECHAT_APP_SECRET": official.SECRET,
                "YIZHAN_WECHAT_TOKEN": official.TOKEN,
                "YIZHAN_WECHAT_AES_KEY": official.AES_KEY,
                "YIZHAN_WECHAT_API_BASE": self.wechat.url,
                "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
                **self._given,
            }
        )
        for _ in range(2):
            self.replicas.append(await self._start(settings))
        hooks = [f"{one}/telegram/webhook" for one in self.addresses]
        channel = self.replicas[0].channels["telegram"].channel
        assert isinstance(channel, TelegramChannel)
        await webhook.register(channel, PUBLIC, SECRET, asyncio.Event())
        self.telegram.balance(*hooks)
        self.wechat.balance(*(f"{one}/wechat" for one in self.addresses))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        bot_api_oracle.check_calls(self.telegram.calls)

    async def deliver(self) -> int:
        """What each replica's delivery does by itself: sends all that is due; how many it took."""
        return sum([await app.outbox.run_once() for app in self.replicas])

    async def refresh(self) -> None:
        """What each replica does by itself every few seconds."""
        for app in self.replicas:
            await app.search.refresh()

    async def _start(self, settings: Settings) -> App:
        monotonic = count(0.0, 2.0).__next__  # no story waits for the pace
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
        self._chat = chat
        self._language = language

    async def says(self, text: str) -> Screen:
        return _seen(await self._fake.text(self._chat, text, self._language))

    async def shares(self, lat: float, lon: float) -> Screen:
        return _seen(await self._fake.location(self._chat, lat, lon))

    async def picks(self, label: str) -> Screen:
        return _seen(await self._fake.tap(self._chat, label))

    async def arrives(self, code: str = "") -> Screen:
        return _seen(await self._fake.start(self._chat, code, self._language))

    async def leaves(self) -> None:
        await self._fake.block(self._chat)


class PageLine:
    """The web chat's WebSocket, opened at the other replica for each message."""

    def __init__(self, deployment: Deployment, language: str = "zh-CN") -> None:
        self._line = WebLine(language=language)
        self._bases = cycle(deployment.addresses)
        self._actions: dict[str, str] = {}

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
        screen = Screen()
        texts: list[str] = []
        for message in answer["messages"]:
            if message["kind"] == "words":
                texts += [say["text"] for say in message["paragraphs"]]
                screen.links += [
                    one["url"] for say in message["paragraphs"] for one in say["links"]
                ]
                screen.asks_location |= bool(message["ask_location"])
            elif message["kind"] == "venue":
                screen.venues.append((message["title"], message["lat"], message["lon"]))
            else:
                screen.documents.append(message["name"])
            for row in (message.get("choices") or {}).get("rows", []):
                for button in row:
                    screen.labels.append(button["label"])
                    self._actions[button["label"]] = button["action"]
        assert not any(text.startswith("…") for text in texts), "buttons without a question"
        screen.text = "\n".join(texts)
        return screen


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
        text = render(await next(self._turns)(event), WIDE)
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
        """Nobody is told when a terminal is closed."""


class WeChatLine:
    """A signed and encrypted push in, the checked passive answer out; lines are tapped."""

    def __init__(self, deployment: Deployment, openid: str) -> None:
        self._fake = deployment.wechat
        self._openid = openid
        self._numbers: dict[str, str] = {}

    async def says(self, text: str) -> Screen:
        return self._seen(await self._fake.text(self._openid, text))

    async def shares(self, lat: float, lon: float) -> Screen:
        return self._seen(await self._fake.location(self._openid, lat, lon))

    async def picks(self, label: str) -> Screen:
        shown = self._fake.shown[self._openid][-1]
        if any(said.endswith(f". {label}") for said, _ in shown.links):
            return self._seen(await self._fake.tap(self._openid, label))
        return await self.says(self._numbers[label])

    async def arrives(self, code: str = "") -> Screen:
        return self._seen(await self._fake.follow(self._openid, code))

    async def leaves(self) -> None:
        await self._fake.unfollow(self._openid)

    def _seen(self, pushed: official.Pushed) -> Screen:
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
    """So many couriers on one channel."""
    match channel:
        case "telegram":
            return [TelegramLine(deployment, 7000 + number) for number in range(count)]
        case "web":
            return [PageLine(deployment) for _ in range(count)]
        case "wechat":
            return [WeChatLine(deployment, f"oFake{number:04}-_openid") for number in range(count)]
        case _:
            return [TerminalLine(deployment) for _ in range(count)]


def _seen(calls: list[Recorded]) -> Screen:
    screen = Screen()
    texts: list[str] = []
    for call in calls:
        params = call.params
        if call.method == "sendMessage":
            texts.append(params["text"])
            screen.links += [one["url"] for one in params.get("entities", []) if "url" in one]
        elif call.method == "sendVenue":
            screen.venues.append((params["title"], params["latitude"], params["longitude"]))
        elif call.method == "sendDocument":
            screen.documents.append(str(params["document"]))
        markup = params.get("reply_markup") or {}
        for row in markup.get("inline_keyboard", []):
            screen.labels += [button["text"] for button in row]
        for row in markup.get("keyboard", []):
            screen.asks_location |= any(button.get("request_location") for button in row)
    assert not any(text.startswith("…") for text in texts), "buttons without a question"
    screen.text = "\n".join(texts)
    return screen
