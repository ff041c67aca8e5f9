"""Two chats of one courier are linked, and both are registered for the same training."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.services.couriers.account_linking import merge
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus
from bot.store.engine import Store
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.trainings import broken_rules, create_couriers, create_training

HOLD = timedelta(hours=2)
REGISTRATIONS = Registrations(Seating(HOLD))


async def become_one(store: Store, old: int, into: int, now: datetime) -> None:
    """As the code of one chat does, sent from the other."""
    async with store.writing() as db:
        await REGISTRATIONS.join(db, old, into, now)
        await merge(db, old, into)


@pytest.mark.parametrize("seated_is_old", [True, False])
async def test_who_had_a_seat_keeps_it_whichever_chat_it_was_taken_in(
    store: Store, clock: ManualClock, *, seated_is_old: bool
) -> None:
    async with store.writing() as db:
        seated, other, waiting = await create_couriers(db, 3, clock())
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        for courier in (seated, other, waiting):
            await REGISTRATIONS.register(db, training, courier, clock())
    old, into = (seated, waiting) if seated_is_old else (waiting, seated)
    await become_one(store, old, into, clock())
    async with store.reading() as db:
        one = await live_registration(db, training, into)
        assert one is not None
        assert one.status == RegistrationStatus.SEAT
        assert await db.scalar(select(TrainingRow.taken)) == 2
        assert await broken_rules(db, [training]) == []


@pytest.mark.parametrize("first_is_old", [True, False])
async def test_of_two_places_in_the_line_the_earlier_stays(
    store: Store, clock: ManualClock, *, first_is_old: bool
) -> None:
    async with store.writing() as db:
        seated, first, between, last = await create_couriers(db, 4, clock())
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=1)
        for courier in (seated, first, between, last):
            await REGISTRATIONS.register(db, training, courier, clock())
    old, into = (first, last) if first_is_old else (last, first)
    await become_one(store, old, into, clock())
    async with store.reading() as db:
        one, behind = (
            await live_registration(db, training, into),
            await live_registration(db, training, between),
        )
        assert one is not None
        assert behind is not None
        assert (one.position, behind.position) == (1, 2)


@pytest.mark.parametrize("both", [True, False])
async def test_who_checked_in_in_either_chat_was_there_once(
    store: Store, clock: ManualClock, *, both: bool
) -> None:
    async with store.writing() as db:
        old, into, waiting = await create_couriers(db, 3, clock())
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        for courier in (old, into, waiting):
            await REGISTRATIONS.register(db, training, courier, clock())
        mine = RegistrationRow.courier_id.in_((old, into) if both else (old,))
        await db.execute(update(RegistrationRow).where(mine).values(attended_at=clock()))
        scored = RegistrationRow.courier_id == (into if both else old)
        await db.execute(update(RegistrationRow).where(scored).values(score=4))
    await become_one(store, old, into, clock())
    async with store.reading() as db:
        came = select(func.count()).where(RegistrationRow.attended_at.is_not(None))
        assert await db.scalar(came) == 1
        one, next_ = (
            await live_registration(db, training, into),
            await live_registration(db, training, waiting),
        )
        assert one is not None
        assert next_ is not None
        assert (one.attended_at, one.score) == (clock(), 4)
        assert next_.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [training]) == []
