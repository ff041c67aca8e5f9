"""One event, one transaction: on both databases, each time with two replicas over one."""

import asyncio
import gettext
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
import structlog
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.engine import URL, make_url

from bot.common.i18n import Languages, Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.degrade import Phrases, TurnPhrases
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.events import (
    Address,
    Arrival,
    Content,
    Departure,
    Event,
    Press,
    Text,
    Unavailable,
)
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
from bot.conversation.state import PUSHED
from bot.store import engine
from bot.store.encryption import Keyring, new_key, parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow
from tests.conftest import WallClock
from tests.support import postgres

ABILITIES = Abilities(4000, 16_000, 0, False, False, False, "typed", None)
LI = Address("web", "li")
PHRASES = TurnPhrases(
    Phrases("回复数字", "……"), "刚才的事过去太久了。", "出了点问题, 编号 {reference}"
)
PRIVATE = "张三 13800138000 新城北街1号"


@dataclass
class Talk:
    """The handlers of these tests: they count messages, in `then` and by a row for each."""

    runs: int = 0
    accident: Callable[[Context], object] | None = None
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
        if self.accident is not None:
            done = self.accident(ctx)
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
            arrival=self.count,
            departure=self.count,
            voice=self.count,
            other=self.count,
            free_text=self.count,
            too_long=self.count,
            stale_button=self.say_stale,
        )


@dataclass
class Replicas:
    """Two processes' worth of service over one database; messages alternate between them."""

    url: str
    talk: Talk
    stores: list[Store]
    each: list[Dispatcher]
    clock: WallClock
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


async def nothing_waits(_: Context) -> tuple[Part, ...]:
    """No 待看箱 in these tests."""
    raise AssertionError("nothing was put there")


def dispatch(store: Store, talk: Talk, clock: WallClock, keys: Keyring) -> Dispatcher:
    """One replica."""
    nothing = gettext.NullTranslations()
    languages = Languages({one: Translator(one, nothing) for one in ("zh_CN", "en")})
    return Dispatcher(
        store,
        keys,
        talk.routes(),
        languages,
        {"web": ABILITIES, "telegram": ABILITIES},
        lambda t: PHRASES if t.locale == "zh_CN" else replace(PHRASES, failed="wrong {reference}"),
        clock,
        nothing_waits,
    )


@pytest.fixture
async def replicas(database_url: str, clock: WallClock) -> AsyncIterator[Replicas]:
    """Two of them, with handlers of their own."""
    talk, keys = Talk(), parse_keys(new_key())
    stores = [await open_store(database_url) for _ in range(2)]
    each = [dispatch(store, talk, clock, keys) for store in stores]
    yield Replicas(database_url, talk, stores, each, clock, keys)
    for store in stores:
        await store.close()


async def test_a_conversation_goes_on_whichever_replica_takes_the_message(
    replicas: Replicas,
) -> None:
    assert await replicas.says("一") == ["一 1"]
    assert await replicas.says("二") == ["二 2"]
    assert await replicas.says("1") == ["又来了"]  # the only choice, by its number
    assert await replicas.says("三") == ["三 101"]
    assert await replicas.rows(CourierRow) == await replicas.rows(ChatRow) == 1


async def test_a_redelivery_repeats_the_answer_not_the_deed(replicas: Replicas) -> None:
    event = replicas.event("一")
    first = await replicas.turn(event)
    await replicas.says("二")
    assert await replicas.turn(event) == first
    assert replicas.talk.runs == await replicas.rows(DemandRow) == 2
    assert await replicas.says("三") == ["三 3"]


async def test_eight_copies_at_once_run_once(replicas: Replicas) -> None:
    event = replicas.event("一")
    answers = await asyncio.gather(*(replicas.turn(event) for _ in range(8)))
    assert answers == [answers[0]] * 8
    assert lines(answers[0]) == ["一 1"]
    assert replicas.talk.runs == await replicas.rows(DemandRow) == 1


async def test_the_same_id_on_two_channels_is_two_messages(replicas: Replicas) -> None:
    event = replicas.event("一")
    await replicas.turn(event)
    await replicas.turn(replace(event, sender=Address("telegram", "li")))
    assert replicas.talk.runs == await replicas.rows(CourierRow) == 2


async def test_two_first_messages_at_once_make_one_courier(replicas: Replicas) -> None:
    events = [replicas.event("在吗") for _ in range(4)]
    answers = await asyncio.gather(*(replicas.turn(event) for event in events))
    assert sorted(lines(answer)[0] for answer in answers) == [f"在吗 {n}" for n in range(1, 5)]
    assert await replicas.rows(CourierRow) == await replicas.rows(ChatRow) == 1


