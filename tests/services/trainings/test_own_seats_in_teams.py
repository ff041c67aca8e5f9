"""Couriers in a team of all or nobody whose seats do not depend on the team."""

from datetime import timedelta

from sqlalchemy import select

from bot.services.trainings.invitations import Invitations
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.statuses import RegistrationStatus, TeamMode
from bot.services.trainings.teams import Invitee
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TeamRow, TrainingRow
from tests.conftest import ManualClock
from tests.services.trainings.test_teams import PROFILES, REGISTRATIONS, TEAMS, WANG, create_known
from tests.support.trainings import broken_rules, create_training

INVITATIONS = Invitations(REGISTRATIONS, PROFILES)
LEADER, MATE = "13700000000", "13900000000"


async def test_who_had_a_seat_before_keeps_it_when_the_team_does_not_come(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=3)
        leader, seated, mate = await create_known(db, [LEADER, WANG, MATE], clock())
        await REGISTRATIONS.register(db, training, seated, clock())
        people = [Invitee("", WANG), Invitee("", MATE)]
        team = await TEAMS.create(db, training, leader, TeamMode.ALL, people, clock())
        of_seated, of_mate = [one.code for one in team.members]
        clock.forward(minutes=1)
        accepted = await INVITATIONS.accept(db, of_seated, seated, clock())
        assert accepted.status == RegistrationStatus.SEAT
        assert (await db.get_one(TeamRow, team.id)).reserved == 1
        await INVITATIONS.decline(db, of_mate, mate, clock())
    async with store.reading() as db:
        own = await live_registration(db, training, seated)
        assert own is not None
        assert own.status == RegistrationStatus.SEAT
        assert (await db.get_one(TrainingRow, training)).taken == 1
        assert (await db.get_one(TeamRow, team.id)).reserved == 0
        told = select(OutboxRow.courier_id).where(OutboxRow.kind == "training.team_released")
        assert list(await db.scalars(told)) == []
        assert await broken_rules(db, [training]) == []


async def test_who_accepted_and_was_then_taken_off_the_leaders_list_may_withdraw(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=3)
        leader, member = await create_known(db, [LEADER, WANG], clock())
        people = [Invitee("", WANG), Invitee("", MATE)]
        team = await TEAMS.create(db, training, leader, TeamMode.ALL, people, clock())
        await INVITATIONS.accept(db, team.members[0].code, member, clock())
        assert await INVITATIONS.remove_phone(db, WANG, clock()) == 1
        before = await REGISTRATIONS.withdraw(db, training, member, clock())
        assert before.status == RegistrationStatus.SEAT
        assert (await db.get_one(TeamRow, team.id)).reserved == 1
        assert await broken_rules(db, [training]) == []
