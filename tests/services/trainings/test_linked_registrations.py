"""Two couriers who turn out to be one, and both have a place in the same session."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.services.couriers.account_linking import merge
from bot.services.trainings.registration_queries import standing
from bot.services.trainings.registrations import Registrations
from bot.store.engine import Store
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import WallClock
from tests.support.trainings import broken_rules, create_couriers, create_session

HOLD = timedelta(hours=2)
LINE = Registrations(HOLD)


async def become_one(store: Store, old: int, into: int, now: datetime) -> None:
    """As the code of one chat does, sent from the other."""
    async with store.writing() as db:
        await LINE.join(db, old, into, now)
        await merge(db, old, into)


@pytest.mark.parametrize("seated_is_old", [True, False])
async def test_who_had_a_seat_keeps_it_whichever_chat_it_was_taken_in(
    store: Store, clock: WallClock, *, seated_is_old: bool
) -> None:
    async with store.writing() as db:
        seated, other, waiting = await create_couriers(db, 3, clock())
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        for courier in (seated, other, waiting):
            await LINE.register(db, session, courier, clock())
    old, into = (seated, waiting) if seated_is_old else (waiting, seated)
    await become_one(store, old, into, clock())
    async with store.reading() as db:
        one = await standing(db, session, into)
        assert one is not None
        assert one.status == "seat"
        assert await db.scalar(select(TrainingRow.taken)) == 2
        assert await broken_rules(db, [session]) == []


@pytest.mark.parametrize("first_is_old", [True, False])
async def test_of_two_places_in_the_line_the_earlier_stays(
    store: Store, clock: WallClock, *, first_is_old: bool
) -> None:
    async with store.writing() as db:
        seated, first, between, last = await create_couriers(db, 4, clock())
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=1)
        for courier in (seated, first, between, last):
            await LINE.register(db, session, courier, clock())
    old, into = (first, last) if first_is_old else (last, first)
    await become_one(store, old, into, clock())
    async with store.reading() as db:
        one, behind = await standing(db, session, into), await standing(db, session, between)
        assert one is not None
        assert behind is not None
        assert (one.position, behind.position) == (1, 2)


@pytest.mark.parametrize("both", [True, False])
async def test_who_checked_in_in_either_chat_was_there_once(
    store: Store, clock: WallClock, *, both: bool
) -> None:
    async with store.writing() as db:
        old, into, waiting = await create_couriers(db, 3, clock())
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        for courier in (old, into, waiting):
            await LINE.register(db, session, courier, clock())
        mine = RegistrationRow.courier_id.in_((old, into) if both else (old,))
        await db.execute(update(RegistrationRow).where(mine).values(attended_at=clock()))
        scored = RegistrationRow.courier_id == (into if both else old)
        await db.execute(update(RegistrationRow).where(scored).values(score=4))
    await become_one(store, old, into, clock())
    async with store.reading() as db:
        came = select(func.count()).where(RegistrationRow.attended_at.is_not(None))
        assert await db.scalar(came) == 1
        one, next_ = await standing(db, session, into), await standing(db, session, waiting)
        assert one is not None
        assert next_ is not None
        assert (one.attended_at, one.score) == (clock(), 4)
        assert next_.status == "offered"
        assert await broken_rules(db, [session]) == []
