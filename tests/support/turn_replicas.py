"""Two dispatchers over one database, with handlers that count messages."""

import asyncio
import gettext
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlalchemy import func, insert, select

from bot.common.i18n import Languages, Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.events import (
    Address,
    Content,
    Event,
    Text,
)
from bot.conversation.phrases import Phrases, TurnPhrases
from bot.conversation.replies import (
    Abilities,
    Answer,
    Button,
    Buttons,
    Part,
    Reply,
    Say,
    Then,
    Words,
)
from bot.conversation.router import Routes
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock

ABILITIES = Abilities(4000, 16_000, 0, False, False, False, "typed", None)


LI = Address("web", "li")


PHRASES = TurnPhrases(
    Phrases("回复数字", "……"),
    "刚才的事过去太久了。",
    "出了点问题, 编号 {reference}",
    "表还留着",
    "接着填",
)
PRIVATE = "张三 13800138000 新城北街1号"


@dataclass
class CountingHandlers:
    """The handlers of these tests: they count messages, in `then` and by a row for each."""

    runs: int = 0
    failure: Callable[[Context], object] | None = None
    waiting: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def count(self, ctx: Context) -> Reply:
        self.runs += 1
        number = ctx.data.get("number", 0)
        assert isinstance(number, int)
        await ctx.db.execute(
            insert(DemandRow).values(
                courier_id=ctx.courier.id, at=ctx.now, cell="", league="", wanted="", outcome=""
            )
        )
        self.arrived.set()
        if self.waiting is not None:
            await self.waiting.wait()
        if self.failure is not None:
            done = self.failure(ctx)
            if asyncio.iscoroutine(done):
                await done
        words = ctx.event.content.text if isinstance(ctx.event.content, Text) else ""
        return Reply(
            (Say(f"{words} {number + 1}"), Buttons(((Button("再来", "again"),),), "?")),
            Then("counting", {"number": number + 1, "heard": words}),
        )

    async def again(self, ctx: Context) -> Reply:
        return Reply((Say("又来了"),), Then("counting", {"number": 100}))

    async def gone(self, ctx: Context) -> Reply:
        raise StaleButtonError

    async def say_stale(self, ctx: Context) -> Reply:
        return Reply((Say("这个按钮已经没有了"),))

    def routes(self) -> Routes:
        return Routes(
            actions={"again": self.again, "gone": self.gone},
            steps={"counting": self.count},
            words={},
            location=self.count,
            chat_opened=self.count,
            chat_left=self.count,
            voice=self.count,
            other=self.count,
            free_text=self.count,
            too_long=self.count,
            stale_button=self.say_stale,
            emergency=self.count,
        )


@dataclass
class Replicas:
    """Two processes' worth of service over one database; messages alternate between them."""

    url: str
    handlers: CountingHandlers
    stores: list[Store]
    each: list[Dispatcher]
    clock: ManualClock
    keys: Keyring
    sent: int = 0

    def event(self, content: Content | str, sender: Address = LI) -> Event:
        """A new message."""
        self.sent += 1
        said = Text(content) if isinstance(content, str) else content
        return Event(f"m{self.sent}", sender, self.clock.now, said)

    async def turn(self, event: Event) -> Answer:
        """Its answer, by the other replica than the last one's."""
        self.each.reverse()
        return await self.each[0].turn(event)

    async def says(self, content: Content | str, sender: Address = LI) -> list[str]:
        """The lines of the answer to a new message."""
        return lines(await self.turn(self.event(content, sender)))

    async def rows(self, table: type[CourierRow | ChatRow | InboxRow | DemandRow]) -> int:
        """How many there are."""
        async with self.stores[0].reading() as db:
            return await db.scalar(select(func.count()).select_from(table)) or 0


def lines(answer: Answer) -> list[str]:
    """What an answer says, without its choices."""
    words = [one for one in answer.messages if isinstance(one, Words)]
    return [say.text for one in words for say in one.paragraphs if "?" not in say.text]


async def no_pending_messages(_: Context) -> tuple[Part, ...]:
    """No 待看箱 in these tests."""
    raise AssertionError("nothing was put there")


def new_dispatcher(
    store: Store, handlers: CountingHandlers, clock: ManualClock, keys: Keyring
) -> Dispatcher:
    """One replica."""
    nothing = gettext.NullTranslations()
    languages = Languages({one: Translator(one, nothing) for one in ("zh_CN", "en")})
    return Dispatcher(
        store,
        keys,
        handlers.routes(),
        languages,
        dict.fromkeys(("web", "telegram", "wechat", "terminal"), ABILITIES),
        lambda t: PHRASES if t.locale == "zh_CN" else replace(PHRASES, failed="wrong {reference}"),
        clock,
        no_pending_messages,
    )


def fall_over(_: Context) -> None:
    raise ValueError(PRIVATE)
