"""Teams: a leader names phones, and each member answers with a code of their own.

In mode `ALL` the seats are reserved at once, for everybody or for nobody; who accepts takes one of
them. One decline, or one answer missing by the end of the hold, frees all of them, those taken too,
and the leader may choose again. In mode `EACH`, and after the hold, who accepts registers like
anybody else. How members answer is in `invitations`, how many
a leader can name and reserve seats for in `team_limits`.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.services.trainings import notifications, team_limits
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.seating import Seating, members_of
from bot.services.trainings.statuses import (
    TeamMemberStatus,
    TeamMode,
    TrainingRefusal,
    TrainingStatus,
)
from bot.services.trainings.team_limits import MAX_MEMBERS, TeamLimits
from bot.store.batches import delete_in_batches
from bot.store.engine import Store
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow

HOLD: Final = timedelta(hours=4)
"""How long a team's seats are reserved; the night does not count."""
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 8
"""30⁸ codes: with a thousand of them open, one guess in 650 million finds one."""
MEMBERS_RETENTION: Final = timedelta(days=30)
NAME, PHONE = "team_member.name", "team_member.phone"


@value
class Invitee:
    """Whom a leader wants to bring; `name` may be empty."""

    name: str
    phone: str


@value
class TeamMember:
    """A member as the leader sees them; `label`: masked name and phone, `code`: to hand over.

    `released`: they had accepted when the team's seats were freed.
    """

    id: int
    label: str
    status: TeamMemberStatus
    code: str
    released: bool = False


@value
class Team:
    """A team as its leader sees it."""

    id: int
    training_id: int
    mode: TeamMode
    reserved: int
    hold_until: datetime
    members: tuple[TeamMember, ...]

    @property
    def has_failed(self) -> bool:
        """Whether it was for all or nobody, and not everybody came."""
        accepted = (one.status is TeamMemberStatus.ACCEPTED for one in self.members)
        return self.mode is TeamMode.ALL and not self.reserved and not all(accepted)

    @property
    def may_come(self) -> tuple[TeamMember, ...]:
        """The members who have not declined."""
        declined = TeamMemberStatus.DECLINED
        return tuple(one for one in self.members if one.status is not declined)


