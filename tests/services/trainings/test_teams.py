"""What a leader can do to others by naming phones, and what those named can do about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import standing
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.teams import MOST, Named, Teams
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow
from tests.conftest import WallClock
from tests.support.trainings import broken_rules, create_couriers, create_session

KEYS = parse_keys("1:" + "A" * 43 + "=")
PROFILES = Profiles(KEYS)
LINE = Registrations(timedelta(hours=2))
TEAMS = Teams(LINE, PROFILES)
WANG = "13812345678"


async def found_known(db: AsyncSession, phones: Sequence[str], now: datetime) -> list[int]:
    """Couriers who gave these phones as theirs."""
    ids = await create_couriers(db, len(phones), now)
    for courier_id, phone in zip(ids, phones, strict=True):
        await PROFILES.remember(db, courier_id, "王强", phone, now, "telegram")
    return ids


def named(first: int, count: int) -> list[Named]:
    """So many people of that number on."""
    return [Named("", f"139{number:08}") for number in range(first, first + count)]


async def test_a_leader_whose_phone_is_not_known_reserves_nothing(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        (stranger,) = await create_couriers(db, 1, clock())
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.found(db, session, stranger, "all", named(0, 20), clock())
        assert caught.value.why == "no_phone"
        assert (await db.get_one(TrainingRow, session)).taken == 0


@pytest.mark.parametrize("mode", ["all", "each"])
async def test_a_leader_names_no_more_than_one_full_team_for_a_session(
    store: Store, clock: WallClock, mode: str
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        other = await create_session(db, clock() + timedelta(days=4), now=clock(), capacity=60)
        (leader,) = await found_known(db, ["13700000000"], clock())
        await TEAMS.found(db, session, leader, mode, named(0, MOST - 1), clock())
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.found(db, session, leader, mode, named(50, 2), clock())
        assert (caught.value.why, caught.value.other) == ("team_size", MOST)
        await TEAMS.found(db, session, leader, mode, named(50, 1), clock())
        await TEAMS.found(db, other, leader, mode, named(0, MOST), clock())
        assert await broken_rules(db, [session, other]) == []


async def test_what_a_team_did_not_use_in_time_may_be_named_anew(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=9), now=clock(), capacity=60)
        (leader,) = await found_known(db, ["13700000000"], clock())
        await TEAMS.found(db, session, leader, "all", named(0, MOST), clock())
        clock.forward(days=2)
        await TEAMS.found(db, session, leader, "all", named(0, MOST), clock())
        assert (await db.get_one(TrainingRow, session)).taken == MOST


async def test_a_phone_named_in_many_teams_is_pushed_to_once(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        leader, victim = await found_known(db, ["13700000000", WANG], clock())
        for _ in range(MOST):
            await TEAMS.found(db, session, leader, "each", [Named("", WANG)], clock())
        told = select(func.count()).where(OutboxRow.courier_id == victim)
        assert await db.scalar(told.where(OutboxRow.kind == "training.team")) == 1


async def test_a_no_from_somebody_who_claims_the_phone_is_not_final(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, claimant = await found_known(db, ["13700000000", WANG, WANG], clock())
        team = await TEAMS.found(
            db, session, leader, "all", [Named("", WANG), *named(0, 1)], clock()
        )
        await TEAMS.decline(db, team.id, claimant, clock())
        assert (await TEAMS.accept(db, team.id, owner, clock())).status == "seat"
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.accept(db, team.id, claimant, clock())
        assert caught.value.why == "no_offer"
        assert await broken_rules(db, [session]) == []


async def test_a_second_yes_gives_back_no_second_place(store: Store, clock: WallClock) -> None:
    """Who has a seat of their own said no to the team's and then yes: the others' stay reserved."""
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=9)
        leader, owner = await found_known(db, ["13700000000", WANG], clock())
        await LINE.register(db, session, owner, clock())
        team = await TEAMS.found(
            db, session, leader, "all", [Named("", WANG), *named(0, 2)], clock()
        )
        await TEAMS.decline(db, team.id, owner, clock())
        await TEAMS.accept(db, team.id, owner, clock())
        assert (await db.get_one(TeamRow, team.id)).reserved == 2
        assert await broken_rules(db, [session]) == []


async def test_a_team_lifts_nobody_into_two_seats_at_one_time(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        starts = clock() + timedelta(days=3)
        here = await create_session(db, starts, now=clock(), capacity=2, code="here")
        there = await create_session(db, starts, now=clock(), capacity=2, code="there")
        leader, owner = await found_known(db, ["13700000000", WANG], clock())
        (first,) = await create_couriers(db, 1, clock())
        team = await TEAMS.found(db, here, leader, "all", [Named("", WANG)], clock())
        await LINE.register(db, here, first, clock())
        assert (await LINE.register(db, here, owner, clock())).status == "waitlist"
        assert (await LINE.register(db, there, owner, clock())).status == "seat"
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.accept(db, team.id, owner, clock())
        assert (caught.value.why, caught.value.other) == ("overlap", there)
        assert await broken_rules(db, [here, there]) == []


@pytest.mark.parametrize("answer", ["none", "no", "yes"])
async def test_erasing_a_courier_erases_what_leaders_wrote_down_of_them(
    store: Store, clock: WallClock, answer: str
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner = await found_known(db, ["13700000000", WANG], clock())
        (waiting,) = await create_couriers(db, 1, clock())
        team = await TEAMS.found(
            db, session, leader, "all", [Named("王强", WANG), *named(0, 1)], clock()
        )
        await LINE.register(db, session, waiting, clock())
        if answer != "none":
            await getattr(TEAMS, {"no": "decline", "yes": "accept"}[answer])(
                db, team.id, owner, clock()
            )
        await erasure.erase(db, owner, clock(), ErasureReason.REQUESTED, (LINE.forget,))
    async with store.reading() as db:
        index = KEYS.index(WANG, PHONE_INDEX)
        left = select(func.count()).where(TeamMemberRow.phone_index == index)
        assert await db.scalar(left) == 0
        assert (await db.get_one(TeamRow, team.id)).reserved == 1
        one = await standing(db, session, waiting)
        assert one is not None
        assert one.status == "offered"
        assert await broken_rules(db, [session]) == []


async def test_erasing_oneself_strikes_nobody_whose_phone_one_claimed(
    store: Store, clock: WallClock
) -> None:
    async with store.writing() as db:
        session = await create_session(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, claimant = await found_known(db, ["13700000000", WANG, WANG], clock())
        team = await TEAMS.found(db, session, leader, "all", [Named("", WANG)], clock())
        await erasure.erase(db, claimant, clock(), ErasureReason.REQUESTED, (LINE.forget,))
        assert (await TEAMS.accept(db, team.id, owner, clock())).status == "seat"
