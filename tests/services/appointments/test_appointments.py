"""Appointments as they are stored: wishes, limits, erasure, retention and key rotation."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.services.appointments import operations, wishes
from bot.services.appointments.requests import Appointments, TooManyOpen, cancel_all
from bot.services.appointments.statuses import FOLLOWING, AppointmentStatus
from bot.services.appointments.wishes import CallWish, Part, TypedWish, VisitWish, Wish
from bot.services.privacy import phone_erasure
from bot.services.privacy.key_rotation import rotate
from bot.services.privacy.retention import RetentionPeriods, sweep
from bot.services.trainings.seating import Seating
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.appointments import AppointmentRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.appointments import DRAFT, ask
from tests.support.cards import KEYS, PHONE
from tests.support.trainings import create_couriers

NEXT = parse_keys("2:" + "B" * 43 + "=,1:" + "A" * 43 + "=")
PERIODS = RetentionPeriods(settled=timedelta(days=180), idle=timedelta(days=365))


async def count(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(AppointmentRow)) or 0


@pytest.mark.parametrize(
    "wish",
    [
        *map(CallWish, Part),
        VisitWish(date(2026, 11, 27), Part.AFTERNOON),
        TypedWish("周末 10:30 以后"),
    ],
)
def test_a_wish_is_read_back_as_it_was_written(wish: Wish) -> None:
    assert wishes.read(wishes.written(wish)) == wish


@pytest.mark.parametrize(
    "text", ["", "call", "call:never", "visit:tomorrow:any", "visit:2026-11-27", "words:", "x:y"]
)
def test_what_is_no_wish_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        wishes.read(text)


def test_every_state_says_what_follows_it() -> None:
    assert FOLLOWING.keys() == set(AppointmentStatus)
    assert not any(AppointmentStatus.NEW in after for after in FOLLOWING.values())


async def test_nobody_cancels_what_is_not_theirs(store: Store, clock: ManualClock) -> None:
    service = Appointments(KEYS)
    async with store.writing() as db:
        first, second = await create_couriers(db, 2, clock())
        await ask(db, first, clock())
        (mine,) = await service.mine(db, first)
        assert not await service.cancel(db, second, mine.id)
        assert await service.one(db, second, mine.id) is None
    assert await count(store) == 1


async def test_a_finished_one_makes_room_for_another(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        numbers = [await ask(db, courier, clock()) for _ in range(3)]
    with pytest.raises(TooManyOpen):
        async with store.writing() as db:
            await ask(db, courier, clock())
    async with store.writing() as db:
        await operations.set_status(db, KEYS, numbers[0], AppointmentStatus.DONE, clock())
        await ask(db, courier, clock())


async def test_each_change_is_queued_once(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        number = await ask(db, courier, clock())
    for status in (
        AppointmentStatus.UNREACHED,
        AppointmentStatus.UNREACHED,
        AppointmentStatus.CONTACTED,
        AppointmentStatus.DONE,
    ):
        async with store.writing() as db:
            await operations.set_status(db, KEYS, number, status, clock())
    async with store.reading() as db:
        told = list(await db.scalars(select(OutboxRow.params).order_by(OutboxRow.id)))
    assert [one["status"] for one in told] == ["unreached", "contacted", "done"]


async def test_all_of_a_courier_s_go_with_their_notes(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        first, second = await create_couriers(db, 2, clock())
        await ask(db, first, clock())
        await ask(db, second, clock())
        await cancel_all(db, first)
        assert await db.scalar(select(func.count()).select_from(OperatorNoteRow)) == 1
    assert await count(store) == 1


async def test_an_operator_erases_a_phone_from_appointments_too(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        owner, other = await create_couriers(db, 2, clock())
        await ask(db, owner, clock())
        await ask(db, other, clock(), replace(DRAFT, phone="13900000002"))
    async with store.writing() as db:
        found = await phone_erasure.find(db, KEYS, PHONE)
        assert (len(found.appointments), found.erasable) == (1, 1)
        seating = Seating(timedelta(hours=2))
        await phone_erasure.erase_phone(db, KEYS, seating, PHONE, "cli:wang", clock())
    assert await count(store) == 1


async def test_finished_ones_go_after_their_time_and_all_in_the_end(
    store: Store, clock: ManualClock
) -> None:
    now = clock()
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, now)
        numbers = [await ask(db, courier, now) for _ in range(3)]
        await operations.set_status(db, KEYS, numbers[0], AppointmentStatus.DONE, now)
        await operations.set_status(db, KEYS, numbers[1], AppointmentStatus.CONTACTED, now)
    await sweep(store, PERIODS, now + timedelta(days=179))
    assert await count(store) == 3
    assert (await sweep(store, PERIODS, now + timedelta(days=181)))["appointments"] == 1
    async with store.writing() as db:  # who is still around keeps nothing longer than that
        await db.execute(update(AppointmentRow).values(changed_at=now + timedelta(days=300)))
    await sweep(store, PERIODS, now + timedelta(days=366))
    assert await count(store) == 0


async def test_a_rotation_keeps_them_readable_and_findable(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        number = await ask(db, courier, clock())
    await rotate(store, NEXT, lambda *_: None)
    alone = parse_keys("2:" + "B" * 43 + "=")
    async with store.writing() as db:
        (mine,) = await Appointments(alone).mine(db, courier)
        assert mine.number == number
        assert await operations.set_status(db, alone, number, AppointmentStatus.DONE, clock())
