"""Teams: limits on what a leader names and reserves, and how members answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TeamMode, TrainingRefusal
from bot.services.trainings.teams import MAX_MEMBERS, Invitee, Teams
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.trainings import broken_rules, create_couriers, create_training

KEYS = parse_keys("1:" + "A" * 43 + "=")
PROFILES = Profiles(KEYS)
REGISTRATIONS = Registrations(Seating(timedelta(hours=2)))
TEAMS = Teams(REGISTRATIONS, PROFILES)
WANG = "13812345678"


async def create_known(db: AsyncSession, phones: Sequence[str], now: datetime) -> list[int]:
    """Couriers who gave these phones as theirs."""
    ids = await create_couriers(db, len(phones), now)
    for courier_id, phone in zip(ids, phones, strict=True):
        await PROFILES.remember(db, courier_id, "王强", phone, now, "telegram")
    return ids


def invitees(first: int, count: int) -> list[Invitee]:
    """`count` people with consecutive phone numbers."""
    return [Invitee("", f"139{number:08}") for number in range(first, first + count)]


async def test_a_leader_whose_phone_is_not_known_reserves_nothing(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        (stranger,) = await create_couriers(db, 1, clock())
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.create(db, training, stranger, TeamMode.ALL, invitees(0, 20), clock())
        assert caught.value.reason is TrainingRefusal.NO_PHONE
        assert (await db.get_one(TrainingRow, training)).taken == 0


@pytest.mark.parametrize("mode", list(TeamMode))
async def test_a_leader_names_no_more_than_one_full_team_for_a_training(
    store: Store, clock: ManualClock, mode: TeamMode
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        other = await create_training(db, clock() + timedelta(days=4), now=clock(), capacity=60)
        (leader,) = await create_known(db, ["13700000000"], clock())
        await TEAMS.create(db, training, leader, mode, invitees(0, MAX_MEMBERS - 1), clock())
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.create(db, training, leader, mode, invitees(50, 2), clock())
        assert (caught.value.reason, caught.value.count) == (TrainingRefusal.TEAM_SIZE, MAX_MEMBERS)
        await TEAMS.create(db, training, leader, mode, invitees(50, 1), clock())
        await TEAMS.create(db, other, leader, mode, invitees(0, MAX_MEMBERS), clock())
        assert await broken_rules(db, [training, other]) == []


async def test_what_a_team_did_not_use_in_time_may_be_named_anew(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=9), now=clock(), capacity=60)
        (leader,) = await create_known(db, ["13700000000"], clock())
        await TEAMS.create(db, training, leader, TeamMode.ALL, invitees(0, MAX_MEMBERS), clock())
        clock.forward(days=2)
        await TEAMS.create(db, training, leader, TeamMode.ALL, invitees(0, MAX_MEMBERS), clock())
        assert (await db.get_one(TrainingRow, training)).taken == MAX_MEMBERS


async def test_a_phone_named_in_many_teams_is_pushed_to_once(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        leader, victim = await create_known(db, ["13700000000", WANG], clock())
        for _ in range(MAX_MEMBERS):
            await TEAMS.create(db, training, leader, TeamMode.EACH, [Invitee("", WANG)], clock())
        told = select(func.count()).where(OutboxRow.courier_id == victim)
        assert await db.scalar(told.where(OutboxRow.kind == "training.team")) == 1


async def test_a_no_from_somebody_who_claims_the_phone_is_not_final(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, claimant = await create_known(db, ["13700000000", WANG, WANG], clock())
        team = await TEAMS.create(
            db, training, leader, TeamMode.ALL, [Invitee("", WANG), *invitees(0, 1)], clock()
        )
        await TEAMS.decline(db, team.id, claimant, clock())
        assert (await TEAMS.accept(db, team.id, owner, clock())).status == RegistrationStatus.SEAT
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.accept(db, team.id, claimant, clock())
        assert caught.value.reason is TrainingRefusal.NO_OFFER
        assert await broken_rules(db, [training]) == []


async def test_a_second_yes_gives_back_no_second_place(store: Store, clock: ManualClock) -> None:
    """Who has a seat of their own said no to the team's and then yes: the others' stay reserved."""
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=9)
        leader, owner = await create_known(db, ["13700000000", WANG], clock())
        await REGISTRATIONS.register(db, training, owner, clock())
        team = await TEAMS.create(
            db, training, leader, TeamMode.ALL, [Invitee("", WANG), *invitees(0, 2)], clock()
        )
        await TEAMS.decline(db, team.id, owner, clock())
        await TEAMS.accept(db, team.id, owner, clock())
        assert (await db.get_one(TeamRow, team.id)).reserved == 2
        assert await broken_rules(db, [training]) == []


async def test_a_team_lifts_nobody_into_two_seats_at_one_time(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        starts = clock() + timedelta(days=3)
        here = await create_training(db, starts, now=clock(), capacity=2, code="here")
        there = await create_training(db, starts, now=clock(), capacity=2, code="there")
        leader, owner = await create_known(db, ["13700000000", WANG], clock())
        (first,) = await create_couriers(db, 1, clock())
        team = await TEAMS.create(db, here, leader, TeamMode.ALL, [Invitee("", WANG)], clock())
        await REGISTRATIONS.register(db, here, first, clock())
        assert (
            await REGISTRATIONS.register(db, here, owner, clock())
        ).status == RegistrationStatus.WAITLIST
        assert (
            await REGISTRATIONS.register(db, there, owner, clock())
        ).status == RegistrationStatus.SEAT
        with pytest.raises(TrainingRefused) as caught:
            await TEAMS.accept(db, team.id, owner, clock())
        assert (caught.value.reason, caught.value.training_id) == (TrainingRefusal.OVERLAP, there)
        assert await broken_rules(db, [here, there]) == []


@pytest.mark.parametrize("answer", ["none", "no", "yes"])
async def test_erasing_a_courier_erases_what_leaders_wrote_down_of_them(
    store: Store, clock: ManualClock, answer: str
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner = await create_known(db, ["13700000000", WANG], clock())
        (waiting,) = await create_couriers(db, 1, clock())
        team = await TEAMS.create(
            db, training, leader, TeamMode.ALL, [Invitee("王强", WANG), *invitees(0, 1)], clock()
        )
        await REGISTRATIONS.register(db, training, waiting, clock())
        if answer != "none":
            await getattr(TEAMS, {"no": "decline", "yes": "accept"}[answer])(
                db, team.id, owner, clock()
            )
        await erasure.erase(db, owner, clock(), ErasureReason.REQUESTED, (REGISTRATIONS.forget,))
    async with store.reading() as db:
        index = KEYS.index(WANG, PHONE_INDEX)
        left = select(func.count()).where(TeamMemberRow.phone_index == index)
        assert await db.scalar(left) == 0
        assert (await db.get_one(TeamRow, team.id)).reserved == 1
        one = await live_registration(db, training, waiting)
        assert one is not None
        assert one.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [training]) == []


async def test_erasing_oneself_strikes_nobody_whose_phone_one_claimed(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, claimant = await create_known(db, ["13700000000", WANG, WANG], clock())
        team = await TEAMS.create(db, training, leader, TeamMode.ALL, [Invitee("", WANG)], clock())
        await erasure.erase(db, claimant, clock(), ErasureReason.REQUESTED, (REGISTRATIONS.forget,))
        assert (await TEAMS.accept(db, team.id, owner, clock())).status == RegistrationStatus.SEAT
