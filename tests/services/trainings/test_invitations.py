"""How members of teams answer, and that a phone which somebody only typed answers for nobody."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import PHONE_INDEX
from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.invitations import Invitations
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.statuses import RegistrationStatus, TeamMode, TrainingRefusal
from bot.services.trainings.teams import Invitee
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow
from tests.conftest import ManualClock
from tests.services.trainings.test_teams import (
    KEYS,
    PROFILES,
    REGISTRATIONS,
    TEAMS,
    WANG,
    create_known,
    invitees,
)
from tests.support.trainings import broken_rules, create_couriers, create_training

INVITATIONS = Invitations(REGISTRATIONS, PROFILES)
LEADER = "13700000000"


async def invite(
    db: AsyncSession,
    training: int,
    leader: int,
    people: Sequence[Invitee],
    clock: ManualClock,
    mode: TeamMode = TeamMode.ALL,
) -> tuple[int, list[str]]:
    """A team; its id and the codes of its members."""
    team = await TEAMS.create(db, training, leader, mode, people, clock())
    return team.id, [one.code for one in team.members]


async def refusal(db: AsyncSession, code: str, courier: int, clock: ManualClock) -> str:
    """Why that courier cannot accept with that code."""
    with pytest.raises(TrainingRefused) as caught:
        await INVITATIONS.accept(db, code, courier, clock())
    return caught.value.reason


async def entries(db: AsyncSession, phone: str) -> int:
    """How many entries of teams name this phone."""
    named = TeamMemberRow.phone_index == KEYS.index(phone, PHONE_INDEX)
    return await db.scalar(select(func.count()).where(named)) or 0


async def test_who_typed_a_members_phone_but_has_no_code_takes_no_invitation(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, claimant = await create_known(db, [LEADER, WANG, WANG], clock())
        team_id, (of_owner, of_other) = await invite(
            db, training, leader, [Invitee("", WANG), *invitees(0, 1)], clock
        )
        team_code = (await db.get_one(TeamRow, team_id)).code
        for code in (team_code, of_other, "", "ZZZZZZZZ"):
            assert await refusal(db, code, claimant, clock) == TrainingRefusal.NOT_INVITED
        accepted = await INVITATIONS.accept(db, of_owner, owner, clock())
        assert accepted.status == RegistrationStatus.SEAT
        assert await broken_rules(db, [training]) == []


async def test_a_code_is_used_by_one_courier(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, claimant = await create_known(db, [LEADER, WANG, WANG], clock())
        _, (code, _) = await invite(
            db, training, leader, [Invitee("", WANG), *invitees(0, 1)], clock
        )
        first = await INVITATIONS.accept(db, code, owner, clock())
        assert await refusal(db, code, claimant, clock) == TrainingRefusal.CODE_USED
        assert await INVITATIONS.accept(db, code, owner, clock()) == first
        with pytest.raises(TrainingRefused) as caught:
            await INVITATIONS.decline(db, code, claimant, clock())
        assert caught.value.reason == TrainingRefusal.NO_OFFER
        assert await broken_rules(db, [training]) == []


@pytest.mark.parametrize("noes", [1, 2])
async def test_a_yes_after_a_no_takes_no_place_of_a_teammate(
    store: Store, clock: ManualClock, noes: int
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, mate = await create_known(db, [LEADER, WANG, "13900000000"], clock())
        (stranger,) = await create_couriers(db, 1, clock())
        team_id, (code, of_mate) = await invite(
            db, training, leader, [Invitee("", WANG), Invitee("", "13900000000")], clock
        )
        for _ in range(noes):
            await INVITATIONS.decline(db, code, owner, clock())
        await TEAMS.again(db, team_id, leader, TeamMode.ALL, clock())
        assert (await db.get_one(TeamRow, team_id)).reserved == 1
        got = await REGISTRATIONS.register(db, training, stranger, clock())
        assert got.status == RegistrationStatus.SEAT
        late = await INVITATIONS.accept(db, code, owner, clock())
        assert (late.status, late.position) == (RegistrationStatus.WAITLIST, 1)
        assert (await db.get_one(TeamRow, team_id)).reserved == 1
        accepted = await INVITATIONS.accept(db, of_mate, mate, clock())
        assert accepted.status == RegistrationStatus.SEAT
        assert await broken_rules(db, [training]) == []


async def test_a_yes_after_a_no_in_the_waitlist_takes_no_place_of_a_teammate(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=3)
        leader, owner, *others = await create_known(
            db, [LEADER, WANG, "13600000000", "13600000001"], clock()
        )
        team_id, (code, _) = await invite(
            db, training, leader, [Invitee("", WANG), *invitees(0, 1)], clock
        )
        await INVITATIONS.decline(db, code, owner, clock())
        await TEAMS.again(db, team_id, leader, TeamMode.ALL, clock())
        for courier in (*others, owner):
            await REGISTRATIONS.register(db, training, courier, clock())
        late = await INVITATIONS.accept(db, code, owner, clock())
        assert (late.status, late.position) == (RegistrationStatus.WAITLIST, 1)
        assert (await db.get_one(TeamRow, team_id)).reserved == 1
        assert await broken_rules(db, [training]) == []


async def test_who_answers_after_the_hold_registers_like_anybody(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, first, second = await create_known(db, [LEADER, WANG, "13900000000"], clock())
        (stranger,) = await create_couriers(db, 1, clock())
        team_id, codes = await invite(
            db, training, leader, [Invitee("", WANG), Invitee("", "13900000000")], clock
        )
        await REGISTRATIONS.register(db, training, stranger, clock())
        clock.set((await db.get_one(TeamRow, team_id)).hold_until)
        got = [
            await INVITATIONS.accept(db, code, courier, clock())
            for code, courier in zip(codes, (first, second), strict=True)
        ]
        assert [(one.status, one.position) for one in got] == [
            (RegistrationStatus.SEAT, None),
            (RegistrationStatus.WAITLIST, 1),
        ]
        assert await broken_rules(db, [training]) == []


async def test_a_second_yes_gives_back_no_second_place(store: Store, clock: ManualClock) -> None:
    """Who has a seat of their own said no to the team's and then yes: the others' stay reserved."""
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=9)
        leader, owner = await create_known(db, [LEADER, WANG], clock())
        await REGISTRATIONS.register(db, training, owner, clock())
        team_id, (code, *_) = await invite(
            db, training, leader, [Invitee("", WANG), *invitees(0, 2)], clock
        )
        await INVITATIONS.decline(db, code, owner, clock())
        await TEAMS.again(db, team_id, leader, TeamMode.ALL, clock())
        await INVITATIONS.accept(db, code, owner, clock())
        assert (await db.get_one(TeamRow, team_id)).reserved == 2
        assert await broken_rules(db, [training]) == []


async def test_a_team_lifts_nobody_into_two_seats_at_one_time(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        starts = clock() + timedelta(days=3)
        here = await create_training(db, starts, now=clock(), capacity=2, code="here")
        there = await create_training(db, starts, now=clock(), capacity=2, code="there")
        leader, owner = await create_known(db, [LEADER, WANG], clock())
        (first,) = await create_couriers(db, 1, clock())
        _, (code,) = await invite(db, here, leader, [Invitee("", WANG)], clock)
        await REGISTRATIONS.register(db, here, first, clock())
        assert (
            await REGISTRATIONS.register(db, here, owner, clock())
        ).status == RegistrationStatus.WAITLIST
        assert (
            await REGISTRATIONS.register(db, there, owner, clock())
        ).status == RegistrationStatus.SEAT
        with pytest.raises(TrainingRefused) as caught:
            await INVITATIONS.accept(db, code, owner, clock())
        assert (caught.value.reason, caught.value.training_id) == (TrainingRefusal.OVERLAP, there)
        assert await broken_rules(db, [here, there]) == []


@pytest.mark.parametrize("answer", ["no", "yes"])
@pytest.mark.parametrize("claimed", [True, False])
async def test_erasing_a_courier_erases_the_entry_that_they_answered(
    store: Store, clock: ManualClock, *, answer: str, claimed: bool
) -> None:
    """Whether or not a stranger typed the same phone."""
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner = await create_known(db, [LEADER, WANG], clock())
        if claimed:
            await create_known(db, [WANG], clock())
        (waiting,) = await create_couriers(db, 1, clock())
        team_id, (code, _) = await invite(
            db, training, leader, [Invitee("王强", WANG), *invitees(0, 1)], clock
        )
        await REGISTRATIONS.register(db, training, waiting, clock())
        act = INVITATIONS.decline if answer == "no" else INVITATIONS.accept
        await act(db, code, owner, clock())
        await erasure.erase(db, owner, clock(), ErasureReason.REQUESTED, (REGISTRATIONS.forget,))
    async with store.reading() as db:
        assert await entries(db, WANG) == 0
        assert (await db.get_one(TeamRow, team_id)).reserved == 0
        one = await live_registration(db, training, waiting)
        assert one is not None
        assert one.status == RegistrationStatus.OFFERED
        assert await broken_rules(db, [training]) == []


async def test_erasing_oneself_strikes_nobody_whose_phone_one_typed(
    store: Store, clock: ManualClock
) -> None:
    """Not even if the owner of the phone never wrote here."""
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, claimant = await create_known(db, [LEADER, WANG], clock())
        team_id, (code,) = await invite(db, training, leader, [Invitee("", WANG)], clock)
        await erasure.erase(db, claimant, clock(), ErasureReason.REQUESTED, (REGISTRATIONS.forget,))
        assert (await db.get_one(TeamRow, team_id)).reserved == 1
        (owner,) = await create_known(db, [WANG], clock())
        accepted = await INVITATIONS.accept(db, code, owner, clock())
        assert accepted.status == RegistrationStatus.SEAT


async def test_a_no_with_a_code_alone_leaves_the_entry_to_its_owner(
    store: Store, clock: ManualClock
) -> None:
    """Who saw the code but has another phone declines, and has nothing of the owner's erased."""
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        leader, owner, other = await create_known(db, [LEADER, WANG, "13600000000"], clock())
        _, (code,) = await invite(db, training, leader, [Invitee("", WANG)], clock)
        await INVITATIONS.decline(db, code, other, clock())
        await erasure.erase(db, other, clock(), ErasureReason.REQUESTED, (REGISTRATIONS.forget,))
        accepted = await INVITATIONS.accept(db, code, owner, clock())
        assert accepted.status == RegistrationStatus.SEAT
        assert await broken_rules(db, [training]) == []


