"""Periodic maintenance and changes by organisers, while others change the trainings too."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.trainings.administration import NewTimes, TrainingAdministration
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TeamMode
from bot.store.engine import Store
from bot.store.models.trainings import TeamRow, TrainingRow
from tests.conftest import ManualClock
from tests.services.trainings.test_teams import TEAMS, create_known, invitees
from tests.support.trainings import broken_rules, create_couriers, create_training

HOLD = timedelta(hours=2)
REGISTRATIONS = Registrations(Seating(HOLD))
ADMINISTRATION = TrainingAdministration(Seating(HOLD))


class MovedBeforeLock(Seating):
    """Somebody moves the training after it was found to be over and before it is locked."""

    __slots__ = ()

    async def lock(self, db: AsyncSession, training_id: int, now: datetime) -> TrainingRow:
        await ADMINISTRATION.reschedule(db, training_id, NewTimes(now + timedelta(days=1)), now)
        return await ADMINISTRATION.seating.lock(db, training_id, now)


class FailsToLock(Seating):
    """Locking the first training fails."""

    __slots__ = ()

    async def lock(self, db: AsyncSession, training_id: int, now: datetime) -> TrainingRow:
        if training_id == 1:
            raise ValueError("a secret value")
        return await Seating.lock(self, db, training_id, now)


async def test_a_training_that_moved_meanwhile_is_not_closed(
    store: Store, clock: ManualClock
) -> None:
    start = clock() + timedelta(hours=1)
    async with store.writing() as db:
        training = await create_training(db, start, now=clock())
    clock.forward(hours=3)
    await TrainingAdministration(MovedBeforeLock(HOLD)).finish(store, clock())
    async with store.reading() as db:
        row = await db.get_one(TrainingRow, training)
        assert (row.status, row.starts_at) == ("planned", clock() + timedelta(days=1))


async def test_a_training_that_fails_does_not_hold_up_the_others(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.writing() as db:
        first = await create_training(db, clock() + timedelta(hours=1), now=clock(), code="1")
        second = await create_training(db, clock() + timedelta(hours=1), now=clock(), code="2")
        leader, *_ = await create_known(db, ["13700000000"], clock())
        third = await create_training(db, clock() + timedelta(days=9), now=clock(), code="3")
        await TEAMS.create(db, third, leader, TeamMode.ALL, invitees(0, 2), clock())
    assert first == 1
    clock.forward(days=3)
    await TrainingAdministration(FailsToLock(HOLD)).run_maintenance(store, clock())
    async with store.reading() as db:
        rows = [await db.get_one(TrainingRow, one) for one in (first, second, third)]
        assert [one.status for one in rows] == ["planned", "done", "planned"]
        assert rows[2].taken == 0
    logged = capsys.readouterr().out
    assert "ValueError" in logged
    assert "secret" not in logged


async def test_a_team_holds_nothing_past_the_deadline_of_a_training_that_moved_up(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(hours=20), now=clock(), capacity=2)
        leader, waiting = await create_known(db, ["13700000000", "13700000001"], clock())
        each = await TEAMS.create(db, training, leader, TeamMode.EACH, invitees(9, 1), clock())
        team = await TEAMS.create(db, training, leader, TeamMode.ALL, invitees(0, 2), clock())
        await REGISTRATIONS.register(db, training, waiting, clock())
        await ADMINISTRATION.reschedule(
            db, training, NewTimes(clock() + timedelta(hours=4)), clock()
        )
        row, stored = await db.get_one(TeamRow, team.id), await db.get_one(TrainingRow, training)
        assert row.hold_until == stored.deadline == clock() + timedelta(hours=3.5)
        await ADMINISTRATION.reschedule(
            db, training, NewTimes(clock() + timedelta(days=4)), clock()
        )
        row = await db.get_one(TeamRow, each.id)
        assert row.hold_until == stored.deadline  # as many as fit may come until the end
        soon = NewTimes(deadline=clock() - timedelta(minutes=1))
        await ADMINISTRATION.reschedule(db, training, soon, clock())
        one = await live_registration(db, training, waiting)
        assert one is not None
        assert one.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [training]) == []


async def test_a_seat_is_not_offered_to_who_sits_elsewhere_at_that_time(
    store: Store, clock: ManualClock
) -> None:
    start = datetime(2026, 11, 28, 9, 30, tzinfo=CHINA)
    async with store.writing() as db:
        here = await create_training(db, start, now=clock(), capacity=1, code="here")
        there = await create_training(db, start, now=clock(), capacity=1, code="there")
        seated, busy, free = await create_couriers(db, 3, clock())
        for courier in (seated, busy, free):
            await REGISTRATIONS.register(db, here, courier, clock())
        await REGISTRATIONS.register(db, there, busy, clock())
        await REGISTRATIONS.withdraw(db, here, seated, clock())
        rows = [await live_registration(db, here, courier) for courier in (busy, free)]
        assert [one and one.status for one in rows] == ["waitlist", "offered"]
        await REGISTRATIONS.decline(db, here, free, clock())
        assert await broken_rules(db, [here, there]) == []
        await REGISTRATIONS.withdraw(db, there, busy, clock())
    await ADMINISTRATION.run_maintenance(store, clock())
    async with store.reading() as db:
        one = await live_registration(db, here, busy)
        assert one is not None
        assert one.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [here, there]) == []
