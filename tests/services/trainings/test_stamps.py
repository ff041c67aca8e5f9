"""A stamp is proof of having been there: earned once, and not to be had by leaving."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.services.trainings import certificates
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import attended_registrations
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TrainingRefusal
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.trainings import broken_rules, create_couriers, create_training

REGISTRATIONS = Registrations(Seating(timedelta(hours=2)))
KEYS = parse_keys("1:" + "A" * 43 + "=")


async def check_in(store: Store, clock: ManualClock) -> tuple[int, int]:
    """A courier who is there before the start; courier and training."""
    now = clock()
    async with store.writing() as db:
        start = now + timedelta(minutes=20)
        training = await create_training(db, start, now=now, deadline=start, capacity=3)
        (courier,) = await create_couriers(db, 1, now)
        await REGISTRATIONS.register(db, training, courier, now)
        await REGISTRATIONS.check_in(db, training, courier, now)
    return courier, training


async def test_whoever_checked_in_cannot_withdraw_any_more(
    store: Store, clock: ManualClock
) -> None:
    courier, training = await check_in(store, clock)
    async with store.writing() as db:
        with pytest.raises(TrainingRefused) as caught:
            await REGISTRATIONS.withdraw(db, training, courier, clock())
        assert caught.value.reason is TrainingRefusal.STARTED
        assert len(await attended_registrations(db, courier)) == 1


async def test_a_seat_that_was_given_up_bears_no_stamp_and_no_certificate(
    store: Store, clock: ManualClock
) -> None:
    """Rows of an earlier version, which let those who had checked in withdraw."""
    courier, training = await check_in(store, clock)
    async with store.writing() as db:
        row = (await db.scalars(select(RegistrationRow))).one()
        row.status = "withdrawn"
        await db.flush()
        assert await attended_registrations(db, courier) == []
        with pytest.raises(TrainingRefused) as caught:
            await certificates.issue(db, KEYS, courier, training, "王强", clock())
        assert caught.value.reason is TrainingRefusal.NOT_ATTENDED


async def test_erasing_who_checked_in_frees_the_chair(store: Store, clock: ManualClock) -> None:
    courier, training = await check_in(store, clock)
    async with store.writing() as db:
        await erasure.erase(db, courier, clock(), ErasureReason.REQUESTED, (REGISTRATIONS.forget,))
    async with store.reading() as db:
        assert (await db.get_one(TrainingRow, training)).taken == 0
        assert await broken_rules(db, [training]) == []
