"""One event, one transaction: on both databases, each time with two replicas over one."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from bot.conversation.events import (
    Address,
    ChatLeft,
    ChatOpened,
    Event,
    Press,
    Text,
)
from bot.conversation.repository import ANSWERS_PER_CHAT
from bot.conversation.state import PUSHED
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import open_store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support.turn_replicas import (
    LI,
    PHRASES,
    PRIVATE,
    CountingHandlers,
    Replicas,
    fall_over,
    lines,
    new_dispatcher,
)


async def test_a_conversation_goes_on_whichever_replica_takes_the_message(
    replicas: Replicas,
) -> None:
    assert await replicas.says("一") == ["一 1"]
    assert await replicas.says("二") == ["二 2"]
    assert await replicas.says("1") == ["又来了"]  # the only choice, by its number
    assert await replicas.says("三") == ["三 101"]
    assert await replicas.rows(CourierRow) == await replicas.rows(ChatRow) == 1


async def test_a_redelivery_gets_the_stored_answer_and_runs_nothing(replicas: Replicas) -> None:
    event = replicas.event("一")
    first = await replicas.turn(event)
    await replicas.says("二")
    assert await replicas.turn(event) == first
    assert replicas.handlers.runs == await replicas.rows(DemandRow) == 2
    assert await replicas.says("三") == ["三 3"]


async def test_eight_copies_at_once_run_once(replicas: Replicas) -> None:
    event = replicas.event("一")
    answers = await asyncio.gather(*(replicas.turn(event) for _ in range(8)))
    assert answers == [answers[0]] * 8
    assert lines(answers[0]) == ["一 1"]
    assert replicas.handlers.runs == await replicas.rows(DemandRow) == 1


async def test_the_same_id_on_two_channels_is_two_messages(replicas: Replicas) -> None:
    event = replicas.event("一")
    await replicas.turn(event)
    await replicas.turn(replace(event, sender=Address("telegram", "li")))
    assert replicas.handlers.runs == await replicas.rows(CourierRow) == 2


@pytest.mark.parametrize("channel", ["web", "telegram", "wechat", "terminal"])
async def test_two_senders_with_the_same_event_id_get_their_own_answers(
    replicas: Replicas, channel: str
) -> None:
    """Also in a redelivery, which either replica may get."""
    mine = Event("m1", Address(channel, "li"), replicas.clock.now, Text("李"))
    theirs = replace(mine, sender=Address(channel, "wang"), content=Text("王"))
    events = [mine, theirs, mine, theirs]
    together = await asyncio.gather(*(replicas.turn(event) for event in events))
    again = [await replicas.turn(event) for event in events]
    for answers in (together, again):
        assert [lines(answer) for answer in answers] == [["李 1"], ["王 1"]] * 2
    assert replicas.handlers.runs == await replicas.rows(InboxRow) == 2


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
    postgres_url: str, clock: ManualClock
) -> None:
    slow, quick, keys = (
        CountingHandlers(waiting=asyncio.Event()),
        CountingHandlers(),
        parse_keys(new_key()),
    )
    store = await open_store(postgres_url)
    event = Event("1", LI, clock.now, Text("一"))
    waiting = asyncio.create_task(new_dispatcher(store, slow, clock, keys).turn(event))
    await slow.arrived.wait()
    wang = replace(event, id="2", sender=Address("web", "wang"))
    assert lines(await new_dispatcher(store, quick, clock, keys).turn(wang)) == ["一 1"]
    assert slow.waiting is not None
    slow.waiting.set()
    assert lines(await waiting) == ["一 1"]
    await store.close()


async def test_a_step_older_than_a_day_has_expired(replicas: Replicas) -> None:
    await replicas.says("一")
    replicas.clock.forward(days=1, minutes=1)
    assert await replicas.says("二") == [PHRASES.expired, "二 1"]


async def test_a_step_has_expired_when_its_state_was_deleted_too(
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


async def test_a_failure_is_worded_in_the_language_that_was_chosen(replicas: Replicas) -> None:
    await replicas.says("一")
    async with replicas.stores[0].writing() as db:
        await db.execute(update(CourierRow).values(locale="en"))
    replicas.handlers.failure = fall_over
    assert "wrong" in (await replicas.says("二"))[0]


async def test_a_button_whose_object_is_gone_is_stale(replicas: Replicas) -> None:
    for action in ("gone:7", "never.was"):
        assert await replicas.says(Press(action)) == ["这个按钮已经没有了"]


async def test_a_courier_who_left_is_not_reachable_until_they_write(replicas: Replicas) -> None:
    async def reachable() -> bool | None:
        async with replicas.stores[0].reading() as db:
            return await db.scalar(select(ChatRow.reachable))

    await replicas.says(ChatOpened())
    assert await reachable() is True
    await replicas.says(ChatLeft())
    assert await reachable() is False
    await replicas.says("我回来了")
    assert await reachable() is True


async def test_what_was_typed_is_kept_sealed(replicas: Replicas) -> None:
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
    anew = new_dispatcher(replicas.stores[0], replicas.handlers, replicas.clock, others)
    assert lines(await anew.turn(replicas.event("二"))) == ["二 1"]


async def test_of_each_chat_the_newest_hundred_answers_are_kept(replicas: Replicas) -> None:
    """However much one visitor writes; what was answered just now can still be repeated."""
    events = [replicas.event(str(number)) for number in range(ANSWERS_PER_CHAT + 20)]
    answers = []
    for event in events:
        answers.append(await replicas.turn(event))
        replicas.clock.forward(minutes=1)
    neighbour = replace(replicas.event("我"), sender=Address("web", "wang"))
    first = await replicas.turn(neighbour)
    await replicas.each[0].delete_expired()
    assert await replicas.rows(InboxRow) == ANSWERS_PER_CHAT + 1
    for event, answer in zip(events[20:], answers[20:], strict=True):
        assert await replicas.turn(event) == answer
    assert await replicas.turn(neighbour) == first
    assert await replicas.rows(InboxRow) == ANSWERS_PER_CHAT + 1


async def test_deleting_expired_rows_keeps_what_may_still_be_asked_for(replicas: Replicas) -> None:
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
