"""How broadcasts pause, end and are cancelled, and what is counted."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, update

from bot.common.clock import CHINA
from bot.outbox import repository
from bot.outbox.worker import Worker
from bot.services.broadcasts import (
    campaigns,
)
from bot.services.broadcasts import (
    fan_out as broadcast_fan_out,
)
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.errors import BroadcastRefused
from bot.services.broadcasts.fan_out import fan_out
from bot.services.couriers.profiles import Profiles
from bot.services.notifications.queue import Topic
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.profiles import ProfileRow
from tests.conftest import ManualClock
from tests.support.broadcasts import (
    TEXTS,
    RecordingChannel,
    couriers_with_chats,
    start,
    states,
    worker,
)
from tests.support.cards import KEYS


async def test_a_pause_holds_back_what_is_written_and_resuming_sends_it(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 6)
    number = await start(store, clock())
    await fan_out(store, clock())
    async with store.writing() as db:
        await campaigns.pause(db, number)
    platform = RecordingChannel()
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
    assert len(platform.sent) == 6


async def test_a_pause_and_an_end_stop_what_a_worker_has_in_its_hands(
    store: Store, clock: ManualClock
) -> None:
    """Between the claim and the call the broadcast is looked at once more."""
    await couriers_with_chats(store, clock(), 6)
    number = await start(store, clock())
    await broadcast_fan_out.fan_out(store, clock())
    platform = RecordingChannel()
    delivery = worker(store, platform, clock)
    async with store.writing() as db:
        lane, lease = repository.PRIORITY_CLASSES[2], 60.0
        ids = await repository.claim(db, "telegram", lane, 6, clock(), delivery.owner, lease)
        assert len(ids) == 6
    async with store.writing() as db:
        await campaigns.pause(db, number)
    await prepare(delivery, ids, clock())
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
    await prepare(delivery, ids, clock())
    assert await states(store) == {"cancelled": 6}
    assert platform.sent == []


async def prepare(delivery: Worker, ids: list[int], now: datetime) -> None:
    """What a worker does with the notices that it has claimed, up to the calls."""
    sender = delivery._senders["telegram"]
    assert await delivery._begin(sender, ids, now) == []


async def test_calling_it_off_takes_back_what_has_not_gone_out(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_fan_out, "AHEAD", 4)
    await couriers_with_chats(store, clock(), 10)
    number = await start(store, clock())
    platform = RecordingChannel()
    delivery = worker(store, platform, clock)
    await fan_out(store, clock())
    await delivery.run_once()
    await fan_out(store, clock())
    async with store.writing() as db:
        assert await campaigns.cancel(db, number, clock()) == 6
    assert await fan_out(store, clock()) == 0
    assert await delivery.run_once() == 0
    assert len(platform.sent) == 4
    async with store.reading() as db:
        told = await campaigns.look(db, number)
    assert told.counts == {"sent": 4, "cancelled": 4}
    assert told.reasons == {"called_off": 4}
    assert told.status == "cancelled"


async def test_what_was_counted_stays_when_the_notices_are_cleared_away(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 3)
    number = await start(store, clock())
    await fan_out(store, clock())
    await worker(store, RecordingChannel(), clock).run_once()
    await fan_out(store, clock())
    async with store.writing() as db:
        await db.execute(delete(OutboxRow))
    async with store.reading() as db:
        assert (await campaigns.look(db, number)).counts == {"sent": 3}


async def test_a_pause_that_outlasts_the_broadcast_ends_it(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 3)
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
def test_the_predicted_end_leaves_out_quiet_hours(
    begins: tuple[int, int], seconds: float, ends: tuple[int, int]
) -> None:
    start = datetime(2026, 11, 23, begins[0], begins[1], tzinfo=CHINA)
    end = campaigns.ends_at(start, seconds).astimezone(CHINA)
    assert (end.hour, end.minute) == ends


async def test_of_two_with_the_same_text_at_once_one_starts(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 3)
    until = clock() + timedelta(hours=24)

    async def create(audience: Audience) -> str:
        try:
            async with store.writing() as db:
                await campaigns.create(db, TEXTS, audience, clock(), until, clock())
        except BroadcastRefused as refused:
            return refused.why
        return "started"

    audiences = (Audience(), Audience(Topic.STATION), Audience(), Audience(), Audience())
    given = await asyncio.gather(*map(create, audiences))
    assert sorted(given) == ["repeated"] * 4 + ["started"]


async def test_other_couriers_may_get_the_same_text(store: Store, clock: ManualClock) -> None:
    everybody = await couriers_with_chats(store, clock(), 2)
    profiles = Profiles(KEYS)
    until = clock() + timedelta(hours=24)
    async with store.writing() as db:
        for courier, league in zip(everybody, ("150100", "150200"), strict=True):
            await profiles.remember(db, courier, "张三", f"1380000{courier:04}", clock(), "web")
            row = ProfileRow.courier_id == courier
            await db.execute(update(ProfileRow).where(row).values(league=league))
        for league in ("150100", "150200"):
            audience = Audience(league=league)
            await campaigns.create(db, TEXTS, audience, clock(), until, clock())
        with pytest.raises(BroadcastRefused) as refused:
            await campaigns.create(db, TEXTS, Audience(), clock(), until, clock())
    assert (refused.value.why, refused.value.value) == ("repeated", "2")
