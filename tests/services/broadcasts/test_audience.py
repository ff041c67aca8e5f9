"""Whom a broadcast means, and in which chat they get it."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import insert, select, update

from bot.services.broadcasts import (
    audience as broadcast_audience,
)
from bot.services.broadcasts import (
    campaigns,
)
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.fan_out import fan_out
from bot.services.notifications.queue import Topic, set_topic
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.profiles import ProfileRow
from tests.conftest import ManualClock
from tests.support.broadcasts import TEXTS, RecordingChannel, couriers_with_chats, start, worker


async def test_everybody_meant_is_written_to_once_in_their_language(
    store: Store, clock: ManualClock
) -> None:
    couriers = await couriers_with_chats(store, clock(), 5)
    async with store.writing() as db:
        english = update(CourierRow).where(CourierRow.id == couriers[1]).values(locale="en")
        await db.execute(english)
    number = await start(store, clock())
    assert await fan_out(store, clock()) == 5
    assert await fan_out(store, clock()) == 0
    platform = RecordingChannel()
    assert await worker(store, platform, clock).run_once() == 5
    assert sorted(to for to, _ in platform.sent) == sorted(f"9{one}" for one in couriers)
    texts = Counter(said.split("\n")[0] for _, said in platform.sent)
    assert texts == {TEXTS["zh_CN"]: 4, TEXTS["en"]: 1}
    for _, said in platform.sent:
        assert ("stop trainings" if TEXTS["en"] in said else "回“停培训”") in said
    await fan_out(store, clock())
    async with store.reading() as db:
        told = await campaigns.look(db, number)
    assert (told.status, told.total, told.done, told.counts) == ("done", 5, 5, {"sent": 5})


async def test_league_firm_and_switched_off_topics_choose_the_audience(
    store: Store, clock: ManualClock
) -> None:
    couriers = await couriers_with_chats(store, clock(), 6)
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
            db, Audience(Topic.CARD, league="150100", firm="甲"), clock()
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
    store: Store, clock: ManualClock
) -> None:
    couriers = await couriers_with_chats(store, clock(), 3)
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
