"""A webhook on a socket, with turns, a quota and a timer that the test controls."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from prometheus_client import REGISTRY

from bot.channels.wechat.webhook import LAST_DELIVERY_AGE, REPLY_DEADLINE, Webhook
from bot.conversation.events import Event
from bot.conversation.replies import Answer
from tests.channels.wechat.fake_account import HELLO, WHO, QuotaInMemory
from tests.conftest import ManualClock
from tests.support.fakes.stopwatch import Stopwatch
from tests.support.fakes.wechat import FakeWeChat
from tests.support.fakes.wechat_messages import Params
from tests.support.stations import HERE

HELLO_TEXT = "明天9:00培训"
SUCCESS = (200, b"success")
OUTCOMES = (
    "slow",
    "too_large",
    "forged",
    "unreadable",
    "old",
    "ignored",
    "late",
    "unavailable",
    "failed",
    "unanswered",
    "answered",
    "followed",
    "kept",
    "lost",
)


@dataclass
class Served:
    """A webhook on a socket, and turns that wait for `gate` and then give `answers` in order."""

    wechat: FakeWeChat
    clock: ManualClock
    quota: QuotaInMemory = field(default_factory=QuotaInMemory)
    watch: Stopwatch = field(default_factory=Stopwatch)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    answers: list[Answer | Exception] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    is_first: bool = True  # of the replicas that wait for a late answer
    begun: list[tuple[str, str, str]] = field(default_factory=list)
    ended: list[bool] = field(default_factory=list)
    hook: Webhook = field(init=False)
    before: Counter[str] = field(init=False)

    async def turn(self, event: Event) -> Answer:
        self.events.append(event)
        await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else HELLO
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def begin(self, channel: str, to: str, event_id: str) -> bool:
        self.begun.append((channel, to, event_id))
        return self.is_first

    async def end(self, channel: str, to: str, event_id: str, *, sent: bool) -> None:
        assert self.begun[-1] == (channel, to, event_id)
        self.ended.append(sent)

    def outcomes(self) -> dict[str, int]:
        """What was counted since the begin of the test."""
        return dict(counted() - self.before)

    def text(self) -> Params:
        return self.wechat.message(WHO, "text", {"Content": "你好"})

    def location(self) -> Params:
        return self.wechat.message(WHO, "location", self.wechat.place(*HERE))

    def posts(self, fields: Params) -> "asyncio.Future[tuple[int, bytes]]":
        """One copy of a push."""
        return asyncio.ensure_future(self.wechat.post(*self.wechat.signed(fields)))

    async def waits(self, *seconds: float) -> None:
        """Returns when exactly these waits are running."""
        await self.wechat.until(lambda: self.watch.waits() == list(seconds))

    async def late(self, fields: Params) -> None:
        """The only copy of a push, given up while its turn runs."""
        self.clock.set(self.clock() + LAST_DELIVERY_AGE)
        posted = self.posts(fields)
        await self.waits(REPLY_DEADLINE)
        self.watch.forward(REPLY_DEADLINE)
        assert await posted == SUCCESS


def counted() -> Counter[str]:
    name = "yizhan_wechat_pushes_total"
    found = {one: REGISTRY.get_sample_value(name, {"outcome": one}) for one in OUTCOMES}
    return Counter({one: int(value or 0) for one, value in found.items()})