async def test_messages_of_one_courier_wait_for_each_other(replicas: Replicas) -> None:
    """Without the lock on the courier's row PostgreSQL would count some of them alike."""
    await replicas.says("零")
    events = [replicas.event("还") for _ in range(16)]
    answers = await asyncio.gather(*(replicas.turn(event) for event in events))
    told = sorted(int(lines(answer)[0].split()[1]) for answer in answers)
    assert told == list(range(2, 18))


async def test_couriers_do_not_wait_for_each_other_on_postgres(
    postgres_url: str, clock: WallClock
) -> None:
    slow, quick, keys = Talk(waiting=asyncio.Event()), Talk(), parse_keys(new_key())
    store = await open_store(postgres_url)
    event = Event("1", LI, clock.now, Text("一"))
    waiting = asyncio.create_task(dispatch(store, slow, clock, keys).turn(event))
    await slow.arrived.wait()
    wang = replace(event, id="2", sender=Address("web", "wang"))
    assert lines(await dispatch(store, quick, clock, keys).turn(wang)) == ["一 1"]
    assert slow.waiting is not None
    slow.waiting.set()
    assert lines(await waiting) == ["一 1"]
    await store.close()


def fall_over(_: Context) -> None:
    raise ValueError(PRIVATE)


def lose_a_file(_: Context) -> None:
    raise FileNotFoundError(2, "no such file", PRIVATE)


def run_out_of_time(_: Context) -> None:
    raise TimeoutError(PRIVATE)


async def write_wrong_sql(ctx: Context) -> None:
    await ctx.db.execute(text("INSERT INTO no_such_table VALUES (:it)"), {"it": PRIVATE})


async def break_a_rule(ctx: Context) -> None:
    await ctx.db.execute(
        insert(ChatRow).values(
            channel="web", external_id=PRIVATE, courier_id=404, reachable=True, state_at=ctx.now
        )
    )


@pytest.mark.parametrize(
    "accident", [fall_over, lose_a_file, run_out_of_time, write_wrong_sql, break_a_rule]
)
async def test_a_failing_handler_leaves_no_trace_but_a_reference(
    replicas: Replicas, accident: Callable[[Context], object], caplog: pytest.LogCaptureFixture
) -> None:
    await replicas.says("一")
    replicas.talk.accident = accident
    event = replicas.event(PRIVATE)
    with structlog.testing.capture_logs() as logs:
        (said,) = lines(await replicas.turn(event))
    (entry,) = [one for one in logs if one["log_level"] == "error"]
    assert entry["event"] == "turn.failed"
    assert entry["reference"] in said
    assert any("test_dispatcher.py" in place for place in entry["at"])
    for secret in (*PRIVATE.split(), LI.id + "'"):
        assert secret not in repr(logs)
        assert secret not in caplog.text
        assert secret not in said

    replicas.talk.accident = None
    assert await replicas.rows(InboxRow) == await replicas.rows(DemandRow) == 1
    assert lines(await replicas.turn(event)) == [f"{PRIVATE} 2"]  # the inbox key went too
    assert await replicas.says("三") == ["三 3"]


async def test_a_first_message_that_fails_leaves_no_courier(replicas: Replicas) -> None:
    replicas.talk.accident = fall_over
    await replicas.says("一")
    assert await replicas.rows(CourierRow) == await replicas.rows(ChatRow) == 0


async def test_copies_of_a_failing_message_each_get_an_answer(replicas: Replicas) -> None:
    replicas.talk.accident = fall_over
    event = replicas.event("一")
    answers = await asyncio.gather(*(replicas.turn(event) for _ in range(4)))
    assert all("编号" in lines(answer)[0] for answer in answers)
    replicas.talk.accident = None
    assert await replicas.says("二") == ["二 1"]


async def test_a_turn_that_is_cancelled_leaves_no_trace(replicas: Replicas) -> None:
    replicas.talk.waiting = asyncio.Event()
    event = replicas.event("一")
    task = asyncio.create_task(replicas.turn(event))
    await replicas.talk.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    replicas.talk.waiting = None
    assert await replicas.rows(DemandRow) == 0
    assert lines(await replicas.turn(event)) == ["一 1"]
    assert await replicas.says("二") == ["二 2"]


