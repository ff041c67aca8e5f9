"""Guessing: counted for all replicas and channels, locks what guesses, and teaches nothing."""

import asyncio
import statistics
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from time import process_time
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards import lockout
from bot.services.cards.applications import Cards
from bot.services.cards.errors import TriesUsedUp
from bot.services.cards.lockout import Guesser
from bot.services.lockout import counters
from bot.store.encryption import Keyring
from bot.store.engine import Store, open_store
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.attempts import AttemptRow
from bot.store.models.cards import CardBindingRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock
from tests.support.cards import DIGITS, KEYS, NUMBER, RECORD, report

CARDS = Cards(KEYS)
CHANNELS = ("telegram", "web", "wechat")


async def newcomer(db: Any, name: str, now: datetime, channel: str = "web") -> int:
    """A courier with one chat."""
    new = insert(CourierRow).values(created_at=now, seen_at=now).returning(CourierRow.id)
    courier = int((await db.execute(new)).scalar_one())
    chat = {"channel": channel, "external_id": name, "courier_id": courier}
    await db.execute(insert(ChatRow).values(**chat, reachable=True, state_at=now))
    return courier


async def guess(
    db: Any, courier: int, number: str, digits: str, now: datetime, network: str = ""
) -> str:
    """`found`, `wrong` or `locked`; `crowded` where others alone used the tries up."""
    try:
        found = await CARDS.prove(db, Guesser(courier, network), number, digits, now)
    except TriesUsedUp as refused:
        return "crowded" if refused.everybody else "locked"
    return "wrong" if found is None else "found"


@pytest.mark.slow
async def test_five_thousand_tries_learn_nothing(database_url: str, clock: ManualClock) -> None:
    """Half of all four digits, the right ones among them, on each kind of database.

    From ever new chats of three channels, on two replicas.
    """
    stores = [await open_store(database_url) for _ in range(2)]
    await report(stores[0], clock(), RECORD)
    came: dict[str, int] = {}
    turn = cycle(stores)
    for batch in range(100):
        async with next(turn).writing() as db:
            courier = 0
            for step in range(50):
                at = batch * 50 + step
                if step % 4 == 0:  # four tries each, and never the fifth
                    who = CHANNELS[at % 3]
                    courier = await newcomer(db, f"{at}", clock(), who)
                said = await guess(db, courier, NUMBER, f"{2 * at:04}", clock())
                came[said] = came.get(said, 0) + 1
        clock.forward(minutes=14 / 100 * 60)  # fourteen hours in all: the lock holds for a day
    assert came == {"wrong": 5, "locked": 4995}
    async with stores[0].reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardBindingRow)) == 0
        notes = list(await db.scalars(select(OperatorNoteRow.params)))
    assert notes == [{"scope": "number"}]
    clock.forward(hours=24)
    async with stores[0].writing() as db:  # and the owner is let in again
        owner = await newcomer(db, "owner", clock())
        assert await guess(db, owner, NUMBER, DIGITS, clock()) == "found"
    for store in stores:
        await store.close()


async def search(
    store: Store, clock: ManualClock, channel: str, first: int, tries: int, network: str = ""
) -> list[str]:
    """A new chat and another number for each try."""
    came = []
    async with store.writing() as db:
        for at in range(first, first + tries):
            courier = await newcomer(db, f"{at}", clock(), channel)
            came.append(await guess(db, courier, f"NM2026{at:05}", "0000", clock(), network))
    return came


async def notes_of(store: Store) -> list[dict[str, Any]]:
    async with store.reading() as db:
        return list(await db.scalars(select(OperatorNoteRow.params).order_by(OperatorNoteRow.id)))


