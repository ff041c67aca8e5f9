"""What is done to sessions by the clock and by organisers, while others change them too."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.trainings.administration import NewTimes, Sessions
from bot.services.trainings.registration_queries import standing
from bot.services.trainings.registrations import Registrations
from bot.store.engine import Store
from bot.store.models.trainings import TeamRow, TrainingRow
from tests.conftest import WallClock
from tests.services.trainings.test_teams import TEAMS, found_known, named
from tests.support.trainings import broken_rules, create_couriers, create_session

HOLD = timedelta(hours=2)
LINE = Registrations(HOLD)
SESSIONS = Sessions(HOLD)


class Overtaken(Sessions):
    """Somebody moves the session after it was found to be over and before it is locked."""

    __slots__ = ()

    async def lock(self, db: AsyncSession, training_id: int, now: datetime) -> TrainingRow:
        await SESSIONS.reschedule(db, training_id, NewTimes(now + timedelta(days=1)), now)
        return await SESSIONS.lock(db, training_id, now)


class Broken(Sessions):
    """The first session cannot be dealt with."""

    __slots__ = ()

    async def lock(self, db: AsyncSession, training_id: int, now: datetime) -> TrainingRow:
        if training_id == 1:
            raise ValueError("words that nobody should read")
        return await Sessions.lock(self, db, training_id, now)


async def test_a_session_that_moved_meanwhile_is_not_closed(store: Store, clock: WallClock) -> None:
    start = clock() + timedelta(hours=1)
    async with store.writing() as db:
        session = await create_session(db, start, now=clock())
    clock.forward(hours=3)
    await Overtaken(HOLD).finish(store, clock())
    async with store.reading() as db:
        row = await db.get_one(TrainingRow, session)
        assert (row.status, row.starts_at) == ("planned", clock() + timedelta(days=1))


async def test_a_session_that_fails_does_not_hold_up_the_others(
    store: Store, clock: WallClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.writing() as db:
        first = await create_session(db, clock() + timedelta(hours=1), now=clock(), code="1")
        second = await create_session(db, clock() + timedelta(hours=1), now=clock(), code="2")
        leader, *_ = await found_known(db, ["13700000000"], clock())
        third = await create_session(db, clock() + timedelta(days=9), now=clock(), code="3")
        await TEAMS.found(db, third, leader, "all", named(0, 2), clock())
    assert first == 1
    clock.forward(days=3)
    await Broken(HOLD).run_maintenance(store, clock())
    async with store.reading() as db:
        stands = [await db.get_one(TrainingRow, one) for one in (first, second, third)]
        assert [one.status for one in stands] == ["planned", "done", "planned"]
        assert stands[2].taken == 0
    said = capsys.readouterr().out
    assert "ValueError" in said
    assert "words" not in said


async def test_a_team_holds_nothing_past_the_deadline_of_a_session_that_moved_up(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(hours=20), now=clock(), capacity=2)
        leader, waiting = await found_known(db, ["13700000000", "13700000001"], clock())
        each = await TEAMS.found(db, session, leader, "each", named(9, 1), clock())
        team = await TEAMS.found(db, session, leader, "all", named(0, 2), clock())
        await LINE.register(db, session, waiting, clock())
        await SESSIONS.reschedule(db, session, NewTimes(clock() + timedelta(hours=4)), clock())
        row, training = await db.get_one(TeamRow, team.id), await db.get_one(TrainingRow, session)
        assert row.hold_until == training.deadline == clock() + timedelta(hours=3.5)
        await SESSIONS.reschedule(db, session, NewTimes(clock() + timedelta(days=4)), clock())
        row = await db.get_one(TeamRow, each.id)
        assert row.hold_until == training.deadline  # as many as fit may come until the end
        soon = NewTimes(deadline=clock() - timedelta(minutes=1))
        await SESSIONS.reschedule(db, session, soon, clock())
        one = await standing(db, session, waiting)
        assert one is not None
        assert one.status == "offered"
        assert await broken_rules(db, [session]) == []


async def test_a_seat_is_not_offered_to_who_sits_elsewhere_at_that_time(
    store: Store, clock: WallClock
) -> None:
    start = datetime(2026, 11, 28, 9, 30, tzinfo=CHINA)
    async with store.writing() as db:
        here = await create_session(db, start, now=clock(), capacity=1, code="here")
        there = await create_session(db, start, now=clock(), capacity=1, code="there")
        seated, busy, free = await create_couriers(db, 3, clock())
        for courier in (seated, busy, free):
            await LINE.register(db, here, courier, clock())
        await LINE.register(db, there, busy, clock())
        await LINE.withdraw(db, here, seated, clock())
        stands = [await standing(db, here, courier) for courier in (busy, free)]
        assert [one and one.status for one in stands] == ["waitlist", "offered"]
        await LINE.decline(db, here, free, clock())
        assert await broken_rules(db, [here, there]) == []
        await LINE.withdraw(db, there, busy, clock())
    await SESSIONS.run_maintenance(store, clock())
    async with store.reading() as db:
        one = await standing(db, here, busy)
        assert one is not None
        assert one.status == "offered"
        assert await broken_rules(db, [here, there]) == []
