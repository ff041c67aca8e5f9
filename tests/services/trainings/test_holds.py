"""How long a freed seat is held."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.common.clock import CHINA
from bot.services.notifications.quiet_hours import NIGHT, Quiet
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.notifications import hold_end
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.trainings import broken_rules, create_couriers, create_training

NIGHTLY = Quiet((NIGHT,))
MINUTES = st.integers(1, 24 * 60)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def test_two_hours_of_the_day_are_two_hours() -> None:
    assert hold_end(at(23, 10), timedelta(hours=2)) == at(23, 12)


def test_the_clock_of_a_hold_stands_still_at_night() -> None:
    assert hold_end(at(23, 20, 30), timedelta(hours=2)) == at(24, 8, 30)
    assert hold_end(at(23, 23), timedelta(hours=2)) == at(24, 9, 30)
    assert hold_end(at(23, 19, 30), timedelta(hours=2)) == at(24, 7, 30)


@pytest.mark.parametrize(
    ("begins", "minutes", "ends"),
    [
        (at(23, 10), 120, at(23, 12)),
        (at(23, 7, 30), 1, at(23, 7, 31)),  # the night ends
        (at(23, 7, 29), 1, at(23, 7, 31)),
        (at(23, 21, 28), 1, at(23, 21, 29)),  # the night begins at 21:30
        (at(23, 21, 28), 2, at(24, 7, 30)),
        (at(23, 21, 29), 2, at(24, 7, 31)),
        (at(23, 21, 30), 1, at(24, 7, 31)),
        (at(23, 7, 30), 840, at(24, 7, 30)),  # a whole day without its night
        (at(23, 7, 30), 841, at(24, 7, 31)),
        (at(23, 10), 0, at(23, 10)),
    ],
)
def test_when_exactly_a_hold_ends(begins: datetime, minutes: int, ends: datetime) -> None:
    assert hold_end(begins, timedelta(minutes=minutes)) == ends


@pytest.mark.parametrize(
    ("late", "accepted"),
    [(timedelta(seconds=-1), True), (timedelta(0), False), (timedelta(seconds=1), False)],
)
@pytest.mark.parametrize("maintained", [True, False])
async def test_until_when_exactly_an_offer_can_be_accepted(
    store: Store, clock: ManualClock, *, late: timedelta, accepted: bool, maintained: bool
) -> None:
    """Whether or not the maintenance came by first; after that the next in line is asked."""
    registrations = Registrations(Seating(timedelta(hours=2)))
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=1)
        first, second, third = await create_couriers(db, 3, clock())
        for courier in (first, second, third):
            await registrations.register(db, training, courier, clock())
        await registrations.withdraw(db, training, first, clock())
        offer = await live_registration(db, training, second)
    assert offer is not None
    assert offer.hold_until is not None
    clock.set(offer.hold_until + late)
    if maintained:
        administration = TrainingAdministration(registrations.seating)
        assert await administration.expire_holds(store, clock()) == (0 if accepted else 1)
    async with store.writing() as db:
        if accepted:
            await registrations.accept(db, training, second, clock())
        else:
            with pytest.raises(TrainingRefused) as caught:
                await registrations.accept(db, training, second, clock())
            assert caught.value.reason == TrainingRefusal.NO_OFFER
        own, following = [await live_registration(db, training, one) for one in (second, third)]
        assert following is not None
        if accepted:
            assert own is not None
            assert own.status == RegistrationStatus.SEAT
            assert following.status == RegistrationStatus.WAITLIST
        else:
            assert own is None
            assert following.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [training]) == []


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), MINUTES)  # noqa: DTZ001
def test_no_hold_ends_at_night_or_is_shorter_than_promised(begins: datetime, minutes: int) -> None:
    start, hold = begins.replace(tzinfo=CHINA), timedelta(minutes=minutes)
    end = hold_end(start, hold)
    assert not NIGHTLY.covers(end)
    assert end - start >= hold
    awake = sum(
        not NIGHTLY.covers(start + timedelta(minutes=minute))
        for minute in range(int((end - start).total_seconds() / 60))
    )
    assert abs(awake - minutes) <= 2
