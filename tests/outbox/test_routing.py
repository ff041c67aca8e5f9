"""To which chat a notice goes, and when it waits instead."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.protocol import (
    Away,
    Gone,
)
from bot.common.clock import CHINA
from bot.conversation.replies import Abilities
from bot.services.notifications import pending_box
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.outbox import (
    FakeChannel,
    chat,
    couriers,
    notice,
    rows,
    states,
    worker,
)


async def test_gone_from_one_chat_reached_in_another(one: Store, clock: ManualClock) -> None:
    await chat(one, 1, clock() - timedelta(days=2), "wechat", "openid")
    telegram, wechat = FakeChannel(fails=[Gone()]), FakeChannel("wechat")
    await worker(one, clock, telegram, wechat).run_once()
    assert wechat.count("openid") == 1
    async with one.reading() as db:
        reached = select(ChatRow.channel, ChatRow.reachable).order_by(ChatRow.channel)
        assert [tuple(row) for row in await db.execute(reached)] == [
            ("telegram", False),
            ("wechat", True),
        ]


async def test_gone_everywhere_waits_for_the_courier(one: Store, clock: ManualClock) -> None:
    await chat(one, 1, clock() - timedelta(days=2), "wechat", "openid")
    both = [FakeChannel(fails=[Gone()]), FakeChannel("wechat", fails=[Gone()])]
    await worker(one, clock, *both).run_once()
    assert await states(one) == ["held"]
    async with one.writing() as db:
        (waits,) = await pending_box.held(db, 1, clock())
        assert waits.params == {"n": 0}


async def test_a_closed_window_of_the_channel(store: Store, clock: ManualClock) -> None:
    """Who last wrote three days ago cannot be written to where the window is two days."""
    window = Abilities(2000, 2000, 0, False, False, False, "typed", timedelta(hours=48))
    await couriers(store, clock() - timedelta(days=3), channel="wechat")
    await notice(store, clock())
    wechat = FakeChannel("wechat", window)
    await worker(store, clock, wechat).run_once()
    assert await rows(store, OutboxRow.status, OutboxRow.reason) == [("held", "window")]
    assert wechat.taken == []


async def test_a_page_that_is_open_elsewhere_or_nowhere(store: Store, clock: ManualClock) -> None:
    """Only the process that has the page open can show it; after ten seconds it is held."""
    await couriers(store, clock(), 2, channel="web")
    await notice(store, clock(), 1)
    await notice(store, clock(), 2)
    here, there = FakeChannel("web"), FakeChannel("web")
    one = worker(store, clock, here, present=lambda: ())
    other = worker(store, clock, there, present=lambda: ("1",))
    assert await one.run_once() == 0
    assert await other.run_once() == 1
    assert there.taken == [("1", "0 zh_CN")]
    clock.forward(minutes=1)
    assert await one.run_once() == 1
    assert await states(store) == ["sent", "held"]


async def test_a_page_in_a_pocket_stays_reachable(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock(), channel="web")
    await notice(store, clock())
    page = FakeChannel("web", fails=[Away()])
    await worker(store, clock, page, present=lambda: ("1",)).run_once()
    assert await states(store) == ["held"]
    async with store.reading() as db:
        assert await db.scalar(select(ChatRow.reachable)) is True


@pytest.mark.parametrize(
    ("now", "lasts", "status", "due_at"),
    [
        ("02:00", 12, "ready", "07:30"),  # after an outage: not in the night
        ("12:00", 12, "ready", "13:00"),
        ("02:00", 3, "held", None),  # morning would be too late
        ("10:00", 3, "sent", None),
    ],
)
async def test_quiet_hours_count_again_when_it_is_sent(
    store: Store, clock: ManualClock, now: str, lasts: int, status: str, due_at: str | None
) -> None:
    moment = datetime.combine(clock().date(), datetime.strptime(now, "%H:%M").time(), CHINA)  # noqa: DTZ007
    clock.set(moment - timedelta(days=1))
    await couriers(store, clock())
    await notice(store, clock())
    async with store.writing() as db:
        late = {"due_at": moment - timedelta(hours=1), "not_after": moment + timedelta(hours=lasts)}
        await db.execute(update(OutboxRow).values(**late))
    clock.set(moment)
    await worker(store, clock, FakeChannel()).run_once()
    (found,) = await rows(store, OutboxRow.status, OutboxRow.due_at)
    assert found[0] == status
    if due_at:
        assert f"{found[1].astimezone(CHINA):%H:%M}" == due_at


async def test_planned_at_the_last_allowed_minute_and_a_little_late(
    store: Store, clock: ManualClock
) -> None:
    """The evening reminder of an early class goes at 21:29; a busy minute must not drop it."""
    clock.set(datetime(2026, 11, 23, 10, tzinfo=CHINA))
    await couriers(store, clock())
    early = timedelta(hours=20)  # 06:00, too late by half past seven
    await notice(store, clock(), due_in=early, lasts=timedelta(minutes=30))
    (due_at,) = await rows(store, OutboxRow.due_at)
    assert due_at.astimezone(CHINA) == datetime(2026, 11, 23, 21, 29, tzinfo=CHINA)
    clock.set(due_at + timedelta(minutes=5))
    channel = FakeChannel()
    await worker(store, clock, channel).run_once()
    assert channel.count("1") == 1