async def test_a_search_through_many_numbers_is_stopped_on_its_channel_alone(
    store: Store, clock: ManualClock
) -> None:
    most = lockout.LIMITS[lockout.Subject.CHANNEL].most
    assert await search(store, clock, "web", 0, most + 5) == ["wrong"] * most + ["crowded"] * 5
    assert await notes_of(store) == [{"scope": "channel", "channel": "web"}]
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        owner = await newcomer(db, "owner", clock(), "wechat")
        assert await guess(db, owner, NUMBER, DIGITS, clock()) == "found"
    clock.forward(minutes=61)
    assert await search(store, clock, "web", 900, 1) == ["wrong"]


async def test_a_search_on_three_channels_is_stopped_for_everybody(
    store: Store, clock: ManualClock
) -> None:
    most = lockout.LIMITS[lockout.Subject.CHANNEL].most
    for at, channel in enumerate(CHANNELS):
        assert set(await search(store, clock, channel, at * most, most)) == {"wrong"}
    assert await search(store, clock, "terminal", 900, 1) == ["crowded"]
    assert {"scope": "all"} in await notes_of(store)
    clock.forward(minutes=61)
    assert await search(store, clock, "terminal", 901, 1) == ["wrong"]


async def test_who_writes_from_two_channels_is_not_locked_out_with_one(
    store: Store, clock: ManualClock
) -> None:
    """Nor does their try open the locked one again."""
    await search(store, clock, "web", 0, lockout.LIMITS[lockout.Subject.CHANNEL].most)
    async with store.writing() as db:
        both = await newcomer(db, "both", clock(), "telegram")
        chat = ChatRow(channel="web", external_id="too", courier_id=both, state_at=clock())
        db.add(chat)
        await db.flush()
        assert await guess(db, both, NUMBER, "0000", clock()) == "wrong"
    assert await search(store, clock, "web", 900, 1) == ["crowded"]


async def test_a_search_from_one_network_locks_new_visitors_of_that_network_alone(
    store: Store, clock: ManualClock
) -> None:
    """121 tries by 25 invented visitors: who else uses the web page notices nothing."""
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        crowd = [await newcomer(db, f"bot{at}", clock()) for at in range(25)]
        came = [
            await guess(db, crowd[at % 25], f"NM2026{at:05}", "0000", clock(), "203.0.113.9")
            for at in range(121)
        ]
    most = lockout.LIMITS[lockout.Subject.NETWORK].most
    assert came == ["wrong"] * most + ["crowded"] * (121 - most)
    assert await notes_of(store) == [{"scope": "network"}]
    async with store.writing() as db:
        for network in ("198.51.100.7", ""):
            honest = await newcomer(db, f"honest{network}", clock())
            assert await guess(db, honest, NUMBER, DIGITS, clock(), network) == "found"
        neighbour = await newcomer(db, "neighbour", clock())
        assert await guess(db, neighbour, NUMBER, DIGITS, clock(), "203.0.113.9") == "crowded"
    clock.forward(minutes=60)
    async with store.writing() as db:
        assert await guess(db, neighbour, NUMBER, DIGITS, clock(), "203.0.113.9") == "found"


@pytest.mark.parametrize("network", ["203.0.113.9", ""])
async def test_who_wrote_a_day_ago_is_locked_out_by_nobody_elses_tries(
    store: Store, clock: ManualClock, network: str
) -> None:
    """From exactly a day on; their own wrong tries do not count against newcomers either."""
    async with store.writing() as db:
        old = await newcomer(db, "old", clock() - lockout.NEW_FOR)
        young = await newcomer(db, "young", clock() - lockout.NEW_FOR + timedelta(seconds=1))
    await report(store, clock(), RECORD)
    most = lockout.LIMITS[lockout.Subject.NETWORK if network else lockout.Subject.CHANNEL].most
    await search(store, clock, "web", 0, most, network)
    async with store.writing() as db:
        assert await guess(db, young, NUMBER, DIGITS, clock(), network) == "crowded"
        assert await guess(db, old, "NM20269999", "0000", clock(), network) == "wrong"
        assert await guess(db, old, NUMBER, DIGITS, clock(), network) == "found"


