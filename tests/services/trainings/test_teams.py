"""Teams: what a leader names, reserves and reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import Profiles
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.notifications import MAX_INVITATIONS_A_DAY
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TeamMemberStatus, TeamMode, TrainingRefusal
from bot.services.trainings.team_limits import (
    KNOWN_FOR,
    MAX_MEMBERS,
    MAX_MEMBERS_A_DAY,
    TeamLimits,
)
from bot.services.trainings.teams import HOLD, Invitee, Teams
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TeamMemberRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.trainings import broken_rules, create_couriers, create_training

KEYS = parse_keys("1:" + "A" * 43 + "=")
PROFILES = Profiles(KEYS)
SEATING = Seating(timedelta(hours=2))
REGISTRATIONS = Registrations(SEATING)
TEAMS = Teams(SEATING, PROFILES, TeamLimits(share=100))
WANG = "13812345678"


async def create_known(
    db: AsyncSession, phones: Sequence[str], now: datetime, *, known_for: timedelta = KNOWN_FOR
) -> list[int]:
    """Couriers who gave these phones as theirs and first wrote `known_for` ago."""
    ids = await create_couriers(db, len(phones), now - known_for)
    for courier_id, phone in zip(ids, phones, strict=True):
        await PROFILES.remember(db, courier_id, "王强", phone, now, "telegram")
    return ids


def invitees(first: int, count: int) -> list[Invitee]:
    """`count` people with consecutive phone numbers."""
    return [Invitee("", f"139{number:08}") for number in range(first, first + count)]


async def refusal(
    db: AsyncSession,
    training: int,
    leader: int,
    people: Sequence[Invitee],
    now: datetime,
    *,
    mode: TeamMode = TeamMode.ALL,
    teams: Teams = TEAMS,
) -> tuple[str, int]:
    """Why that team is refused, and the number in the refusal; empty if it is created."""
    try:
        await teams.create(db, training, leader, mode, people, now)
    except TrainingRefused as refused:
        return refused.reason, refused.count
    return "", 0


async def invitations_queued(db: AsyncSession, courier_id: int) -> int:
    """How many invitations to teams are queued for the courier."""
    queued = select(func.count()).where(OutboxRow.courier_id == courier_id)
    return await db.scalar(queued.where(OutboxRow.kind == "training.team")) or 0


async def test_a_leader_whose_phone_is_not_known_reserves_nothing(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=60)
        (stranger,) = await create_couriers(db, 1, clock() - KNOWN_FOR)
        refused = await refusal(db, training, stranger, invitees(0, 20), clock())
        assert refused == (TrainingRefusal.NO_PHONE, 0)
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
        refused = await refusal(db, training, leader, invitees(50, 2), clock(), mode=mode)
        assert refused == (TrainingRefusal.TEAM_SIZE, MAX_MEMBERS)
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


async def test_a_leader_names_only_so_many_people_a_day(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        (leader,) = await create_known(db, ["13700000000"], clock())
        trainings = [
            await create_training(db, clock() + timedelta(days=3 + n), now=clock(), capacity=60)
            for n in range(MAX_MEMBERS_A_DAY // MAX_MEMBERS + 1)
        ]
        full = invitees(0, MAX_MEMBERS)
        for training in trainings[:-1]:
            assert await refusal(db, training, leader, full, clock()) == ("", 0)
        clock.forward(hours=23, minutes=59)
        refused = await refusal(
            db, trainings[-1], leader, invitees(0, 1), clock(), mode=TeamMode.EACH
        )
        assert refused == (TrainingRefusal.TEAM_DAY, MAX_MEMBERS_A_DAY)
        clock.forward(minutes=1)
        assert await refusal(db, trainings[-1], leader, full, clock()) == ("", 0)


async def test_visitors_invented_just_now_reserve_and_send_nothing(
    store: Store, clock: ManualClock
) -> None:
    """Twenty-four of them for three trainings of a hundred; they may bring teams that reserve
    nothing.
    """
    async with store.writing() as db:
        trainings = [
            await create_training(db, clock() + timedelta(days=3 + n), now=clock(), capacity=100)
            for n in range(3)
        ]
        (victim,) = await create_known(db, [WANG], clock())
        phones = [f"137{number:08}" for number in range(24)]
        almost = KNOWN_FOR - timedelta(seconds=1)
        people = [Invitee("", WANG), *invitees(0, 4)]
        for leader in await create_known(db, phones, clock(), known_for=almost):
            for training in trainings:
                refused = await refusal(db, training, leader, people, clock())
                assert refused == (TrainingRefusal.NEW_LEADER, 0)
                each = TeamMode.EACH
                assert await refusal(db, training, leader, people, clock(), mode=each) == ("", 0)
        assert [(await db.get_one(TrainingRow, one)).taken for one in trainings] == [0, 0, 0]
        assert await invitations_queued(db, victim) == 0


async def test_all_teams_together_reserve_a_share_of_the_seats(
    store: Store, clock: ManualClock
) -> None:
    teams = Teams(SEATING, PROFILES, TeamLimits())
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=100)
        phones = [f"137{number:08}" for number in range(24)]
        leaders = await create_known(db, phones, clock())
        first, second, *others = leaders
        assert await refusal(db, training, first, invitees(0, 20), clock(), teams=teams) == ("", 0)
        for leader in others:
            refused = await refusal(db, training, leader, invitees(20, 11), clock(), teams=teams)
            assert refused == (TrainingRefusal.TEAM_SHARE, 10)
        assert await refusal(db, training, second, invitees(20, 10), clock(), teams=teams) == (
            "",
            0,
        )
        refused = await refusal(db, training, others[0], invitees(40, 1), clock(), teams=teams)
        assert refused == (TrainingRefusal.TEAM_SHARE, 0)
        assert (await db.get_one(TrainingRow, training)).taken == 30
        await TrainingAdministration(SEATING).resize(db, training, 50, clock())  # a share of 15
        refused = await refusal(db, training, others[0], invitees(40, 1), clock(), teams=teams)
        assert refused == (TrainingRefusal.TEAM_SHARE, 0)


async def test_a_phone_that_many_leaders_name_is_told_a_few_times_a_day(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        trainings = [
            await create_training(db, clock() + timedelta(days=3 + n), now=clock(), capacity=60)
            for n in range(MAX_INVITATIONS_A_DAY + 2)
        ]
        leaders = await create_known(db, [f"137{n:08}" for n in range(5)], clock())
        (victim,) = await create_known(db, [WANG], clock())
        for training in trainings[:2]:
            for leader in leaders:
                named = [Invitee("", WANG)]
                await TEAMS.create(db, training, leader, TeamMode.EACH, named, clock())
        assert await invitations_queued(db, victim) == 2
        for training in trainings[2:]:
            await TEAMS.create(db, training, leaders[0], TeamMode.EACH, named, clock())
        assert await invitations_queued(db, victim) == MAX_INVITATIONS_A_DAY
        clock.forward(days=1)
        await TEAMS.create(db, trainings[-1], leaders[1], TeamMode.EACH, named, clock())
        assert await invitations_queued(db, victim) == MAX_INVITATIONS_A_DAY + 1


@pytest.mark.parametrize(
    ("late", "reserved", "status"),
    [
        (timedelta(seconds=-1), 2, TeamMemberStatus.INVITED),
        (timedelta(0), 0, TeamMemberStatus.EXPIRED),
        (timedelta(seconds=1), 0, TeamMemberStatus.EXPIRED),
    ],
)
@pytest.mark.parametrize("maintained", [True, False])
async def test_after_the_hold_the_leader_reads_who_did_not_answer(
    store: Store,
    clock: ManualClock,
    *,
    late: timedelta,
    reserved: int,
    status: TeamMemberStatus,
    maintained: bool,
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=9)
        (leader,) = await create_known(db, ["13700000000"], clock())
        team = await TEAMS.create(db, training, leader, TeamMode.ALL, invitees(0, 2), clock())
        assert team.hold_until == clock() + HOLD
    clock.set(team.hold_until + late)
    if maintained:
        await TrainingAdministration(SEATING).run_maintenance(store, clock())
    async with store.writing() as db:
        (seen,) = await TEAMS.led_by(db, leader, clock())
        assert [one.status for one in seen.members] == [status, status]
        assert seen.reserved == reserved
        if maintained:
            assert (await db.get_one(TrainingRow, training)).taken == reserved
            assert await broken_rules(db, [training]) == []


async def test_a_member_that_an_earlier_version_wrote_gets_a_code_when_the_leader_looks(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=9)
        (leader,) = await create_known(db, ["13700000000"], clock())
        await TEAMS.create(db, training, leader, TeamMode.EACH, invitees(0, 2), clock())
        await db.execute(update(TeamMemberRow).values(code=None))
        (seen,) = await TEAMS.led_by(db, leader, clock())
        codes = {one.code for one in seen.members}
        assert {len(code) for code in codes} == {8}
        assert codes == set(await db.scalars(select(TeamMemberRow.code)))
        assert len(codes) == 2


async def test_a_leader_is_known_from_the_first_message_on(
    store: Store, clock: ManualClock
) -> None:
    """Not from the profile, which may be written anew at any time."""
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=9)
        (leader,) = await create_known(db, ["13700000000"], clock(), known_for=timedelta(0))
        await db.execute(update(CourierRow).values(created_at=clock() - KNOWN_FOR))
        assert await refusal(db, training, leader, invitees(0, 1), clock()) == ("", 0)
