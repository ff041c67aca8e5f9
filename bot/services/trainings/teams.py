"""Teams: a leader names phones, and each member accepts by a message of their own.

In mode `ALL` the seats are reserved at once, for everybody or for nobody; who accepts takes one of
them, and what nobody took by the end of the hold goes to the waitlist. In mode `EACH`, who accepts
registers like anybody else. Who answers must have given the named phone as theirs and have the
team's code: phones are not verified, so a "no" is never final, and how many members one leader can
name and reserve seats for is limited.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.services.trainings import notifications
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration, live_registration
from bot.services.trainings.registrations import Registrations, check_overlap
from bot.services.trainings.statuses import (
    RegistrationStatus,
    TeamMemberStatus,
    TeamMode,
    TrainingRefusal,
    TrainingStatus,
)
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow, TrainingRow

MAX_MEMBERS = 20
HOLD = timedelta(hours=14)  # without the nights: about a day
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NAME, PHONE = "team_member.name", "team_member.phone"


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom a leader wants to bring; `name` may be empty."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A member as the leader sees them; `label`: masked name and phone."""

    label: str
    status: TeamMemberStatus


@dataclass(frozen=True, slots=True)
class Team:
    """A team as its leader sees it."""

    id: int
    training_id: int
    mode: TeamMode
    code: str
    reserved: int
    hold_until: datetime
    members: tuple[TeamMember, ...]