@value
class Teams:
    """What leaders do: sign up a team, and look at its answers."""

    seating: Seating
    profiles: Profiles
    limits: TeamLimits

    async def create(
        self,
        db: AsyncSession,
        training_id: int,
        leader_id: int,
        mode: TeamMode,
        invitees: Sequence[Invitee],
        now: datetime,
    ) -> Team:
        """A new team. Raises `TrainingRefused`, for `NO_PHONE` if the leader's own is not known.

        Members whose phone is known are told of it, if the leader is known, too; the code, which
        proves who they are, is with the leader.
        """
        by_phone = {invitee.phone: invitee for invitee in invitees}
        if not 0 < len(by_phone) <= MAX_MEMBERS:
            raise TrainingRefused(TrainingRefusal.TEAM_SIZE, training_id, count=MAX_MEMBERS)
        training = await self.seating.lock(db, training_id, now)
        _check_open(training, now)
        if not (await self.profiles.read(db, leader_id)).phone:
            raise TrainingRefused(TrainingRefusal.NO_PHONE, training_id)
        await self.limits.check(db, training, leader_id, mode, len(by_phone), now)
        reserved, until = 0, training.deadline
        if mode is TeamMode.ALL:
            reserved, until = len(by_phone), min(notifications.hold_end(now, HOLD), until)
        training.taken += reserved
        team = TeamRow(
            training_id=training_id,
            leader_id=leader_id,
            mode=mode,
            code=_random_code(6),
            reserved=reserved,
            hold_until=until,
            created_at=now,
        )
        db.add(team)
        await db.flush()
        keys = self.profiles.keys
        leader_is_known = await team_limits.is_known(db, leader_id, now)
        for invitee in by_phone.values():
            member = TeamMemberRow(
                team_id=team.id,
                name=keys.seal(invitee.name, NAME) if invitee.name else None,
                phone=keys.seal(invitee.phone, PHONE),
                phone_index=keys.index(invitee.phone, PHONE_INDEX),
                code=_random_code(CODE_LENGTH),
                status=TeamMemberStatus.INVITED,
            )
            db.add(member)
            await db.flush()
            if leader_is_known:
                for courier_id in await self.profiles.with_phone(db, invitee.phone):
                    await notifications.queue_invitation(db, courier_id, training, now)
        return await self._team_of(db, team, now)

    async def again(
        self, db: AsyncSession, team_id: int, leader_id: int, mode: TeamMode, now: datetime
    ) -> Team:
        """Invites those of a team that failed anew who have not declined, in either mode.

        Their codes stay the same. A team that has not failed is returned as it is. Raises
        `TrainingRefused`, `GONE` for a team of another leader.
        """
        training_id = await db.scalar(
            select(TeamRow.training_id).where(TeamRow.id == team_id, TeamRow.leader_id == leader_id)
        )
        if training_id is None:
            raise TrainingRefused(TrainingRefusal.GONE)
        training = await self.seating.lock(db, training_id, now)
        row = await db.get_one(TeamRow, team_id, populate_existing=True)
        if not (await self._team_of(db, row, now)).has_failed:
            return await self._team_of(db, row, now)
        _check_open(training, now)
        pending = [
            one
            for one in await members_of(db, team_id)
            if one.status in {TeamMemberStatus.INVITED, TeamMemberStatus.EXPIRED}
        ]
        row.mode, row.hold_until = mode, training.deadline
        if mode is TeamMode.ALL and pending:
            await self.limits.check_seats(db, training, leader_id, len(pending), now)
            row.reserved = len(pending)
            row.hold_until = min(notifications.hold_end(now, HOLD), training.deadline)
            training.taken += row.reserved
        for one in pending:
            one.status, one.courier_id, one.accepted_at = TeamMemberStatus.INVITED, None, None
        await db.flush()
        return await self._team_of(db, row, now)

    async def find(self, db: AsyncSession, team_id: int, now: datetime) -> Team | None:
        """One team, None when there is none with that id."""
        row = await db.get(TeamRow, team_id, populate_existing=True)
        return await self._team_of(db, row, now) if row is not None else None

    async def led_by(self, db: AsyncSession, leader_id: int, now: datetime) -> list[Team]:
        """The teams that a courier leads to trainings still to come, the latest first."""
        found = (
            select(TeamRow)
            .join(TrainingRow, TrainingRow.id == TeamRow.training_id)
            .where(TeamRow.leader_id == leader_id)
            .where(TrainingRow.status == TrainingStatus.PLANNED, TrainingRow.ends_at > now)
            .order_by(TeamRow.id.desc())
            .limit(5)
        )
        rows = await db.scalars(found.execution_options(populate_existing=True))
        return [await self._team_of(db, row, now) for row in list(rows)]

    async def _team_of(self, db: AsyncSession, team: TeamRow, now: datetime) -> Team:
        members = []
        for row in await members_of(db, team.id):
            if row.code is None:  # written by a version in which a whole team had one code
                row.code = _random_code(CODE_LENGTH)
            status = TeamMemberStatus(row.status)
            if status is TeamMemberStatus.INVITED and team.hold_until <= now:
                status = TeamMemberStatus.EXPIRED
            released = status is TeamMemberStatus.EXPIRED and row.accepted_at is not None
            members.append(TeamMember(row.id, self._label(row), status, row.code, released))
        await db.flush()
        return Team(
            team.id,
            team.training_id,
            TeamMode(team.mode),
            team.reserved if team.hold_until > now else 0,
            team.hold_until,
            tuple(members),
        )

    def _label(self, row: TeamMemberRow) -> str:
        keys = self.profiles.keys
        name = mask_name(keys.open(row.name, NAME)) if row.name else ""
        return f"{name} {mask_phone(keys.open(row.phone, PHONE))}".strip()


def _check_open(training: TrainingRow, now: datetime) -> None:
    if training.status != TrainingStatus.PLANNED:
        raise TrainingRefused(TrainingRefusal.CANCELLED, training.id)
    if min(training.deadline, training.starts_at) <= now:
        raise TrainingRefused(TrainingRefusal.DEADLINE, training.id)


def _random_code(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


async def delete_old_members(store: Store, now: datetime) -> None:
    """Deletes the names and phones of members of trainings long over."""
    over = (
        select(TeamRow.id)
        .join(TrainingRow, TrainingRow.id == TeamRow.training_id)
        .where(TrainingRow.ends_at < now - MEMBERS_RETENTION)
    )
    old = TeamMemberRow.team_id.in_(over)
    await delete_in_batches(store, TeamMemberRow, old, TeamMemberRow.id)
