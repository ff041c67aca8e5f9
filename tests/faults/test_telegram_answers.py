"""No answer is lost on Telegram, whatever the platform does while it is sent."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.statuses import OutboxStatus
from bot.store.engine import open_store
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow
from tests.channels.telegram.running_channel import texts
from tests.conftest import ManualClock
from tests.support.courier import Deployment, TelegramLine
from tests.support.fakes.telegram_calls import Fault, Recorded
from tests.support.stations import HERE, create_stations

COURIERS = 20
CHAT = 7000
FAULTS = {
    "500": Fault(500),
    "502 as JSON": Fault(502, "Bad Gateway"),
    "502 as HTML": Fault(502, body=b"<html>502 Bad Gateway</html>"),
    "garbage": Fault(203, body=b"\xff\x00garbage"),
    "reset": Fault(drop=True),
    "429 without retry_after": Fault(429),
    "429 with retry_after 0": Fault(429, retry_after=0),
    "429 for a day": Fault(429, retry_after=86400),
}


@pytest.fixture
async def deployment(
    database_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Deployment]:
    """Two replicas that leave an answer to delivery after the first attempt."""
    monkeypatch.setattr("bot.channels.telegram.channel.PATIENCE", 0.0)
    store = await open_store(database_url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment({"YIZHAN_DATABASE_URL": database_url}, clock) as opened:
        yield opened


def arrived(deployment: Deployment, chat: int, method: str = "sendMessage") -> list[Recorded]:
    """The messages that the courier has in the chat."""
    return [one for one in deployment.telegram.called(method, chat) if one.status == 200]


async def statuses(deployment: Deployment) -> list[str]:
    async with deployment.replicas[0].store.reading() as db:
        return list(await db.scalars(select(OutboxRow.status).order_by(OutboxRow.id)))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_of_twenty_answers_none_is_lost(
    deployment: Deployment, clock: ManualClock, fault: Fault
) -> None:
    undisturbed = texts(await deployment.telegram.text(CHAT - 1, "帮助"))
    chats = range(CHAT, CHAT + COURIERS)
    for chat in chats:
        deployment.telegram.inject("sendMessage", fault, chat=chat)
        await deployment.telegram.text(chat, "帮助")
        assert arrived(deployment, chat) == []
    for _ in range(10):
        clock.forward(minutes=1)
        await deployment.deliver()
    for chat in chats:
        assert texts(arrived(deployment, chat)) == undisturbed
    assert await statuses(deployment) == [OutboxStatus.SENT] * COURIERS


async def test_the_next_message_shows_what_delivery_has_not_sent_yet(
    deployment: Deployment, clock: ManualClock
) -> None:
    deployment.telegram.inject("sendMessage", Fault(429, retry_after=86400), chat=CHAT)
    courier = TelegramLine(deployment, CHAT)
    await courier.shares(*HERE)
    assert arrived(deployment, CHAT) == []
    screen = await courier.says("帮助")
    assert "之前有这些消息" in screen
    assert "驿站" in screen
    assert await statuses(deployment) == [OutboxStatus.SHOWN]
    before = len(deployment.telegram.calls)
    clock.forward(minutes=10)
    await deployment.deliver()
    assert len(deployment.telegram.calls) == before


async def test_after_a_second_unknown_outcome_it_waits_for_the_courier(
    deployment: Deployment, clock: ManualClock
) -> None:
    """Pushed at most twice, as every notice."""
    deployment.telegram.inject("sendMessage", *[Fault(500)] * 2, chat=CHAT)
    await deployment.telegram.text(CHAT, "帮助")
    clock.forward(minutes=1)
    await deployment.deliver()
    assert await statuses(deployment) == [OutboxStatus.HELD]
    clock.forward(minutes=1)
    assert await deployment.deliver() == 0
    assert "之前有这些消息" in await TelegramLine(deployment, CHAT).says("帮助")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_place_that_fails_repeats_no_words_and_keeps_its_buttons(
    deployment: Deployment, clock: ManualClock, fault: Fault
) -> None:
    await deployment.telegram.location(CHAT, *HERE)
    listed = len(arrived(deployment, CHAT))
    deployment.telegram.inject("sendVenue", fault, chat=CHAT)
    await deployment.telegram.tap(CHAT, "第1家怎么进")
    before = texts(arrived(deployment, CHAT)[listed:])
    for _ in range(10):
        clock.forward(minutes=1)
        await deployment.deliver()
    after = texts(arrived(deployment, CHAT)[listed:])
    assert len(before) == 1
    assert after[:1] == before
    assert len(set(after)) == len(after)
    (venue,) = arrived(deployment, CHAT, "sendVenue")
    assert "reply_markup" in venue.params


async def test_a_place_that_is_refused_leaves_its_buttons_on_a_text(
    deployment: Deployment, clock: ManualClock
) -> None:
    deployment.telegram.inject("sendVenue", Fault(400, "Bad Request: VENUE_INVALID"), chat=CHAT)
    await deployment.telegram.location(CHAT, *HERE)
    sent = await deployment.telegram.tap(CHAT, "第1家怎么进")
    assert sent[-1].method == "sendMessage"
    assert sent[-1].params["reply_markup"]["inline_keyboard"]
    assert await statuses(deployment) == []


async def test_a_notice_to_who_blocked_the_bot_meanwhile_is_not_sent(
    deployment: Deployment, clock: ManualClock
) -> None:
    """Written while they could be reached, due after they blocked the bot."""
    await deployment.telegram.start(CHAT)
    async with deployment.replicas[0].store.writing() as db:
        who = await db.scalar(select(ChatRow.courier_id))
        assert who is not None
        due = clock() + timedelta(minutes=5)
        late = due + timedelta(hours=1)
        sample = Notice(NoticeKind.REMINDER_SAMPLE, who, {}, Topic.SERVICE, "sample", due, late)
        assert await queue.enqueue(db, sample, clock())
    assert await statuses(deployment) == [OutboxStatus.READY]
    await deployment.telegram.block(CHAT)
    before = len(deployment.telegram.calls)
    clock.forward(minutes=6)
    await deployment.deliver()
    assert len(deployment.telegram.calls) == before
    assert await statuses(deployment) == [OutboxStatus.HELD]


async def test_a_platform_that_asks_to_wait_shows_in_readiness_and_metrics(
    deployment: Deployment, clock: ManualClock
) -> None:
    wait = Fault(429, retry_after=86400)
    deployment.telegram.inject("sendMessage", wait, wait, chat=CHAT)
    await deployment.telegram.text(CHAT, "帮助")
    clock.forward(minutes=6)
    await deployment.deliver()
    async with ClientSession() as http:
        async with http.get(f"{deployment.addresses[0]}/readyz") as answer:
            assert answer.status == 200
            lines = (await answer.text()).splitlines()
        async with http.get(f"{deployment.addresses[0]}/metrics") as answer:
            metrics = await answer.text()
    assert lines == ["ready", "telegram asked to wait: all messages 0 s; chats that wait: 1"]
    assert 'yizhan_delivery_throttled_total{channel="telegram"}' in metrics
