"""Broadcasts: whom they mean, how far ahead they are written, how they stop and what is counted."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, event, insert, select, text, update

from bot.common.clock import CHINA
from bot.common.i18n import load_languages
from bot.conversation.replies import Abilities, Answer, Words
from bot.handlers.broadcasts import BroadcastHandlers
from bot.handlers.system_phrases import turn_phrases
from bot.outbox import repository
from bot.outbox.preparation import NotificationRenderer
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.worker import ChannelSender, Worker
from bot.services.broadcasts import (
    audience as broadcast_audience,
)
from bot.services.broadcasts import (
    campaigns,
)
from bot.services.broadcasts import (
    fan_out as broadcast_fan_out,
)
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.errors import BroadcastRefused
from bot.services.broadcasts.fan_out import fan_out
from bot.services.notifications.queue import Notice, Topic, enqueue, set_topic
from bot.store.engine import Store
from bot.store.models.broadcasts import BroadcastPartRow, BroadcastRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.profiles import ProfileRow
from tests.conftest import WallClock
from tests.support.cards import KEYS
from tests.support.trainings import create_couriers

TEXTS = {"zh_CN": "明天大风，注意安全", "en": "Strong wind tomorrow"}


class Platform:
    """A channel that takes everything; what was said to whom, in order."""

    name = "telegram"
    abilities = Abilities(4096, 16384, 100, False, False, False, "button", None)

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        (words,) = answer.messages
        assert isinstance(words, Words)
        self.said.append((to, "\n".join(one.text for one in words.paragraphs)))


def worker(store: Store, platform: Platform, clock: WallClock) -> Worker:
    """Delivery of broadcasts, with as much pace as anybody wants."""
    steps = iter(range(10**9))
    renderers = BroadcastHandlers().feature().renderers
    speech = NotificationRenderer(renderers, load_languages(), turn_phrases, KEYS)
    outlet = ChannelSender(platform, RateLimiter(lambda: 5.0 * next(steps)))
    return Worker(store, [outlet], speech, frozenset(), clock, monotonic=lambda: 0.0)


async def crowd(store: Store, now: datetime, count: int) -> list[int]:
    """Couriers with one Telegram chat each."""
    async with store.writing() as db:
        return await create_couriers(db, count, now)


async def start(
    store: Store,
    now: datetime,
    audience: Audience | None = None,
    *,
    at: datetime | None = None,
    hours: float = 24,
) -> int:
    at = at or now
    until = at + timedelta(hours=hours)
    async with store.writing() as db:
        return await campaigns.create(db, TEXTS, audience or Audience(), at, until, now)


async def states(store: Store) -> Counter[str]:
    async with store.reading() as db:
        return Counter(await db.scalars(select(OutboxRow.status)))


async def test_everybody_meant_is_written_to_once_in_their_language(
    store: Store, clock: WallClock
) -> None:
    couriers = await crowd(store, clock(), 5)
    async with store.writing() as db:
        english = update(CourierRow).where(CourierRow.id == couriers[1]).values(locale="en")
        await db.execute(english)
    number = await start(store, clock())
    assert await fan_out(store, clock()) == 5
    assert await fan_out(store, clock()) == 0
    platform = Platform()
    assert await worker(store, platform, clock).run_once() == 5
    assert sorted(to for to, _ in platform.said) == sorted(f"9{one}" for one in couriers)
    texts = Counter(said.split("\n")[0] for _, said in platform.said)
    assert texts == {TEXTS["zh_CN"]: 4, TEXTS["en"]: 1}
    for _, said in platform.said:
        assert ("stop trainings" if TEXTS["en"] in said else "回“停培训”") in said
    await fan_out(store, clock())
    async with store.reading() as db:
        told = await campaigns.look(db, number)
    assert (told.status, told.total, told.done, told.counts) == ("done", 5, 5, {"sent": 5})


async def test_league_firm_and_switched_off_topics_choose_the_audience(
    store: Store, clock: WallClock
) -> None:
    couriers = await crowd(store, clock(), 6)
    async with store.writing() as db:
        for courier, firm, league in zip(
            couriers[:4],
            ("甲", "甲", "乙", "甲"),
            ("150100", "150200", "150100", "150100"),
            strict=True,
        ):
            await db.execute(
                insert(ProfileRow).values(
                    courier_id=courier, firm=firm, league=league, updated_at=clock()
                )
            )
        await set_topic(db, couriers[3], Topic.TRAINING, clock(), on=False)
    async with store.reading() as db:
        everybody = await broadcast_audience.preview(db, Audience(), clock())
        nearby = await broadcast_audience.preview(db, Audience(league="150100"), clock())
        both = await broadcast_audience.preview(db, Audience(league="150100", firm="甲"), clock())
        card = await broadcast_audience.preview(
            db, Audience("card", league="150100", firm="甲"), clock()
        )
    assert (everybody.total, everybody.switched_off) == (5, 1)
    assert (nearby.total, nearby.switched_off) == (2, 1)
    assert (both.total, both.switched_off) == (1, 1)
    assert (card.total, card.switched_off) == (2, 0)
    await start(store, clock(), Audience(league="150100", firm="甲"))
    await fan_out(store, clock())
    async with store.reading() as db:
        assert list(await db.scalars(select(OutboxRow.courier_id))) == [couriers[0]]


async def test_the_chat_used_last_is_written_to_and_who_has_none_sees_it_later(
    store: Store, clock: WallClock
) -> None:
    couriers = await crowd(store, clock(), 3)
    async with store.writing() as db:
        for courier, channel, ago in ((couriers[0], "web", -1), (couriers[0], "web", 5)):
            await db.execute(
                insert(ChatRow).values(
                    channel=channel,
                    external_id=f"w{ago}",
                    courier_id=courier,
                    reachable=True,
                    state_at=clock() - timedelta(hours=ago),
                )
            )
        gone = ChatRow.courier_id == couriers[1]
        await db.execute(update(ChatRow).where(gone).values(reachable=False))
        terminal = ChatRow.courier_id == couriers[2]
        await db.execute(update(ChatRow).where(terminal).values(channel="terminal", pushable=False))
    async with store.reading() as db:
        seen = await broadcast_audience.preview(db, Audience(), clock())
    assert (seen.total, dict(seen.by_channel), seen.waiting) == (2, {"web": 1}, 1)
    await start(store, clock())
    await fan_out(store, clock())
    async with store.reading() as db:
        rows = await db.execute(
            select(OutboxRow.courier_id, OutboxRow.channel, OutboxRow.status, ChatRow.external_id)
            .outerjoin(ChatRow, ChatRow.id == OutboxRow.chat_id)
            .order_by(OutboxRow.courier_id)
        )
        assert [tuple(row) for row in rows] == [
            (couriers[0], "web", "ready", "w-1"),
            (couriers[1], "", "held", None),
        ]


async def test_it_is_written_a_little_ahead_and_goes_on_where_it_was(
    store: Store, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_fan_out, "AHEAD", 10)
    monkeypatch.setattr(broadcast_fan_out, "PIECE", 4)
    couriers = await crowd(store, clock(), 25)
    await start(store, clock())
    platform = Platform()
    delivery = worker(store, platform, clock)
    ahead = []
    while written := await fan_out(store, clock()):
        ahead.append((written, (await states(store))["ready"]))
        await delivery.run_once()
    assert ahead == [(10, 10), (10, 10), (5, 5)]
    assert Counter(to for to, _ in platform.said) == {f"9{one}": 1 for one in couriers}
    async with store.reading() as db:
        parts = await db.execute(
            select(BroadcastPartRow.first, BroadcastPartRow.last).order_by(BroadcastPartRow.id)
        )
        seams = [tuple(row) for row in parts]
    assert all(before[1] + 1 == after[0] for before, after in pairwise(seams))


async def test_two_processes_write_nobody_twice(store: Store, clock: WallClock) -> None:
    couriers = await crowd(store, clock(), 30)
    await start(store, clock())
    written = await asyncio.gather(*(fan_out(store, clock()) for _ in range(4)))
    assert sum(written) == 30
    async with store.reading() as db:
        assert sorted(await db.scalars(select(OutboxRow.courier_id))) == couriers


async def test_a_pause_holds_back_what_is_written_and_resuming_sends_it(
    store: Store, clock: WallClock
) -> None:
    await crowd(store, clock(), 6)
    number = await start(store, clock())
    await fan_out(store, clock())
    async with store.writing() as db:
        await campaigns.pause(db, number)
    platform = Platform()
    delivery = worker(store, platform, clock)
    clock.forward(minutes=30)
    assert await fan_out(store, clock()) == 0
    assert await delivery.run_once() == 0
    async with store.writing() as db:
        with pytest.raises(BroadcastRefused) as twice:
            await campaigns.pause(db, number)
    assert (twice.value.why, twice.value.value) == ("state", "paused")
    async with store.writing() as db:
        await campaigns.resume(db, number, clock())
    assert await delivery.run_once() == 6
    assert len(platform.said) == 6


async def test_a_pause_and_an_end_stop_what_a_worker_has_in_its_hands(
    store: Store, clock: WallClock
) -> None:
    """Between the claim and the call the broadcast is looked at once more."""
    await crowd(store, clock(), 6)
    number = await start(store, clock())
    await broadcast_fan_out.fan_out(store, clock())
    platform = Platform()
    delivery = worker(store, platform, clock)
    async with store.writing() as db:
        lane, lease = repository.PRIORITY_CLASSES[2], 60.0
        ids = await repository.claim(db, "telegram", lane, 6, clock(), delivery.owner, lease)
        assert len(ids) == 6
    async with store.writing() as db:
        await campaigns.pause(db, number)
    await deal(delivery, ids, clock())
    assert await states(store) == {"ready": 6}
    clock.forward(minutes=1)
    await broadcast_fan_out.fan_out(store, clock())
    assert await delivery.run_once() == 0
    async with store.writing() as db:
        await campaigns.resume(db, number, clock())
    async with store.writing() as db:
        ids = await repository.claim(db, "telegram", lane, 6, clock(), delivery.owner, lease)
    async with store.writing() as db:
        await campaigns.cancel(db, number, clock())
    await deal(delivery, ids, clock())
    assert await states(store) == {"cancelled": 6}
    assert platform.said == []


async def deal(delivery: Worker, ids: list[int], now: datetime) -> None:
    """What a worker does with the notices that it has claimed, up to the calls."""
    sender = delivery._senders["telegram"]
    assert await delivery._begin(sender, ids, now) == []


async def test_calling_it_off_takes_back_what_has_not_gone_out(
    store: Store, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_fan_out, "AHEAD", 4)
    await crowd(store, clock(), 10)
    number = await start(store, clock())
    platform = Platform()
    delivery = worker(store, platform, clock)
    await fan_out(store, clock())
    await delivery.run_once()
    await fan_out(store, clock())
    async with store.writing() as db:
        assert await campaigns.cancel(db, number, clock()) == 6
    assert await fan_out(store, clock()) == 0
    assert await delivery.run_once() == 0
    assert len(platform.said) == 4
    async with store.reading() as db:
        told = await campaigns.look(db, number)
    assert told.counts == {"sent": 4, "cancelled": 4}
    assert told.reasons == {"called_off": 4}
    assert told.status == "cancelled"


async def test_nothing_is_written_in_quiet_hours_nor_when_it_is_too_late(
    store: Store, clock: WallClock
) -> None:
    await crowd(store, clock(), 2)
    night = datetime(2026, 11, 23, 22, tzinfo=CHINA)
    await start(store, clock(), at=night, hours=12)
    assert await fan_out(store, clock()) == 0
    assert await fan_out(store, night) == 0
    morning = night + timedelta(hours=10)
    assert await fan_out(store, morning) == 2
    other = await start(store, morning, hours=1)
    assert await fan_out(store, morning + timedelta(hours=2)) == 0
    async with store.reading() as db:
        assert (await campaigns.look(db, other)).status == "done"


async def test_a_reminder_overtakes_a_broadcast(store: Store, clock: WallClock) -> None:
    couriers = await crowd(store, clock(), 40)
    await start(store, clock())
    await fan_out(store, clock())
    clock.forward(minutes=1)
    async with store.writing() as db:
        late = clock() + timedelta(hours=1)
        params = {"broadcast": 1}
        reminder = Notice(
            "broadcast", couriers[-1], params, Topic.TRAINING, "reminder", clock(), late
        )
        assert await enqueue(db, reminder, clock())
    platform = Platform()
    await worker(store, platform, clock).run_once()
    assert platform.said[0][0] == f"9{couriers[-1]}"
    assert len(platform.said) == 41


async def test_what_was_counted_stays_when_the_notices_are_cleared_away(
    store: Store, clock: WallClock
) -> None:
    await crowd(store, clock(), 3)
    number = await start(store, clock())
    await fan_out(store, clock())
    await worker(store, Platform(), clock).run_once()
    await fan_out(store, clock())
    async with store.writing() as db:
        await db.execute(delete(OutboxRow))
    async with store.reading() as db:
        assert (await campaigns.look(db, number)).counts == {"sent": 3}


async def test_a_pause_that_outlasts_the_broadcast_ends_it(store: Store, clock: WallClock) -> None:
    await crowd(store, clock(), 3)
    number = await start(store, clock(), hours=2)
    await fan_out(store, clock())
    async with store.writing() as db:
        await campaigns.pause(db, number)
    later = clock() + timedelta(hours=1)
    assert await fan_out(store, later) == 0
    async with store.reading() as db:
        assert (await campaigns.look(db, number)).status == "paused"
    later = clock() + timedelta(hours=3)
    async with store.writing() as db:
        assert await repository.expire(db, later) == 3
    assert await fan_out(store, later) == 0
    async with store.writing() as db:
        await db.execute(delete(OutboxRow))
    async with store.reading() as db:
        told = await campaigns.look(db, number)
    assert (told.status, told.counts, told.unwritten) == ("done", {"expired": 3}, 0)


async def test_only_a_large_piece_makes_the_database_count_anew(
    store: Store, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_fan_out, "PIECE", 4)
    said: list[str] = []

    def hear(_1: object, _2: object, statement: str, *_3: object) -> None:
        said.append(statement)

    event.listen(store.writer.sync_engine, "before_cursor_execute", hear)
    await crowd(store, clock(), 3)
    await start(store, clock())
    assert await fan_out(store, clock()) == 3
    assert "ANALYZE outbox" not in said
    clock.forward(minutes=1)
    await crowd(store, clock(), 2)
    await start(store, clock())
    assert await fan_out(store, clock()) == 5
    assert "ANALYZE outbox" in said


async def test_the_notices_of_one_broadcast_are_found_by_an_index(
    store: Store, clock: WallClock
) -> None:
    await crowd(store, clock(), 3)
    number = await start(store, clock())
    await fan_out(store, clock())
    async with store.writing() as db:
        row = await db.get_one(BroadcastRow, number)
        found = select(OutboxRow.status).where(campaigns.notices_of(row))
        assert list(await db.scalars(found)) == ["ready"] * 3
        said = found.compile(db.get_bind(), compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
        if not store.is_sqlite:  # three rows are read faster whole
            await db.execute(text("SET LOCAL enable_seqscan = off"))
        statement = str(said).replace(":", "\\:")
        plan = "\n".join(str(line) for line in await db.execute(text(f"{explain} {statement}")))
    assert "ix_outbox_broadcast" in plan


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({}, "no_text"),
        ({"en": "only"}, "no_text"),
        ({"zh_CN": "好", "en": " "}, "no_text"),
        ({"zh_CN": "长" * 501}, "too_long"),
    ],
)
def test_texts_are_checked(texts: dict[str, str], why: str) -> None:
    with pytest.raises(BroadcastRefused) as refused:
        campaigns.check_texts(texts)
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("begins", "seconds", "ends"),
    [
        ((10, 0), 600, (10, 10)),
        ((10, 50), 1200, (13, 10)),
        ((6, 0), 60, (7, 31)),
        ((21, 20), 1200, (7, 40)),
        ((10, 0), 0, (10, 0)),
    ],
)
def test_the_end_is_foretold_with_quiet_hours(
    begins: tuple[int, int], seconds: float, ends: tuple[int, int]
) -> None:
    start = datetime(2026, 11, 23, begins[0], begins[1], tzinfo=CHINA)
    end = campaigns.ends_at(start, seconds).astimezone(CHINA)
    assert (end.hour, end.minute) == ends
