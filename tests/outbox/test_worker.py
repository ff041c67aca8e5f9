"""What becomes of a notice, whatever the platform and the courier do."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.channels.protocol import (
    Away,
    DeliveryFailed,
    Gone,
    Refused,
    Throttled,
    Uncertain,
    Unreachable,
)
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Answer, Reply, Say, Words
from bot.outbox.rate_limit import RateLimiter
from bot.services.notifications import queue
from bot.services.notifications.queue import Topic
from bot.services.notifications.statuses import Priority
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.outbox import (
    BROKEN,
    CARD,
    MOOT,
    REMIND,
    RENDERER,
    FakeChannel,
    MonotonicClock,
    couriers,
    notice,
    rows,
    states,
    worker,
)


async def test_sent_once_in_the_courier_s_language(one: Store, clock: ManualClock) -> None:
    async with one.writing() as db:
        await db.execute(update(CourierRow).values(locale="en"))
    channel = FakeChannel()
    one_worker = worker(one, clock, channel)
    assert await one_worker.run_once() == 1
    assert await one_worker.run_once() == 0
    assert channel.taken == [("1", "0 en")]
    assert await rows(one, OutboxRow.status, OutboxRow.attempts) == [("sent", 1)]


@pytest.mark.parametrize(
    ("failure", "kind", "became"),
    [
        (Uncertain(), CARD, "unknown"),
        (Uncertain(), REMIND, "ready"),
        (Refused(), REMIND, "dead"),
        (Gone(), REMIND, "held"),
        (Unreachable(), REMIND, "ready"),
        (Throttled(timedelta(seconds=30)), REMIND, "ready"),
        (TimeoutError(), CARD, "unknown"),
        (ValueError("a mistake of the channel's"), CARD, "unknown"),
    ],
)
async def test_each_failure_has_its_state(
    store: Store, clock: ManualClock, failure: Exception, kind: str, became: str
) -> None:
    await couriers(store, clock())
    await notice(store, clock(), kind=kind)
    channel = FakeChannel()

    async def fail(_: str) -> None:
        raise failure

    channel.always = fail
    monotonic = MonotonicClock()
    delivery = worker(store, clock, channel, monotonic=monotonic)
    taken = await delivery.run_once()
    if isinstance(failure, Uncertain) and kind == REMIND:
        assert taken == 2  # once more, then it waits for the courier
        assert await states(store) == ["held"]
    else:
        assert taken == 1
        assert await states(store) == [became]


async def test_a_part_that_arrived_is_not_sent_again(store: Store, clock: ManualClock) -> None:
    """Each attempt begins with the message at which the one before failed."""

    async def three(context: NoticeContext) -> Reply | None:
        return Reply(tuple(Say(f"{n}" * 3000) for n in (1, 2, 3)))

    class Failing(FakeChannel):
        async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
            words = [one for one in answer.messages if isinstance(one, Words)]
            self.taken += [(to, one.paragraphs[0].text[0]) for one in words[:1]]
            if len(words) > 1:
                failure = Throttled(timedelta(seconds=1)) if len(words) == 3 else Unreachable()
                failure.delivered = 1
                raise failure

    await couriers(store, clock())
    await notice(store, clock(), kind=CARD)
    channel, monotonic = Failing(), MonotonicClock()
    renderer = replace(RENDERER, renderers={CARD: three})
    delivery = worker(store, clock, channel, monotonic=monotonic, renderer=renderer)
    for _ in range(3):
        await delivery.run_once()
        clock.forward(minutes=1)
        monotonic.now += 60
    assert [text for _, text in channel.taken] == ["1", "2", "3"]
    assert await states(store) == ["sent"]


async def test_an_unreachable_platform_is_asked_less_and_less(
    one: Store, clock: ManualClock
) -> None:
    waits = []
    for _ in range(4):
        await worker(one, clock, FakeChannel(fails=[Unreachable()])).run_once()
        (due_at,) = await rows(one, OutboxRow.due_at)
        waits.append((due_at - clock()).total_seconds())
        clock.set(due_at)
    assert waits == [2, 4, 8, 16]
    channel = FakeChannel()
    await worker(one, clock, channel).run_once()
    assert channel.count("1") == 1


async def test_a_429_storm_loses_nothing_and_is_waited_out(
    store: Store, clock: ManualClock
) -> None:
    await couriers(store, clock(), 20)
    for n in range(1, 21):
        await notice(store, clock(), n)
    channel = FakeChannel(fails=[Throttled(timedelta(seconds=7)) for _ in range(20)])
    monotonic = MonotonicClock()
    delivery = worker(store, clock, channel, monotonic=monotonic)
    assert await delivery.run_once() == 20
    assert channel.taken == []
    assert set(await states(store)) == {"ready"}
    clock.forward(minutes=1)
    assert await delivery.run_once() == 0  # the pause is on the monotonic clock
    monotonic.now += 7.5
    await delivery.run_once()
    assert sorted(int(to) for to, _ in channel.taken) == list(range(1, 21))
    assert set(await states(store)) == {"sent"}


async def test_a_wait_for_several_chats_stops_everything(store: Store, clock: ManualClock) -> None:
    """While Telegram says wait to all, nothing more is claimed, not even what is urgent."""
    await couriers(store, clock(), 4)
    for n in (1, 2, 3):
        await notice(store, clock(), n, priority=Priority.INTERACTIVE)
    channel = FakeChannel(fails=[Throttled(timedelta(seconds=5)) for _ in range(3)])
    delivery = worker(store, clock, channel)
    await delivery.run_once()
    await notice(store, clock(), 4, priority=Priority.INTERACTIVE)
    assert await delivery.run_once() == 0
    assert channel.taken == []
    assert delivery.waits() == {"telegram": (5.0, 3)}


async def test_a_day_asked_for_one_chat_stops_nobody_else(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock(), 2)
    await notice(store, clock(), 1)
    channel = FakeChannel(fails=[Throttled(timedelta(days=1))])
    monotonic = MonotonicClock()
    delivery = worker(store, clock, channel, monotonic=monotonic)
    await delivery.run_once()
    await notice(store, clock(), 1, n=1)
    await notice(store, clock(), 2)
    await delivery.run_once()
    assert channel.taken == [("2", "0 zh_CN")]
    assert delivery.waits() == {"telegram": (0.0, 1)}
    clock.forward(minutes=5)
    monotonic.now += 300
    await delivery.run_once()
    clock.forward(minutes=1)
    monotonic.now += 60
    await delivery.run_once()
    assert channel.count("1") == 2
    assert set(await states(store)) == {"sent"}
    assert delivery.waits() == {}


async def test_too_late_is_not_sent(one: Store, clock: ManualClock) -> None:
    clock.forward(hours=6)
    channel = FakeChannel()
    await worker(one, clock, channel).run_once()
    assert channel.taken == []
    assert await states(one) == ["expired"]


async def test_a_notice_with_nothing_left_to_say_is_cancelled(
    store: Store, clock: ManualClock
) -> None:
    await couriers(store, clock())
    await notice(store, clock(), kind=MOOT)
    await worker(store, clock, FakeChannel()).run_once()
    assert await states(store) == ["cancelled"]


async def test_a_failing_renderer_harms_no_other_notice(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock(), 3)
    await notice(store, clock(), 1)
    await notice(store, clock(), 2, kind=BROKEN)
    await notice(store, clock(), 3)
    channel = FakeChannel()
    await worker(store, clock, channel).run_once()
    assert sorted(to for to, _ in channel.taken) == ["1", "3"]
    assert await rows(store, OutboxRow.status, OutboxRow.attempts) == [
        ("sent", 1),
        ("ready", 0),
        ("sent", 1),
    ]


async def test_a_topic_switched_off_meanwhile(one: Store, clock: ManualClock) -> None:
    async with one.writing() as db:
        await queue.set_topic(db, 1, Topic.TRAINING, clock(), on=False)
    async with one.writing() as db:
        await db.execute(update(OutboxRow).values(status="ready"))  # as if written just now
    channel = FakeChannel()
    await worker(one, clock, channel).run_once()
    assert channel.taken == []
    assert await states(one) == ["cancelled"]


async def test_one_message_a_second_to_one_chat(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock())
    for n in range(3):
        await notice(store, clock(), n=n)
    monotonic = MonotonicClock()
    channel = FakeChannel()
    delivery = worker(store, clock, channel, monotonic=monotonic, limiter=RateLimiter(monotonic))
    for sent in (1, 2, 3):
        await delivery.run_once()
        assert channel.count("1") == sent
        monotonic.now += 1.0
        clock.forward(minutes=1 / 60)


async def test_a_service_sends_and_stops_in_order(one: Store, clock: ManualClock) -> None:
    """What is in flight when it is told to stop is finished and written down."""
    channel = FakeChannel()
    called, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_: str) -> None:
        called.set()
        await go_on.wait()

    channel.always = hold
    stop = asyncio.Event()
    delivery = worker(one, clock, channel)
    running = asyncio.create_task(delivery.run(stop))
    await asyncio.wait_for(called.wait(), 10)
    assert delivery.alive()
    assert await states(one) == ["sending"]
    stop.set()
    go_on.set()
    await asyncio.wait_for(running, 10)
    assert channel.count("1") == 1
    assert await states(one) == ["sent"]


async def test_an_acknowledgement_waits_for_the_database(
    one: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent while the database is away: written down when it is back, and not sent again."""
    channel = FakeChannel()
    delivery = worker(one, clock, channel)
    whole = Store.writing
    broken = False

    def writing(store: Store) -> object:
        if broken:
            raise OSError("the database is away")
        return whole(store)

    async def lose(_: str) -> None:
        nonlocal broken
        broken = True

    channel.always = lose
    monkeypatch.setattr(Store, "writing", writing)
    with pytest.raises(OSError, match="away"):
        await delivery.run_once()
    broken = False
    channel.always = None
    await delivery.run_once()
    assert channel.count("1") == 1
    assert await states(one) == ["sent"]


def test_every_delivery_failure_of_the_protocol_is_covered_here() -> None:
    known = {Throttled, Unreachable, Uncertain, Refused, Gone}
    assert set(DeliveryFailed.__subclasses__()) == known
    assert Gone.__subclasses__() == [Away]