async def test_two_chats_of_one_channel_do_not_make_a_visitor_known(
    store: Store, clock: ManualClock
) -> None:
    """They cost nothing: only a second channel does."""
    await search(store, clock, "web", 0, lockout.LIMITS[lockout.Subject.CHANNEL].most)
    async with store.writing() as db:
        twice = await newcomer(db, "twice", clock())
        db.add(ChatRow(channel="web", external_id="too", courier_id=twice, state_at=clock()))
        await db.flush()
        assert await guess(db, twice, NUMBER, DIGITS, clock()) == "crowded"


async def test_ones_own_lock_is_said_while_everybody_is_locked(
    store: Store, clock: ManualClock
) -> None:
    """An hour's wait would be no help: one's own lock lasts a day."""
    async with store.writing() as db:
        own = await newcomer(db, "own", clock())
        for at in range(5):
            assert await guess(db, own, f"NM2027000{at}", "0000", clock()) == "wrong"
    await search(store, clock, "web", 0, lockout.LIMITS[lockout.Subject.CHANNEL].most - 5)
    assert await search(store, clock, "web", 900, 1) == ["crowded"]
    async with store.writing() as db:
        assert await guess(db, own, "NM20280000", "0000", clock()) == "locked"


async def test_a_fifth_wrong_try_a_day_later_does_not_lock(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        courier = await newcomer(db, "a", clock())
        for _ in range(4):
            assert await guess(db, courier, NUMBER, "0000", clock()) == "wrong"
        clock.forward(hours=25)
        assert await guess(db, courier, NUMBER, "0000", clock()) == "wrong"
        assert await lockout.left(db, KEYS, Guesser(courier), NUMBER, clock()) == 4
        for _ in range(4):
            assert await guess(db, courier, NUMBER, "0000", clock()) == "wrong"
        assert await guess(db, courier, NUMBER, "0000", clock()) == "locked"
    assert await notes_of(store) == [{"scope": "chat"}, {"scope": "number"}]


async def test_a_bound_courier_is_locked_out_by_nobody(store: Store, clock: ManualClock) -> None:
    """Nor do strangers learn anything more while they are let in."""
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        owner = await newcomer(db, "owner", clock())
        assert await guess(db, owner, NUMBER, DIGITS, clock()) == "found"
        stranger = await newcomer(db, "stranger", clock())
        for _ in range(5):
            assert await guess(db, stranger, NUMBER, "0000", clock()) == "wrong"
        assert await guess(db, owner, NUMBER, DIGITS, clock()) == "found"
        assert await guess(db, stranger, NUMBER, DIGITS, clock()) == "locked"


async def test_a_new_key_gives_no_new_tries(store: Store, clock: ManualClock) -> None:
    newer = Cards(Keyring(2, {**KEYS.keys, 2: b"2" * 32}))
    async with store.writing() as db:
        courier, other = [await newcomer(db, name, clock()) for name in "ab"]
        for _ in range(4):
            assert await guess(db, courier, NUMBER, "0000", clock()) == "wrong"
        assert await newer.prove(db, Guesser(courier), NUMBER, "0000", clock()) is None
        for who, number in ((courier, "NM20260001"), (other, NUMBER)):
            for known in (newer, CARDS):
                with pytest.raises(TriesUsedUp):
                    await known.prove(db, Guesser(who), number, "0000", clock())
    assert await notes_of(store) == [{"scope": "chat"}, {"scope": "number"}]


async def test_tries_at_the_same_moment_are_all_counted(
    database_url: str, clock: ManualClock
) -> None:
    """Sixteen couriers guess one number at once, on two replicas."""
    stores = [await open_store(database_url) for _ in range(2)]
    await report(stores[0], clock(), RECORD)
    async with stores[0].writing() as db:
        couriers = [await newcomer(db, f"{at}", clock()) for at in range(16)]

    async def one(at: int) -> str:
        async with stores[at % 2].writing() as db:
            return await guess(db, couriers[at], NUMBER, f"{at:04}", clock())

    came = await asyncio.gather(*(one(at) for at in range(16)))
    assert sorted(came) == ["locked"] * 11 + ["wrong"] * 5
    for store in stores:
        await store.close()


async def test_all_chats_of_a_courier_share_their_tries(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        courier = await newcomer(db, "phone", clock())
        chat = {"channel": "telegram", "external_id": "9", "courier_id": courier}
        await db.execute(insert(ChatRow).values(**chat, reachable=True, state_at=clock()))
        for at in range(5):
            assert await guess(db, courier, f"NM2026000{at}", "0000", clock()) == "wrong"
        alone = await newcomer(db, "other", clock())
        await db.execute(ChatRow.__table__.delete().where(ChatRow.external_id == "phone"))  # type: ignore[attr-defined]
        assert await guess(db, courier, "NM20260009", "0000", clock()) == "locked"
        assert await guess(db, alone, "NM20260009", "0000", clock()) == "wrong"


async def test_a_right_answer_is_no_try(store: Store, clock: ManualClock) -> None:
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        courier = await newcomer(db, "a", clock())
        for _ in range(20):
            assert await guess(db, courier, NUMBER, DIGITS, clock()) == "found"
        assert await db.scalar(select(func.count()).select_from(CardBindingRow)) == 1


async def test_counts_are_forgotten_once_they_lock_nobody(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        courier = await newcomer(db, "a", clock())
        for _ in range(5):
            await guess(db, courier, NUMBER, "0000", clock())
    await counters.forget(store, clock() + timedelta(hours=24))
    async with store.writing() as db:
        assert await guess(db, courier, NUMBER, "0000", clock()) == "locked"
    await counters.forget(store, clock() + timedelta(hours=49))
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(AttemptRow)) == 0


async def test_nothing_typed_is_in_the_counts(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        courier = await newcomer(db, "secret-address", clock())
        await guess(db, courier, NUMBER, "0000", clock())
        kept = b"".join(await db.scalars(select(AttemptRow.key)))
    assert NUMBER.encode() not in kept
    assert b"secret-address" not in kept


@pytest.fixture
async def thousand(store: Store, clock: ManualClock) -> Store:
    """A bank with applications enough that an index is used."""
    records = [replace(RECORD, number=f"NM2025{at:05}") for at in range(1000)]
    await report(store, clock(), RECORD, *records)
    return store


async def timed(store: Store, number: str, now: datetime) -> tuple[float, list[str]]:
    """Processor seconds of one wrong try and the statements that it ran; nothing of it stays."""
    ran: list[str] = []
    hear = store.writer.sync_engine

    def note(*args: Any) -> None:
        ran.append(args[2])

    async with AsyncSession(store.writer) as db:
        courier = await newcomer(db, "attacker", now)
        event.listen(hear, "before_cursor_execute", note)
        began = process_time()
        assert await guess(db, courier, number, "0000", now) == "wrong"
        took = process_time() - began
        event.remove(hear, "before_cursor_execute", note)
        await db.rollback()
    return took, ran


@pytest.mark.slow
async def test_a_number_that_exists_costs_the_same_work(
    thousand: Store, clock: ManualClock
) -> None:
    """The same statements, to the letter, and no difference in time beyond noise."""
    _, real = await timed(thousand, NUMBER, clock())
    _, none = await timed(thousand, "NM99999999", clock())
    assert real == none
    ratios = []
    for _ in range(6):  # a busy machine makes noise, but never the same way each time
        spent: dict[str, list[float]] = {NUMBER: [], "NM99999999": []}
        for _ in range(60):
            for number, seconds in spent.items():
                seconds.append((await timed(thousand, number, clock()))[0])
        one, other = (statistics.median(seconds) for seconds in spent.values())
        ratios.append(one / other)
        if 0.8 < ratios[-1] < 1.25:
            break
    assert 0.8 < ratios[-1] < 1.25
