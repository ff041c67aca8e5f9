"""Who may register, and the instants up to which a courier may register, withdraw and wait."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.engine import Store
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.trainings import broken_rules, create_couriers, create_training

INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
DAYS = timedelta(days=3)
REGISTRATIONS = Registrations(Seating(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("only", "profile", "refusal"),
    [
        ({}, None, None),
        ({}, {"firm": "中通", "league": "150100"}, None),
        ({"only_firm": "中通"}, None, TrainingRefusal.FIRM),
        ({"only_firm": "中通"}, {"firm": "美团"}, TrainingRefusal.FIRM),
        ({"only_firm": "中通"}, {"firm": "中通"}, None),
        ({"only_league": "150100"}, None, TrainingRefusal.LEAGUE),
        ({"only_league": "150100"}, {"league": "150200"}, TrainingRefusal.LEAGUE),
        ({"only_league": "150100"}, {"league": "150100"}, None),
        ({"only_league": "150100"}, {"league": "150100", "firm": "中通"}, None),
        ({"only_firm": "中通"}, {"firm": "中通", "league": "150200"}, None),
        (
            {"only_firm": "中通", "only_league": "150100"},
            {"firm": "中通", "league": "150200"},
            TrainingRefusal.LEAGUE,
        ),
        (
            {"only_firm": "中通", "only_league": "150100"},
            {"firm": "美团", "league": "150100"},
            TrainingRefusal.FIRM,
        ),
    ],
)
async def test_a_training_for_some_is_refused_to_the_others(
    store: Store,
    clock: ManualClock,
    only: dict[str, Any],
    profile: dict[str, str] | None,
    refusal: TrainingRefusal | None,
) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        training = await create_training(db, clock() + DAYS, now=clock(), **only)
        if profile is not None:
            row = {
                "courier_id": courier,
                "updated_at": clock(),
                "firm": "",
                "league": "",
                **profile,
            }
            await db.execute(insert(ProfileRow).values(**row))
        refused = None
        try:
            await REGISTRATIONS.register(db, training, courier, clock())
        except TrainingRefused as error:
            refused = error.reason
        assert refused == refusal


@pytest.mark.parametrize(
    ("more", "later", "refusal"),
    [
        ({}, DAYS - HOUR - INSTANT, None),
        ({}, DAYS - HOUR, TrainingRefusal.DEADLINE),
        ({}, DAYS - INSTANT, TrainingRefusal.DEADLINE),
        ({}, DAYS, TrainingRefusal.STARTED),
        ({"status": "done"}, timedelta(0), TrainingRefusal.STARTED),
        ({"status": "cancelled"}, timedelta(0), TrainingRefusal.CANCELLED),
    ],
)
async def test_until_when_exactly_a_courier_may_register(
    store: Store,
    clock: ManualClock,
    more: dict[str, Any],
    later: timedelta,
    refusal: TrainingRefusal | None,
) -> None:
    starts = clock() + DAYS
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        training = await create_training(db, starts, now=clock(), deadline=starts - HOUR, **more)
        refused = None
        try:
            await REGISTRATIONS.register(db, training, courier, clock() + later)
        except TrainingRefused as error:
            refused = error.reason
        assert refused == refusal


@pytest.mark.parametrize(("later", "withdrawn"), [(DAYS - INSTANT, True), (DAYS, False)])
async def test_a_courier_may_withdraw_until_the_training_starts(
    store: Store, clock: ManualClock, later: timedelta, *, withdrawn: bool
) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        training = await create_training(db, clock() + DAYS, now=clock())
        await REGISTRATIONS.register(db, training, courier, clock())
        if withdrawn:
            before = await REGISTRATIONS.withdraw(db, training, courier, clock() + later)
            assert before.status == RegistrationStatus.SEAT
        else:
            with pytest.raises(TrainingRefused) as refused:
                await REGISTRATIONS.withdraw(db, training, courier, clock() + later)
            assert refused.value.reason is TrainingRefusal.STARTED
        assert (await live_registration(db, training, courier) is None) == withdrawn
        assert await db.scalar(select(TrainingRow.taken)) == (0 if withdrawn else 1)


@pytest.mark.parametrize(
    ("offset", "overlaps"),
    [
        (-2 * HOUR, False),  # ends as the other starts
        (-2 * HOUR + INSTANT, True),
        (2 * HOUR - INSTANT, True),
        (2 * HOUR, False),  # starts as the other ends
    ],
)
@pytest.mark.parametrize("status", ["planned", "cancelled"])
async def test_a_freed_seat_passes_over_who_has_a_seat_at_the_same_time(
    store: Store, clock: ManualClock, offset: timedelta, status: str, *, overlaps: bool
) -> None:
    """And a courier with such a seat cannot register either."""
    starts = clock() + DAYS
    async with store.writing() as db:
        seated, waiting, behind = await create_couriers(db, 3, clock())
        training = await create_training(db, starts, now=clock(), capacity=1)
        other = await create_training(db, starts + offset, now=clock(), title="另一场")
        for courier in (seated, waiting, behind):
            await REGISTRATIONS.register(db, training, courier, clock())
        held = insert(RegistrationRow).values(
            training_id=other,
            courier_id=waiting,
            status=RegistrationStatus.SEAT,
            created_at=clock(),
            updated_at=clock(),
        )
        await db.execute(held)
        await db.execute(
            update(TrainingRow).where(TrainingRow.id == other).values(taken=1, status=status)
        )
        await REGISTRATIONS.withdraw(db, training, seated, clock())
        passed_over = overlaps and status == "planned"
        first = await live_registration(db, training, waiting)
        second = await live_registration(db, training, behind)
        assert first is not None
        assert second is not None
        states = [first.status, second.status]
        in_turn = [RegistrationStatus.OFFERED, RegistrationStatus.WAITLIST]
        assert states == (in_turn[::-1] if passed_over else in_turn)
        assert await broken_rules(db, [training]) == []


@pytest.mark.parametrize(
    ("scores", "kept"), [((4, None), 4), ((None, 3), 3), ((4, 3), 4), ((None, None), None)]
)
async def test_of_two_check_ins_of_one_person_the_scores_are_joined(
    store: Store, clock: ManualClock, scores: tuple[int | None, int | None], kept: int | None
) -> None:
    async with store.writing() as db:
        early, late = await create_couriers(db, 2, clock())
        training = await create_training(db, clock() + DAYS, now=clock())
        for courier, score in zip((early, late), scores, strict=True):
            await REGISTRATIONS.register(db, training, courier, clock())
            await REGISTRATIONS.check_in(db, training, courier, clock() + DAYS)
            mine = update(RegistrationRow).where(RegistrationRow.courier_id == courier)
            await db.execute(mine.values(score=score))
    async with store.writing() as db:
        await REGISTRATIONS.join(db, late, early, clock() + DAYS)
    async with store.reading() as db:
        assert list(await db.scalars(select(RegistrationRow.score))) == [kept]
        assert await db.scalar(select(TrainingRow.taken)) == 1


async def test_a_courier_who_leads_nothing_gives_up_only_their_own(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        gone, stays, waits = await create_couriers(db, 3, clock())
        training = await create_training(db, clock() + DAYS, now=clock())
        for courier in (gone, stays, waits):
            await REGISTRATIONS.register(db, training, courier, clock())
        await REGISTRATIONS.forget(db, gone, clock())
        assert await live_registration(db, training, gone) is None
        found = [await live_registration(db, training, one) for one in (stays, waits)]
        assert [one and one.status for one in found] == [
            RegistrationStatus.SEAT,
            RegistrationStatus.OFFERED,
        ]
        assert await broken_rules(db, [training]) == []


@pytest.mark.parametrize(
    "what", ["register", "withdraw", "accept", "decline", "confirm", "check_in"]
)
async def test_whatever_is_done_about_a_training_that_does_not_exist_is_refused_as_gone(
    store: Store, clock: ManualClock, what: str
) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        with pytest.raises(TrainingRefused) as refused:
            await getattr(REGISTRATIONS, what)(db, 404, courier, clock())
        assert refused.value.reason is TrainingRefusal.GONE


async def test_who_confirms_a_seat_ends_the_offers_that_are_over_by_then(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        stays, gives_up, waits, behind = await create_couriers(db, 4, clock())
        training = await create_training(db, clock() + DAYS, now=clock(), capacity=2)
        for courier in (stays, gives_up, waits, behind):
            await REGISTRATIONS.register(db, training, courier, clock())
        await REGISTRATIONS.withdraw(db, training, gives_up, clock())
        await REGISTRATIONS.confirm(db, training, stays, clock() + 2 * HOUR)
        assert await live_registration(db, training, waits) is None
        offered = await live_registration(db, training, behind)
        assert offered is not None
        assert offered.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [training]) == []


@pytest.mark.parametrize("is_right", [True, False])
async def test_offers_end_only_while_the_clock_can_be_believed(
    store: Store, clock: ManualClock, *, is_right: bool
) -> None:
    seating = Seating(2 * HOUR, clock_is_right=lambda: is_right)
    async with store.writing() as db:
        gives_up, waits = await create_couriers(db, 2, clock())
        training = await create_training(db, clock() + DAYS, now=clock(), capacity=1)
        for courier in (gives_up, waits):
            await REGISTRATIONS.register(db, training, courier, clock())
        await REGISTRATIONS.withdraw(db, training, gives_up, clock())
        await seating.lock(db, training, clock() + DAYS / 2)
        offered = await live_registration(db, training, waits)
        assert (offered.status if offered else None) == (
            None if is_right else RegistrationStatus.OFFERED
        )
        assert await broken_rules(db, [training]) == []
