"""Who may check in, with which code, and how often they may be wrong."""

from datetime import timedelta

import pytest

from bot.services.trainings.checkin import LIMIT, AtTheDoor, CheckedIn, CheckIn
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TrainingStatus
from bot.store.encryption import Keyring
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.trainings import create_couriers, create_training

OLD = Keyring(1, {1: bytes(32)})
NEW = Keyring(2, {1: bytes(32), 2: b"1" * 32})
REGISTRATIONS = Registrations(Seating(timedelta(hours=2)))
CHECKIN = CheckIn(REGISTRATIONS, OLD)
SOON = timedelta(minutes=20)


async def refusal(
    store: Store, clock: ManualClock, courier: int, code: str, checkin: CheckIn = CHECKIN
) -> str:
    """Why that code does not count now; empty if it does."""
    async with store.writing() as db:
        try:
            await checkin.check_in(db, courier, code, clock())
        except TrainingRefused as refused:
            return refused.reason
    return ""


async def arrive(store: Store, clock: ManualClock) -> tuple[int, int]:
    """A courier with a seat in a training of code 000300 that begins soon; both ids."""
    start = clock() + SOON
    async with store.writing() as db:
        training = await create_training(
            db, start, now=clock(), deadline=start, checkin_code="000300", code="mine"
        )
        (courier,) = await create_couriers(db, 1, clock())
        await REGISTRATIONS.register(db, training, courier, clock())
    return courier, training


async def test_five_wrong_codes_lock_for_a_quarter_of_an_hour(
    store: Store, clock: ManualClock
) -> None:
    courier, _ = await arrive(store, clock)
    wrong = [await refusal(store, clock, courier, f"{n:06}") for n in range(LIMIT.most + 1)]
    assert wrong == ["wrong_code"] * (LIMIT.most - 1) + ["tries"] * 2
    assert await refusal(store, clock, courier, "000300") == "tries"
    changed = CheckIn(REGISTRATIONS, NEW)  # a new key gives no new tries
    assert await refusal(store, clock, courier, "000300", changed) == "tries"
    clock.forward(minutes=15)
    assert await refusal(store, clock, courier, "000300") == ""


async def test_wrong_codes_far_apart_do_not_add_up(store: Store, clock: ManualClock) -> None:
    courier, _ = await arrive(store, clock)
    for _ in range(LIMIT.most + 1):
        assert await refusal(store, clock, courier, "999999") == "wrong_code"
        clock.forward(minutes=15)


async def test_a_code_counts_for_ones_own_training_only(store: Store, clock: ManualClock) -> None:
    """Another training of the same code, just over, does not stand in the way of one's own."""
    courier, training = await arrive(store, clock)
    async with store.writing() as db:
        await create_training(
            db, clock() - timedelta(hours=3), now=clock(), status=TrainingStatus.DONE,
            ends_at=clock() - timedelta(minutes=1), checkin_code="000300", code="over",
        )  # fmt: skip
        await create_training(db, clock() + SOON, now=clock(), checkin_code="000400", code="other")
    assert await refusal(store, clock, courier, "000400") == "wrong_code"
    async with store.writing() as db:
        assert await CHECKIN.check_in(db, courier, "000300", clock()) == CheckedIn(
            training, again=False
        )
        assert await CHECKIN.check_in(db, courier, "000300", clock()) == CheckedIn(
            training, again=True
        )


async def test_attendance_is_of_the_first_check_in(store: Store, clock: ManualClock) -> None:
    courier, training = await arrive(store, clock)
    first = clock()
    for _ in range(2):
        assert await refusal(store, clock, courier, "000300") == ""
        clock.forward(minutes=10)
    async with store.reading() as db:
        one = await live_registration(db, training, courier)
        assert one is not None
        assert one.attended_at == first


@pytest.mark.parametrize(
    ("minutes", "why"),
    [(-0.1, "not_open"), (0, ""), (0.1, ""), (179.9, ""), (180, ""), (180.1, "not_open")],
)
async def test_the_first_and_the_last_moment_of_check_in(
    store: Store, clock: ManualClock, minutes: float, why: str
) -> None:
    """From half an hour before the start, for a training of two hours, in minutes."""
    opens = clock() + timedelta(minutes=1)
    start = opens + timedelta(minutes=30)
    async with store.writing() as db:
        training = await create_training(
            db, start, now=clock(), deadline=start, checkin_code="000300"
        )
        (courier,) = await create_couriers(db, 1, clock())
        await REGISTRATIONS.register(db, training, courier, clock())
    clock.set(opens + timedelta(minutes=minutes))
    assert await refusal(store, clock, courier, "000300") == why


async def test_who_is_not_registered_learns_no_code_before_it_counts(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        start = clock() + timedelta(hours=5)
        await create_training(db, start, now=clock(), checkin_code="000300")
        (courier,) = await create_couriers(db, 1, clock())
    for code in ("000300", "999999"):
        assert await refusal(store, clock, courier, code) == "not_today"


async def test_codes_guessed_at_the_door_are_counted(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        await create_training(db, clock() + SOON, now=clock(), checkin_code="000300")
        (courier,) = await create_couriers(db, 1, clock())
    wrong = [await refusal(store, clock, courier, f"{n:06}") for n in range(LIMIT.most)]
    assert wrong == ["not_today"] * (LIMIT.most - 1) + ["tries"]
    assert await refusal(store, clock, courier, "000300") == "tries"


async def test_a_seat_that_is_left_is_taken_at_the_door(store: Store, clock: ManualClock) -> None:
    """After the deadline and after the start, but not once it is over, nor beyond the seats."""
    async with store.writing() as db:
        training = await create_training(
            db, clock() + SOON, now=clock(), checkin_code="000300", capacity=1
        )
        first, second = await create_couriers(db, 2, clock())
        clock.forward(minutes=40)
        found = await CHECKIN.check_in(db, first, "000300", clock())
        assert found == AtTheDoor(training)
        seat = await CHECKIN.register_at_the_door(db, first, "000300", clock())
        assert (seat.status, seat.attended_at) == ("seat", clock())
        with pytest.raises(TrainingRefused) as caught:
            await CHECKIN.register_at_the_door(db, second, "000300", clock())
        assert caught.value.reason == "full"
        clock.forward(hours=2)
    assert await refusal(store, clock, second, "000300") == "not_today"


@pytest.mark.parametrize("hours", [5, 13, 14.5, 24])
@pytest.mark.parametrize("code", ["000300", "999999"])
async def test_who_is_too_early_is_told_of_which_training(
    store: Store, clock: ManualClock, hours: float, code: str
) -> None:
    async with store.writing() as db:
        start = clock() + timedelta(hours=hours)
        training = await create_training(db, start, now=clock(), checkin_code="000300")
        (courier,) = await create_couriers(db, 1, clock())
        await REGISTRATIONS.register(db, training, courier, clock())
        with pytest.raises(TrainingRefused) as caught:
            await CHECKIN.check_in(db, courier, code, clock())
        assert (caught.value.reason, caught.value.training_id) == ("not_open", training)