async def test_a_step_older_than_a_day_is_said_to_be_over(replicas: Replicas) -> None:
    await replicas.says("一")
    replicas.clock.forward(days=1, minutes=1)
    assert await replicas.says("二") == [PHRASES.expired, "二 1"]


async def test_that_a_step_is_over_is_said_when_its_state_was_cleared_too(
    replicas: Replicas,
) -> None:
    await replicas.says("一")
    replicas.clock.forward(days=1, minutes=1)
    await replicas.each[0].delete_expired()
    assert await replicas.says("二") == [PHRASES.expired, "二 1"]
    replicas.clock.forward(days=8)  # by then nobody knows what had been begun
    await replicas.each[0].delete_expired()
    assert await replicas.says("三") == ["三 1"]


async def test_a_turn_ends_what_a_notice_offered_and_a_day_does_too(replicas: Replicas) -> None:
    async def push() -> None:
        seal = replicas.keys.seal('[["我会来", "again"]]', PUSHED)
        async with replicas.stores[0].writing() as db:
            await db.execute(update(ChatRow).values(pushed=seal, pushed_at=replicas.clock()))

    async def kept() -> bytes | None:
        async with replicas.stores[0].reading() as db:
            return await db.scalar(select(ChatRow.pushed))

    await replicas.says(Press("again"))
    replicas.clock.forward(hours=1)
    await push()
    assert await replicas.says("我会来") == ["又来了"]
    assert await kept() is None
    await push()
    await replicas.each[0].delete_expired()
    assert await kept() is not None
    replicas.clock.forward(days=1, minutes=1)
    await replicas.each[0].delete_expired()
    assert await kept() is None


async def test_a_failure_is_said_in_the_language_that_was_chosen(replicas: Replicas) -> None:
    await replicas.says("一")
    async with replicas.stores[0].writing() as db:
        await db.execute(update(CourierRow).values(locale="en"))
    replicas.talk.accident = fall_over
    assert "wrong" in (await replicas.says("二"))[0]


async def test_a_button_whose_object_is_gone_is_stale(replicas: Replicas) -> None:
    for action in ("gone:7", "never.was"):
        assert await replicas.says(Press(action)) == ["这个按钮已经没有了"]


async def test_a_courier_who_left_is_not_reachable_until_they_write(replicas: Replicas) -> None:
    async def reachable() -> bool | None:
        async with replicas.stores[0].reading() as db:
            return await db.scalar(select(ChatRow.reachable))

    await replicas.says(Arrival())
    assert await reachable() is True
    await replicas.says(Departure())
    assert await reachable() is False
    await replicas.says("我回来了")
    assert await reachable() is True


async def test_what_was_said_is_kept_sealed(replicas: Replicas) -> None:
    await replicas.says(PRIVATE)
    async with replicas.stores[0].reading() as db:
        state = await db.scalar(select(ChatRow.state))
        answer = await db.scalar(select(InboxRow.answer))
    for kept in (state, answer):
        assert kept
        assert b"13800138000" not in kept
        assert "张三".encode() not in kept


async def test_without_its_key_a_conversation_begins_afresh(replicas: Replicas) -> None:
    await replicas.says("一")
    others = parse_keys(new_key(2))
    anew = dispatch(replicas.stores[0], replicas.talk, replicas.clock, others)
    assert lines(await anew.turn(replicas.event("二"))) == ["二 1"]


async def test_forgetting_keeps_what_may_still_be_asked_for(replicas: Replicas) -> None:
    event = replicas.event("一")
    first = await replicas.turn(event)
    replicas.clock.forward(hours=23)
    await replicas.each[0].delete_expired()
    assert await replicas.turn(event) == first
    assert await replicas.says("二") == ["二 2"]
    replicas.clock.forward(days=6, hours=2)
    await replicas.each[0].delete_expired()
    assert await replicas.rows(InboxRow) == 1
    async with replicas.stores[0].reading() as db:
        assert await db.scalar(select(ChatRow.state)) is None
        assert await db.scalar(select(CourierRow.seen_at)) == datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize("state", ["40P01", "40001"])