async def test_an_operator_removes_every_entry_of_a_phone(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        here = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=3)
        there = await create_training(db, clock() + timedelta(days=4), now=clock(), capacity=3)
        leader, other, owner = await create_known(db, [LEADER, "13700000001", WANG], clock())
        people = [Invitee("王强", WANG), *invitees(0, 1)]
        _, (code, _) = await invite(db, there, leader, people, clock)
        await invite(db, here, leader, people, clock)
        await invite(db, here, other, people[:1], clock, TeamMode.EACH)
        await INVITATIONS.accept(db, code, owner, clock())
        assert await INVITATIONS.remove_phone(db, WANG, clock()) == 3
        assert await entries(db, WANG) == 0
        assert await entries(db, "13900000000") == 2
        assert [(await db.get_one(TrainingRow, one)).taken for one in (here, there)] == [1, 2]
        assert await broken_rules(db, [here, there]) == []
        assert await INVITATIONS.remove_phone(db, WANG, clock()) == 0


@pytest.mark.parametrize("how", ["decline", "withdraw", "hold", "erasure"])
@pytest.mark.parametrize("waited", [True, False])
async def test_all_seats_of_a_team_go_when_one_does_not_come(
    store: Store, clock: ManualClock, *, how: str, waited: bool
) -> None:
    """The seats taken, too; who had waited in line before waits there again, in the old place."""
    people = [Invitee("", WANG), Invitee("", "13900000000"), Invitee("", "13900000001")]
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=3)
        phones = [LEADER, *(one.phone for one in people)]
        leader, first, second, third = await create_known(db, phones, clock())
        (behind,) = await create_couriers(db, 1, clock())
        team_id, codes = await invite(db, training, leader, people, clock)
        if waited:
            await REGISTRATIONS.register(db, training, first, clock())
        await REGISTRATIONS.register(db, training, behind, clock())
        clock.forward(minutes=1)
        for code, courier in zip(codes, (first, second), strict=False):
            assert (await INVITATIONS.accept(db, code, courier, clock())).status == "seat"
    async with store.writing() as db:
        match how:
            case "decline":
                await INVITATIONS.decline(db, codes[2], third, clock())
            case "withdraw":
                await REGISTRATIONS.withdraw(db, training, second, clock())
            case "erasure":
                erase = (REGISTRATIONS.forget,)
                await erasure.erase(db, second, clock(), ErasureReason.REQUESTED, erase)
            case _:
                clock.set((await db.get_one(TeamRow, team_id)).hold_until)
                await TEAMS.seating.lock(db, training, clock())
    async with store.reading() as db:
        assert (await db.get_one(TeamRow, team_id)).reserved == 0
        own = await live_registration(db, training, first)
        assert (own.status if own else None) == ("offered" if waited else None)
        next_one = await live_registration(db, training, behind)
        assert next_one is not None
        assert next_one.status == RegistrationStatus.OFFERED
        told = select(OutboxRow.courier_id, OutboxRow.kind).where(
            OutboxRow.kind.in_(("training.team_failed", "training.team_released"))
        )
        left = [first] if how in {"withdraw", "erasure"} else [first, second]
        expected = {(leader, "training.team_failed")}
        expected |= {(one, "training.team_released") for one in left}
        assert {tuple(row) for row in await db.execute(told)} == expected
        assert await broken_rules(db, [training]) == []


async def test_only_the_leader_of_a_failed_team_brings_it_again(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=3)
        leader, other, owner = await create_known(db, [LEADER, "13700000001", WANG], clock())
        people = [Invitee("", WANG), *invitees(0, 1)]
        team_id, (code, _) = await invite(db, training, leader, people, clock)
        same = await TEAMS.again(db, team_id, leader, TeamMode.EACH, clock())
        assert (same.mode, same.reserved) == (TeamMode.ALL, 2)  # it has not failed
        await INVITATIONS.decline(db, code, owner, clock())
        with pytest.raises(TrainingRefused):
            await TEAMS.again(db, team_id, other, TeamMode.ALL, clock())
        again = await TEAMS.again(db, team_id, leader, TeamMode.ALL, clock())
        assert [one.status for one in again.members] == ["declined", "invited"]
        assert again.reserved == 1
        assert await broken_rules(db, [training]) == []
