"""Couriers brought along: a leader names their phones, each accepts by a message of their own.

In mode all the places are reserved at once, for everybody or for nobody; who accepts takes one of
them, and what nobody took by the end of the hold goes to the line. In mode each, who accepts
registers like anybody else. Who answers must have given the named phone as theirs and hold the
team's code: nobody proves a phone here, so a "no" is never final, and what one leader can name and
reserve is limited.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.services.trainings import notifications as say
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration, standing
from bot.services.trainings.registrations import Registrations, check_overlap
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow, TrainingRow

MOST = 20
HOLD = timedelta(hours=14)  # of daylight: about a day
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NAME, PHONE = "team_member.name", "team_member.phone"


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a leader wants to bring; `name` may be empty."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team as its leader sees it: `members` are (masked name or phone, status)."""

    id: int
    training_id: int
    mode: str
    code: str
    reserved: int
    hold_until: datetime
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Teams:
    """Team sign-up over the same line as everybody's."""

    registrations: Registrations
    profiles: Profiles

    async def found(
        self,
        db: AsyncSession,
        training_id: int,
        leader_id: int,
        mode: str,
        named: Sequence[Named],
        now: datetime,
    ) -> Team:
        """A new team; those whose phone we know are invited. Raises `TrainingRefused`.

        `no_phone`: the leader's own is not known; `team_size`: nobody, or more than `MOST` with
        the leader's other teams for this session; `team_full`: mode all and too few places, of
        which `other` says how many there are.
        """
        phones = {one.phone: one for one in named}
        if not 0 < len(phones) <= MOST:
            raise TrainingRefused("team_size", MOST)
        training = await self.registrations.lock(db, training_id, now)
        if training.status != "planned":
            raise TrainingRefused("cancelled", training_id)
        if min(training.deadline, training.starts_at) <= now:
            raise TrainingRefused("deadline", training_id)
        if not (await self.profiles.read(db, leader_id)).phone:
            raise TrainingRefused("no_phone", training_id)
        if len(phones) + await self._named_by(db, training_id, leader_id, now) > MOST:
            raise TrainingRefused("team_size", MOST)
        reserved = len(phones) if mode == "all" else 0
        left = training.capacity - training.taken
        if reserved > left:
            raise TrainingRefused("team_full", left)
        end = training.deadline
        until = min(say.held_until(now, HOLD), end) if mode == "all" else end
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
        for one in phones.values():
            member = TeamMemberRow(
                team_id=team.id,
                name=keys.seal(one.name, NAME) if one.name else None,
                phone=keys.seal(one.phone, PHONE),
                phone_index=keys.index(one.phone, PHONE_INDEX),
                status="invited",
            )
            db.add(member)
            await db.flush()
            for courier_id in await self.profiles.with_phone(db, one.phone):
                await say.plan_invitation(db, team, courier_id, training, until, now)
        return await self._whole(db, team)

    async def accept(
        self, db: AsyncSession, team_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """The courier whose phone was named comes along, after a "no" too.

        Raises `TrainingRefused`.
        """
        team, member = await self._member(db, team_id, courier_id, now, ("invited", "declined"))
        training_id = team.training_id
        training = await self.registrations.lock(db, training_id, now)
        mine = await standing(db, training_id, courier_id)
        if mine is None:
            mine = await self.registrations.register(db, training_id, courier_id, now, team=team)
        else:
            if mine.status == "offered":
                mine = await self.registrations.accept(db, training_id, courier_id, now)
            if mine.status == "waitlist" and team.reserved:
                await check_overlap(db, training, courier_id)
                team.reserved -= 1
                row = await db.get_one(RegistrationRow, mine.id)
                row.team_id = team.id
                await self.registrations.seat(db, row, training, now)
            elif member.status == "invited":
                await self.registrations.release(db, training, team, 1, now)
        member.status, member.courier_id, member.accepted_at = "accepted", courier_id, now
        await db.flush()
        stands = await standing(db, training_id, courier_id)
        if stands is None:
            raise TrainingRefused("not_registered", training_id)
        return stands

    async def decline(self, db: AsyncSession, team_id: int, courier_id: int, now: datetime) -> None:
        """The courier does not come along; the reserved place goes back."""
        team, member = await self._member(db, team_id, courier_id, now, ("invited",))
        training = await self.registrations.lock(db, team.training_id, now)
        member.status = "declined"
        await self.registrations.release(db, training, team, 1, now)

    async def with_code(self, db: AsyncSession, code: str) -> tuple[int, int] | None:
        """Team and session of the code that a leader passed on; None if there is none."""
        found = select(TeamRow.id, TeamRow.training_id).where(TeamRow.code == code.upper())
        row = (await db.execute(found)).one_or_none()
        return (row.id, row.training_id) if row else None

    async def session_of(self, db: AsyncSession, team_id: int) -> int | None:
        """The session that a team is for."""
        return await db.scalar(select(TeamRow.training_id).where(TeamRow.id == team_id))

    async def led_by(self, db: AsyncSession, leader_id: int, now: datetime) -> list[Team]:
        """The teams that a courier leads, the latest first."""
        found = select(TeamRow).where(TeamRow.leader_id == leader_id, TeamRow.hold_until > now)
        rows = await db.scalars(
            found.order_by(TeamRow.id.desc()).limit(5).execution_options(populate_existing=True)
        )
        return [await self._whole(db, row) for row in list(rows)]

    async def _named_by(
        self, db: AsyncSession, training_id: int, leader_id: int, now: datetime
    ) -> int:
        """How many a leader's live teams name for a session; they reserve no more than that."""
        named = (
            select(func.count())
            .select_from(TeamMemberRow)
            .join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
            .where(TeamRow.training_id == training_id, TeamRow.leader_id == leader_id)
            .where(TeamRow.hold_until > now)
        )
        return await db.scalar(named) or 0

    async def _member(
        self,
        db: AsyncSession,
        team_id: int,
        courier_id: int,
        now: datetime,
        answered: tuple[str, ...],
    ) -> tuple[TeamRow, TeamMemberRow]:
        """The team and the courier's own place in it, the session locked.

        `answered`: where they may stand until now.
        """
        training_id = await self.session_of(db, team_id)
        if training_id is None:
            raise TrainingRefused("gone")
        await self.registrations.lock(db, training_id, now)
        read = {"populate_existing": True}
        team = await db.get_one(TeamRow, team_id, execution_options=read)
        profile = await self.profiles.read(db, courier_id)
        found = select(TeamMemberRow).where(
            TeamMemberRow.team_id == team_id,
            TeamMemberRow.phone_index.in_(self.profiles.keys.indexes(profile.phone, PHONE_INDEX)),
        )
        member = (await db.scalars(found.execution_options(**read))).one_or_none()
        if member is None or not profile.phone:
            raise TrainingRefused("not_invited", training_id)
        if member.status not in answered or team.hold_until <= now:
            raise TrainingRefused("no_offer", training_id)
        return team, member

    async def _whole(self, db: AsyncSession, team: TeamRow) -> Team:
        keys = self.profiles.keys
        found = select(TeamMemberRow).where(TeamMemberRow.team_id == team.id)
        rows = await db.scalars(found.order_by(TeamMemberRow.id))
        members = tuple(
            (
                f"{mask_name(keys.open(row.name, NAME)) if row.name else ''} "
                f"{mask_phone(keys.open(row.phone, PHONE))}".strip(),
                row.status,
            )
            for row in rows
        )
        return Team(
            team.id,
            team.training_id,
            team.mode,
            team.code,
            team.reserved,
            team.hold_until,
            members,
        )


async def live_code(db: AsyncSession, team_id: int, now: datetime) -> str | None:
    """The code of a team that still waits for answers."""
    live = select(TeamRow.code).where(TeamRow.id == team_id, TeamRow.hold_until > now)
    return await db.scalar(live)


KEPT_AFTER = timedelta(days=30)


async def forget_members(db: AsyncSession, now: datetime) -> None:
    """Deletes the phones that leaders named for sessions long over."""
    over = (
        select(TeamRow.id)
        .join(TrainingRow, TrainingRow.id == TeamRow.training_id)
        .where(TrainingRow.ends_at < now - KEPT_AFTER)
    )
    await db.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id.in_(over)))