async def test_a_turn_that_the_database_gave_up_runs_again(
    postgres_url: str, clock: WallClock, state: str
) -> None:
    async def collide(ctx: Context) -> None:
        if talk.runs <= failures:
            stop = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"
            await ctx.db.execute(text(stop))

    store, talk, failures = await open_store(postgres_url), Talk(accident=collide), 1
    replica = dispatch(store, talk, clock, parse_keys(new_key()))
    assert lines(await replica.turn(Event("1", LI, clock.now, Text("一")))) == ["一 1"]
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(DemandRow)) == 1
    talk.runs, failures = 0, 9
    (said,) = lines(await replica.turn(Event("2", LI, clock.now, Text("二"))))
    assert (talk.runs, "编号" in said) == (3, True)  # and not for ever
    await store.close()


async def test_a_deadlock_with_another_transaction_is_not_noticed(
    postgres_url: str, clock: WallClock
) -> None:
    """The other one waits for this courier and holds what the turn wants next."""

    async def wait_for_the_other(ctx: Context) -> None:
        if talk.runs == 2:  # the message before this one was the first
            begun.set()
            await postgres.until_somebody_waits(watching)
        if talk.runs > 1:
            await ctx.db.execute(update(DemandRow).values(league="here"))

    async def other() -> None:
        async with watching.writing() as db:
            await db.execute(text("SET LOCAL deadlock_timeout = '1h'"))  # the turn finds it first
            await db.execute(update(DemandRow).values(league="there"))
            held.set()
            await begun.wait()
            await db.execute(update(CourierRow).values(locale="en"))

    store, watching = await open_store(postgres_url), await open_store(postgres_url)
    talk = Talk(accident=wait_for_the_other)
    begun, held = asyncio.Event(), asyncio.Event()
    replica = dispatch(store, talk, clock, parse_keys(new_key()))
    await replica.turn(Event("1", LI, clock.now, Text("一")))
    crossing = asyncio.create_task(other())
    await held.wait()
    assert lines(await replica.turn(Event("2", LI, clock.now, Text("二")))) == ["二 2"]
    await crossing
    assert talk.runs >= 3
    await store.close()
    await watching.close()


async def test_a_locked_file_is_unavailable(
    sqlite_url: str, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    store, talk = await open_store(sqlite_url), Talk()
    replica = dispatch(store, talk, clock, parse_keys(new_key()))
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    event = Event("1", LI, clock.now, Text("一"))
    with pytest.raises(Unavailable):
        await replica.turn(event)
    other.close()
    assert lines(await replica.turn(event)) == ["一 1"]
    assert talk.runs == 1
    await store.close()


async def test_a_connection_that_breaks_in_a_turn_is_unavailable(
    postgres_url: str, postgres_server: URL, clock: WallClock
) -> None:
    async def cut(ctx: Context) -> None:
        process = await ctx.db.scalar(text("SELECT pg_backend_pid()"))
        async with admin.reading() as db:
            await db.execute(text("SELECT pg_terminate_backend(:it)"), {"it": process})
        await ctx.db.execute(update(ChatRow).values(reachable=True))

    admin = await open_store(postgres.address(postgres_server))
    store, talk = await open_store(postgres_url), Talk(accident=cut)
    replica = dispatch(store, talk, clock, parse_keys(new_key()))
    event = Event("1", LI, clock.now, Text("一"))
    with pytest.raises(Unavailable):
        await replica.turn(event)
    talk.accident = None
    assert lines(await replica.turn(event)) == ["一 1"]
    await store.close()
    await admin.close()


@pytest.mark.parametrize("way", ["refused", "full", "dropped"])
async def test_a_database_that_cannot_be_reached_is_unavailable(
    postgres_url: str, postgres_server: URL, clock: WallClock, way: str
) -> None:
    address = make_url(postgres_url)
    admin = await open_store(postgres.address(postgres_server))
    if way == "refused":
        address = address.set(port=1)
    elif way == "full":
        async with admin.writing() as db:
            await db.execute(text(f'ALTER DATABASE "{address.database}" CONNECTION LIMIT 0'))
            await db.execute(text("CREATE ROLE courier LOGIN"))  # a limit spares superusers
        address = address.set(username="courier")
    else:
        await asyncio.to_thread(postgres.drop, postgres_server, address)
    store = await open_store(postgres.address(address))
    replica = dispatch(store, Talk(), clock, parse_keys(new_key()))
    with structlog.testing.capture_logs() as logs, pytest.raises(Unavailable):
        await replica.turn(Event("1", LI, clock.now, Text(PRIVATE)))
    assert [one["event"] for one in logs] == ["turn.unavailable"]
    assert str(address.database) not in repr(logs)
    await store.close()
    if way == "full":
        async with admin.writing() as db:
            await db.execute(text("DROP ROLE courier"))
    await admin.close()
