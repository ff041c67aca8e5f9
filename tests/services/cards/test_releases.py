"""Release codes: the way round a lock, for an owner whom the outlet's counter has identified."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.services.cards import releases
from bot.services.cards.applications import Cards
from bot.services.cards.errors import TriesUsedUp
from bot.services.cards.lockout import Guesser
from bot.services.operators import access_log
from bot.store.engine import Store
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.cards import CardReleaseRow
from tests.conftest import ManualClock
from tests.support.cards import DIGITS, KEYS, NUMBER, RECORD, report
from tests.support.trainings import create_couriers

CARDS = Cards(KEYS)
SECOND = timedelta(seconds=1)


async def issued(store: Store, clock: ManualClock, number: str = NUMBER) -> str:
    """A code for an application that the bank has reported."""
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        code = await releases.issue(db, KEYS, number, "cli:wang", clock())
    assert code is not None
    return code


async def redeem(store: Store, clock: ManualClock, courier: int, code: str) -> int | None:
    async with store.writing() as db:
        return await CARDS.prove_by_release(db, Guesser(courier), NUMBER, code, clock())


async def couriers(store: Store, clock: ManualClock, count: int) -> list[int]:
    async with store.writing() as db:
        return await create_couriers(db, count, clock())


async def test_a_code_binds_once_in_spite_of_both_locks(store: Store, clock: ManualClock) -> None:
    code = await issued(store, clock)
    owner, stranger = await couriers(store, clock, 2)
    async with store.writing() as db:
        for who in (owner, stranger):
            for _ in range(5):
                number = NUMBER if who == stranger else "NM99999999"
                assert await CARDS.prove(db, Guesser(who), number, "0000", clock()) is None
        with pytest.raises(TriesUsedUp):
            await CARDS.prove(db, Guesser(owner), NUMBER, DIGITS, clock())
    assert await redeem(store, clock, owner, code) is not None
    with pytest.raises(TriesUsedUp):
        await redeem(store, clock, stranger, code)  # used up, and the number is still locked
    async with store.reading() as db:
        assert len(await CARDS.mine(db, owner)) == 1
        assert await CARDS.mine(db, stranger) == []


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        (timedelta(0), True),
        (releases.VALID - SECOND, True),
        (releases.VALID, False),
        (releases.VALID + SECOND, False),
    ],
)
async def test_a_code_counts_for_a_day(
    store: Store, clock: ManualClock, after: timedelta, counts: bool
) -> None:
    code = await issued(store, clock)
    (owner,) = await couriers(store, clock, 1)
    clock.set(clock() + after)
    await releases.delete_expired(store, clock())
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardReleaseRow)) == counts
    assert (await redeem(store, clock, owner, code) is not None) == counts


async def test_a_new_code_replaces_the_one_before(store: Store, clock: ManualClock) -> None:
    first = await issued(store, clock)
    second = await issued(store, clock)
    (owner,) = await couriers(store, clock, 1)
    assert await redeem(store, clock, owner, first) is None
    assert await redeem(store, clock, owner, second) is not None


async def test_a_code_of_another_application_does_not_count(
    store: Store, clock: ManualClock
) -> None:
    await report(store, clock(), replace(RECORD, number="NM20269999"))
    code = await issued(store, clock, "NM20269999")
    (owner,) = await couriers(store, clock, 1)
    assert await redeem(store, clock, owner, code) is None


async def test_five_wrong_codes_are_wrong_tries(store: Store, clock: ManualClock) -> None:
    await issued(store, clock)
    guesser, owner = await couriers(store, clock, 2)
    for _ in range(5):
        assert await redeem(store, clock, guesser, "AAAAAAAA") is None
    with pytest.raises(TriesUsedUp):
        await redeem(store, clock, guesser, "AAAAAAAA")
    async with store.writing() as db:
        with pytest.raises(TriesUsedUp):
            await CARDS.prove(db, Guesser(owner), NUMBER, DIGITS, clock())


async def test_issuing_is_in_the_access_log_and_keeps_no_code(
    store: Store, clock: ManualClock
) -> None:
    code = await issued(store, clock)
    async with store.reading() as db:
        logged = (await db.scalars(select(AccessLogRow))).one()
        kept = (await db.scalars(select(CardReleaseRow))).one()
    assert (logged.actor, logged.action, logged.field) == ("cli:wang", "release", releases.FIELD)
    subject = access_log.subject(KEYS, "card_application.number", kept.application_id)
    assert logged.subject == subject
    assert code.encode() not in kept.code_index


async def test_there_is_no_code_for_a_number_that_nobody_reported(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        assert await releases.issue(db, KEYS, "NM99999999", "cli", clock()) is None
        assert await db.scalar(select(func.count()).select_from(AccessLogRow)) == 0