@dataclass(frozen=True, slots=True)
class Teams:
    """Sign-up of teams, with the same seats and waitlist as everybody's."""

    registrations: Registrations
    profiles: Profiles

    async def create(
        self,
        db: AsyncSession,
        training_id: int,
        leader_id: int,
        mode: TeamMode,
        invitees: Sequence[Invitee],
        now: datetime,
    ) -> Team:
        """A new team; members whose phone is known are invited. Raises `TrainingRefused`.

        `NO_PHONE`: the leader's own is not known; `TEAM_SIZE`: nobody, or more than `MAX_MEMBERS`
        with the leader's other teams for this training; `TEAM_FULL`: mode `ALL` and too few seats.
        """
        by_phone = {invitee.phone: invitee for invitee in invitees}
        if not 0 < len(by_phone) <= MAX_MEMBERS:
            raise TrainingRefused(TrainingRefusal.TEAM_SIZE, training_id, count=MAX_MEMBERS)
        training = await self.registrations.seating.lock(db, training_id, now)
        if training.status != TrainingStatus.PLANNED:
            raise TrainingRefused(TrainingRefusal.CANCELLED, training_id)
        if min(training.deadline, training.starts_at) <= now:
            raise TrainingRefused(TrainingRefusal.DEADLINE, training_id)
        if not (await self.profiles.read(db, leader_id)).phone:
            raise TrainingRefused(TrainingRefusal.NO_PHONE, training_id)
        if len(by_phone) + await self._count_members(db, training_id, leader_id, now) > MAX_MEMBERS:
            raise TrainingRefused(TrainingRefusal.TEAM_SIZE, training_id, count=MAX_MEMBERS)
        reserved = len(by_phone) if mode is TeamMode.ALL else 0
        left = training.capacity - training.taken
        if reserved > left:
            raise TrainingRefused(TrainingRefusal.TEAM_FULL, training_id, count=left)
        end = training.deadline
        until = min(notifications.hold_end(now, HOLD), end) if mode is TeamMode.ALL else end
        training.taken += reserved
        team = TeamRow(
            training_id=training_id,
            leader_id=leader_id,
            mode=mode,
            code="".join(secrets.choice(ALPHABET) for _ in range(6)),
            reserved=reserved,
            hold_until=until,
            created_at=now,
        )
        db.add(team)
        await db.flush()
        keys = self.profiles.keys
        for invitee in by_phone.values():
            member = TeamMemberRow(
                team_id=team.id,
                name=keys.seal(invitee.name, NAME) if invitee.name else None,
                phone=keys.seal(invitee.phone, PHONE),
                phone_index=keys.index(invitee.phone, PHONE_INDEX),
                status=TeamMemberStatus.INVITED,
            )
            db.add(member)
            await db.flush()
            for courier_id in await self.profiles.with_phone(db, invitee.phone):
                await notifications.plan_invitation(db, team, courier_id, training, until, now)
        return await self._team_of(db, team)

    async def accept(
        self, db: AsyncSession, team_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """A member accepts, after a "no" too; where they are registered now.

        Raises `TrainingRefused`.
        """
        team, member = await self._member(
            db, team_id, courier_id, now, (TeamMemberStatus.INVITED, TeamMemberStatus.DECLINED)
        )
        training_id = team.training_id
        training = await self.registrations.seating.lock(db, training_id, now)
        own = await live_registration(db, training_id, courier_id)
        if own is None:
            own = await self.registrations.register(db, training_id, courier_id, now, team=team)
        else:
            if own.status == RegistrationStatus.OFFERED:
                own = await self.registrations.accept(db, training_id, courier_id, now)
            if own.status == RegistrationStatus.WAITLIST and team.reserved:
                await check_overlap(db, training, courier_id)
                team.reserved -= 1
                row = await db.get_one(RegistrationRow, own.id)
                row.team_id = team.id
                await self.registrations.seating.assign(db, row, training, now)
            elif member.status == TeamMemberStatus.INVITED:
                await self.registrations.seating.release(db, training, team, 1, now)
        member.status, member.courier_id, member.accepted_at = (
            TeamMemberStatus.ACCEPTED,
            courier_id,
            now,
        )
        await db.flush()
        registered = await live_registration(db, training_id, courier_id)
        if registered is None:
            raise TrainingRefused(TrainingRefusal.NOT_REGISTERED, training_id)
        return registered

    async def decline(self, db: AsyncSession, team_id: int, courier_id: int, now: datetime) -> None:
        """A member does not come; the reserved seat is given back."""
        team, member = await self._member(db, team_id, courier_id, now, (TeamMemberStatus.INVITED,))
        training = await self.registrations.seating.lock(db, team.training_id, now)
        member.status = TeamMemberStatus.DECLINED
        await self.registrations.seating.release(db, training, team, 1, now)

    async def find_by_code(self, db: AsyncSession, code: str) -> tuple[int, int] | None:
        """Ids of team and training for the code that a leader passed on; None if unknown."""
        found = select(TeamRow.id, TeamRow.training_id).where(TeamRow.code == code.upper())
        row = (await db.execute(found)).one_or_none()
        return (row.id, row.training_id) if row else None

    async def training_id_of(self, db: AsyncSession, team_id: int) -> int | None:
        """The training that a team is for."""
        return await db.scalar(select(TeamRow.training_id).where(TeamRow.id == team_id))

    async def led_by(self, db: AsyncSession, leader_id: int, now: datetime) -> list[Team]:
        """The teams that a courier leads, the latest first."""
        found = select(TeamRow).where(TeamRow.leader_id == leader_id, TeamRow.hold_until > now)
        rows = await db.scalars(
            found.order_by(TeamRow.id.desc()).limit(5).execution_options(populate_existing=True)
        )
        return [await self._team_of(db, row) for row in list(rows)]

    async def _count_members(
        self, db: AsyncSession, training_id: int, leader_id: int, now: datetime
    ) -> int:
        """How many members a leader's live teams have for a training."""
        members = (
            select(func.count())
            .select_from(TeamMemberRow)
            .join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
            .where(TeamRow.training_id == training_id, TeamRow.leader_id == leader_id)
            .where(TeamRow.hold_until > now)
        )
        return await db.scalar(members) or 0

    async def _member(
        self,
        db: AsyncSession,
        team_id: int,
        courier_id: int,
        now: datetime,
        statuses: tuple[TeamMemberStatus, ...],
    ) -> tuple[TeamRow, TeamMemberRow]:
        """The team and the courier's own membership, the training locked.

        Raises `TrainingRefused` where there is none, or one with another status than `statuses`.
        """
        training_id = await self.training_id_of(db, team_id)
        if training_id is None:
            raise TrainingRefused(TrainingRefusal.GONE)
        await self.registrations.seating.lock(db, training_id, now)
        read = {"populate_existing": True}
        team = await db.get_one(TeamRow, team_id, execution_options=read)
        profile = await self.profiles.read(db, courier_id)
        found = select(TeamMemberRow).where(
            TeamMemberRow.team_id == team_id,
            TeamMemberRow.phone_index.in_(self.profiles.keys.indexes(profile.phone, PHONE_INDEX)),
        )
        member = (await db.scalars(found.execution_options(**read))).one_or_none()
        if member is None or not profile.phone:
            raise TrainingRefused(TrainingRefusal.NOT_INVITED, training_id)
        if member.status not in statuses or team.hold_until <= now:
            raise TrainingRefused(TrainingRefusal.NO_OFFER, training_id)
        return team, member

    async def _team_of(self, db: AsyncSession, team: TeamRow) -> Team:
        keys = self.profiles.keys
        found = select(TeamMemberRow).where(TeamMemberRow.team_id == team.id)
        rows = await db.scalars(found.order_by(TeamMemberRow.id))
        members = tuple(
            TeamMember(
                f"{mask_name(keys.open(row.name, NAME)) if row.name else ''} "
                f"{mask_phone(keys.open(row.phone, PHONE))}".strip(),
                TeamMemberStatus(row.status),
            )
            for row in rows
        )
        return Team(
            team.id,
            team.training_id,
            TeamMode(team.mode),
            team.code,
            team.reserved,
            team.hold_until,
            members,
        )


async def live_code(db: AsyncSession, team_id: int, now: datetime) -> str | None:
    """The code of a team that still accepts answers, None for any other."""
    live = select(TeamRow.code).where(TeamRow.id == team_id, TeamRow.hold_until > now)
    return await db.scalar(live)


MEMBERS_RETENTION = timedelta(days=30)


async def delete_old_members(db: AsyncSession, now: datetime) -> None:
    """Deletes the names and phones of members of trainings long over."""
    over = (
        select(TeamRow.id)
        .join(TrainingRow, TrainingRow.id == TeamRow.training_id)
        .where(TrainingRow.ends_at < now - MEMBERS_RETENTION)
    )
    await db.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id.in_(over)))
