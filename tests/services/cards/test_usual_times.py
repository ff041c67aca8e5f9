"""How long a stage usually lasts: worked out once in ten minutes, for each app apart."""

from datetime import timedelta

from bot.services.cards.statuses import CardStatus
from bot.services.cards.usual_times import HELD, Usual, UsualTimes
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.cards import report_history

REVIEWING = CardStatus.REVIEWING


async def test_a_usual_time_is_held_ten_minutes(store: Store, clock: ManualClock) -> None:
    times, begun = UsualTimes(), clock()
    await report_history(store, begun, [2, 2, 2, 2, 2], "审核中")
    async with store.reading() as db:
        assert await times.usual_time(db, REVIEWING, begun) == Usual(2, 2, 5)
    await report_history(store, begun, [2, 2, 2, 2, 2, 9, 9, 9, 9, 9], "审核中")
    async with store.reading() as db:
        later = begun + HELD - timedelta(seconds=1)
        assert await times.usual_time(db, REVIEWING, later) == Usual(2, 2, 5)
        assert await UsualTimes().usual_time(db, REVIEWING, later) == Usual(2, 9, 10)
        assert await times.usual_time(db, REVIEWING, begun + HELD) == Usual(2, 9, 10)


async def test_a_clock_that_was_set_back_makes_no_usual_time_last(
    store: Store, clock: ManualClock
) -> None:
    times, begun = UsualTimes(), clock()
    await report_history(store, begun, [2, 2, 2, 2, 2], "审核中")
    async with store.reading() as db:
        assert await times.usual_time(db, REVIEWING, begun + timedelta(days=1)) == Usual(2, 2, 5)
    await report_history(store, begun, [2, 2, 2, 2, 2, 9, 9, 9, 9, 9], "审核中")
    async with store.reading() as db:
        assert await times.usual_time(db, REVIEWING, begun) == Usual(2, 9, 10)


async def test_too_few_cases_are_not_held(store: Store, clock: ManualClock) -> None:
    times, now = UsualTimes(), clock()
    await report_history(store, now, [2, 2, 2, 2], "审核中")
    async with store.reading() as db:
        assert await times.usual_time(db, REVIEWING, now) is None
    await report_history(store, now, [2, 2, 2, 2, 2], "审核中")
    async with store.reading() as db:
        assert await times.usual_time(db, REVIEWING, now) == Usual(2, 2, 5)
        assert await times.usual_time(db, CardStatus.MAKING, now) is None
