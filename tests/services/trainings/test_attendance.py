"""Attendance from paper: who is meant is found, or told; stamps and certificates follow."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.services.couriers.profiles import Profiles
from bot.services.trainings import attendance, certificates
from bot.services.trainings.attendance import Miss, PaperEntry, typed
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import attended_registrations
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.trainings import create_couriers, create_training

SEATING = Seating(timedelta(hours=2))
PEOPLE = [
    ("张三", "13800001111"),
    ("张三", "13800002222"),
    ("李·四光", "13800003333"),
    ("王五", "13900002222"),
    ("赵六", "13800005555"),
]
"""The last has no seat."""


async def session(store: Store, clock: ManualClock) -> tuple[int, list[int]]:
    """A training tomorrow and its couriers, the last of them on the waitlist."""
    async with store.writing() as db:
        starts = clock() + timedelta(days=1)
        training = await create_training(db, starts, now=clock(), capacity=4, code="T1")
        couriers = await create_couriers(db, len(PEOPLE), clock())
        for courier, (name, phone) in zip(couriers, PEOPLE, strict=True):
            await Profiles(KEYS).remember(db, courier, name, phone, clock(), "web")
            await Registrations(SEATING).register(db, training, courier, clock())
    return training, couriers


async def registrations(store: Store) -> list[tuple[int, datetime | None]]:
    async with store.reading() as db:
        found = select(RegistrationRow.id, RegistrationRow.attended_at).order_by(RegistrationRow.id)
        return [(number, at) for number, at in await db.execute(found)]


async def plan(store: Store, training: int, *texts: str) -> attendance.AttendancePlan:
    async with store.reading() as db:
        return await attendance.plan(db, KEYS, training, map(typed, texts))


async def test_who_is_meant_is_found_by_what_is_given(store: Store, clock: ManualClock) -> None:
    training, _ = await session(store, clock)
    ids = [number for number, _ in await registrations(store)]
    for text, place in (
        ("3333", 2),
        ("李四光", 2),
        ("李·四光", 2),
        (" 王五 ", 3),
        ("王五/2222", 3),
        ("张三 2222", 1),
        ("张三，138****1111", 0),
        ("13800001111", 0),
        ("+86 138-0000-1111", 0),
        (f"#{ids[1]}", 1),
        (f"张三 #{ids[1]}", 1),
    ):
        found = await plan(store, training, text)
        assert (found.fresh, found.missed) == ((ids[place],), ()), text


@pytest.mark.parametrize(
    ("text", "miss"),
    [
        ("张三", Miss.SEVERAL),
        ("2222", Miss.SEVERAL),
        ("张", Miss.NOBODY),
        ("李四", Miss.NOBODY),
        ("9999", Miss.NOBODY),
        ("王五 1111", Miss.NOBODY),
        ("#99999", Miss.NOBODY),
        ("赵六", Miss.NO_SEAT),
        ("123", Miss.UNREADABLE),
        ("#x", Miss.UNREADABLE),
        ("1380000", Miss.UNREADABLE),
        ("  ", Miss.UNREADABLE),
    ],
)
async def test_what_does_not_fit_is_told_and_never_guessed(
    store: Store, clock: ManualClock, text: str, miss: Miss
) -> None:
    training, _ = await session(store, clock)
    found = await plan(store, training, text)
    assert found == attendance.AttendancePlan((), 0, ((typed(text), miss),))


async def test_marking_counts_once_keeps_the_first_time_and_asks_for_feedback(
    store: Store, clock: ManualClock
) -> None:
    training, couriers = await session(store, clock)
    begins = clock() + timedelta(days=1)
    clock.set(begins + timedelta(minutes=5))
    checked_in = clock()
    async with store.writing() as db:
        await Registrations(SEATING).check_in(db, training, couriers[0], clock())
    clock.forward(days=1)
    made = await plan(store, training, "张三 1111", "李四光", "李四光", "王五")
    assert (len(made.fresh), made.known) == (2, 1)
    ids = [number for number, _ in await registrations(store)]
    for wanted in (2, 0):
        async with store.writing() as db:
            count = await attendance.mark(db, SEATING, training, ids, clock())
        assert count == (wanted and 3)
        if not wanted:
            break
    times = [at for _, at in await registrations(store)]
    assert times == [checked_in, begins, begins, begins, None]
    async with store.reading() as db:
        kinds = select(OutboxRow.courier_id).where(OutboxRow.kind == "training.feedback")
        assert sorted(await db.scalars(kinds)) == couriers[:4]
        assert len(await attended_registrations(db, couriers[3])) == 1
    async with store.writing() as db:
        certificate = await certificates.issue(db, KEYS, couriers[3], training, "王五", clock())
        assert certificate.title == "冬季骑行安全"


async def test_a_session_long_ago_is_entered_without_a_feedback_request(
    store: Store, clock: ManualClock
) -> None:
    training, _ = await session(store, clock)
    clock.forward(days=20)
    made = await plan(store, training, "王五")
    async with store.writing() as db:
        assert await attendance.mark(db, SEATING, training, made.fresh, clock()) == 1
    async with store.reading() as db:
        kinds = list(await db.scalars(select(OutboxRow.kind)))
        assert "training.feedback" not in kinds


async def test_two_at_once_mark_each_person_once(store: Store, clock: ManualClock) -> None:
    training, _ = await session(store, clock)
    clock.forward(days=2)
    made = await plan(store, training, "王五", "李四光")

    async def mark() -> int:
        async with store.writing() as db:
            return await attendance.mark(db, SEATING, training, made.fresh, clock())

    assert sorted(await asyncio.gather(mark(), mark(), mark())) == [0, 0, 2]


async def test_a_session_that_has_not_begun_or_was_cancelled_takes_nobody(
    store: Store, clock: ManualClock
) -> None:
    training, _ = await session(store, clock)
    made = await plan(store, training, "王五")
    for reason in ("not_open", "cancelled"):
        async with store.writing() as db:
            with pytest.raises(TrainingRefused) as refused:
                await attendance.mark(db, SEATING, training, made.fresh, clock())
            await db.execute(update(TrainingRow).values(status="cancelled"))
        assert refused.value.reason == reason


def test_words_and_digits_in_one_text_are_told_apart() -> None:
    assert typed("张 三，1234") == PaperEntry(0, "张 三，1234", "张三", "1234", "")
