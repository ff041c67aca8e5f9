"""What a notice offers is kept with its chat once it went out, on both databases."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.protocol import DeliveryFailed, Throttled, Uncertain, Unreachable
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.conversation.state import PUSHED
from bot.handlers.system_phrases import turn_phrases
from bot.outbox.preparation import NoticeRenderer
from bot.store.engine import Store, open_store
from bot.store.models.conversation import ChatRow
from tests.conftest import ManualClock
from tests.support.outbox import (
    CARD,
    KEYS,
    LANGUAGES,
    REMIND,
    FakeChannel,
    couriers,
    let_leases_lapse,
    notice,
    remind,
    states,
    worker,
)


async def ask(occasion: NoticeContext) -> Reply | None:
    number = occasion.params["n"]
    row = (Button("我会来", f"come:{number}"), Button("来不了", f"leave:{number}"))
    return Reply((Say("明天上课"), Buttons((row,), "")))


RENDERER = NoticeRenderer({REMIND: ask, CARD: remind}, LANGUAGES, turn_phrases, KEYS)


@pytest.fixture
async def one(store: Store, clock: ManualClock) -> Store:
    """A courier with a due reminder that asks something."""
    await couriers(store, clock())
    await notice(store, clock(), n=7)
    return store


async def kept(store: Store) -> list[list[str]] | None:
    """The choices of the courier's chat."""
    async with store.reading() as db:
        sealed = await db.scalar(select(ChatRow.pushed))
    found: list[list[str]] | None = json.loads(KEYS.open(sealed, PUSHED)) if sealed else None
    return found


async def speak(store: Store) -> None:
    """What a turn leaves on its chat."""
    async with store.writing() as db:
        await db.execute(update(ChatRow).values(turns=ChatRow.turns + 1, pushed=None))


ASKED = [["我会来", "come:7"], ["来不了", "leave:7"]]


@pytest.mark.parametrize(
    ("failure", "choices"),
    [(None, ASKED), (Uncertain(), ASKED), (Unreachable(), None), (Throttled(timedelta(1)), None)],
)
async def test_they_are_kept_once_it_may_have_arrived(
    one: Store, clock: ManualClock, failure: DeliveryFailed | None, choices: list[list[str]] | None
) -> None:
    channel = FakeChannel(fails=[failure] if failure else [])
    await worker(one, clock, channel, renderer=RENDERER).run_once()
    assert await kept(one) == choices
    async with one.reading() as db:
        assert await db.scalar(select(ChatRow.pushed_at)) == (clock() if choices else None)


async def test_a_notice_without_choices_leaves_those_of_the_one_before(
    one: Store, clock: ManualClock
) -> None:
    await worker(one, clock, FakeChannel(), renderer=RENDERER).run_once()
    await notice(one, clock(), kind=CARD)
    await worker(one, clock, FakeChannel(), renderer=RENDERER).run_once()
    assert await kept(one) == ASKED
    await notice(one, clock(), n=8)
    await worker(one, clock, FakeChannel(), renderer=RENDERER).run_once()
    assert await kept(one) == [["我会来", "come:8"], ["来不了", "leave:8"]]


async def test_what_was_said_since_it_was_worded_counts(one: Store, clock: ManualClock) -> None:
    channel = FakeChannel(always=lambda _: speak(one))
    await worker(one, clock, channel, renderer=RENDERER).run_once()
    assert await states(one) == ["sent"]
    assert await kept(one) is None


async def test_a_turn_under_way_is_not_waited_for(postgres_url: str, clock: ManualClock) -> None:
    """It holds its chat and may want the notice's row: to wait for it could be for ever."""
    store = await open_store(postgres_url)
    await couriers(store, clock())
    await notice(store, clock(), n=7)
    async with store.writing() as turn:
        lock = select(ChatRow.id).where(ChatRow.courier_id == 1)
        await turn.execute(lock.with_for_update(key_share=True))
        await worker(store, clock, FakeChannel(), renderer=RENDERER).run_once()
        assert await states(store) == ["sent"]
    assert await kept(store) is None
    await store.close()


async def test_a_worker_that_slept_through_its_lease_offers_nothing(
    one: Store, clock: ManualClock
) -> None:
    begun, awake = asyncio.Event(), asyncio.Event()

    async def sleep(_: str) -> None:
        begun.set()
        await awake.wait()

    late = worker(one, clock, FakeChannel(always=sleep), renderer=RENDERER)
    sleeping = asyncio.create_task(late.run_once())
    await begun.wait()
    await let_leases_lapse(one, clock())
    other = worker(one, clock, FakeChannel(), renderer=RENDERER)
    await other.run_once()
    assert await kept(one) == ASKED
    async with one.writing() as db:
        await db.execute(update(ChatRow).values(pushed=None))  # as if a day had passed
    awake.set()
    await sleeping
    assert await kept(one) is None
