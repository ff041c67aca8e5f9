"""How the members of a team answer: with the code that the leader handed to each of them.

A phone that somebody typed proves nothing: everybody can type it. The code proves that the leader
meant this person, and for an acceptance the phone must be theirs, too, so that one who saw a list
of codes does not take a teammate's place. A "no" is never final; an acceptance is the acceptor's.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration, live_registration
from bot.services.trainings.registrations import Registrations, check_overlap
from bot.services.trainings.statuses import (
    RegistrationStatus,
    TeamMemberStatus,
    TeamMode,
    TrainingRefusal,
)
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow


@value
class Invitations:
    """Answers to invitations, with the same seats and waitlist as everybody's."""

    registrations: Registrations
    profiles: Profiles

    async def training_of(self, db: AsyncSession, code: str) -> int | None:
        """The training that a member's code is for, None for an unknown code."""
        found = select(TeamRow.training_id).join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id)
        return await db.scalar(found.where(TeamMemberRow.code == code))

    async def find_training(
        self, db: AsyncSession, code: str, charged: Sequence[Counter], now: datetime
    ) -> int | None:
        """As `training_of`; a code that nobody ever had counts as a wrong try.

        `charged`: what `team_code_lockout.admit` locked.
        """
        training_id = await self.training_of(db, code)
        if training_id is None and not await self.is_code_of_team(db, code):
            await counters.count_wrong(db, charged, now)
        return training_id

    async def is_code_of_team(self, db: AsyncSession, code: str) -> bool:
        """Whether a whole team once had this code, which answers for nobody any more."""
        return await db.scalar(select(TeamRow.id).where(TeamRow.code == code)) is not None

    async def accept(
        self,
        db: AsyncSession,
        code: str,
        courier_id: int,
        now: datetime,
        charged: Sequence[Counter] = (),
    ) -> Registration:
        """The member accepts, after a "no" or the end of the hold too; where they are registered.

        `charged`: what `team_code_lockout.admit` locked; another phone counts as a wrong try.
        Raises `TrainingRefused`: `NOT_INVITED` for an unknown code or another phone than the
        member's, `CODE_USED` if another courier accepted with the code.
        """
        team, member = await self._lock(db, code, now)
        training_id = team.training_id
        if not await self._has_phone_of(db, courier_id, member):
            await counters.count_wrong(db, charged, now)
            raise TrainingRefused(TrainingRefusal.NOT_INVITED, training_id)
        if member.status == TeamMemberStatus.ACCEPTED and member.courier_id != courier_id:
            raise TrainingRefused(TrainingRefusal.CODE_USED, training_id)
        reserves = member.status == TeamMemberStatus.INVITED and team.reserved > 0
        own = await live_registration(db, training_id, courier_id)
        if own is None:
            await self.registrations.register(
                db,
                training_id,
                courier_id,
                now,
                # late, and with a seat of their own: another attempt of the team frees it not
                team_id=team.id if reserves or team.mode == TeamMode.EACH else None,
                reserved_by=team if reserves else None,
            )
        else:
            await self._take_place(db, team, own, now, reserves=reserves)
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

    async def decline(self, db: AsyncSession, code: str, courier_id: int, now: datetime) -> None:
        """The member does not come. Raises `TrainingRefused`.

        A team of all or nobody that still waits for answers is dissolved, and its seats are filled.
        """
        team, member = await self._lock(db, code, now)
        if member.status == TeamMemberStatus.ACCEPTED:
            raise TrainingRefused(TrainingRefusal.NO_OFFER, team.training_id)
        reserves = member.status == TeamMemberStatus.INVITED and team.reserved > 0
        member.status = TeamMemberStatus.DECLINED
        if await self._has_phone_of(db, courier_id, member):
            member.courier_id = courier_id
        await db.flush()
        if reserves:
            seating = self.registrations.seating
            training = await seating.lock(db, team.training_id, now)
            await seating.dissolve(db, team, training, now)
            await seating.fill(db, training, now)

    async def decides_for_all(self, db: AsyncSession, code: str, now: datetime) -> bool:
        """Whether a "no" with this code frees the seats of the whole team."""
        found = (
            select(TeamMemberRow.id)
            .join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
            .where(TeamMemberRow.code == code, TeamRow.reserved > 0, TeamRow.hold_until > now)
        )
        return await db.scalar(found) is not None

    async def remove_phone(self, db: AsyncSession, phone: str, now: datetime) -> int:
        """Deletes every entry that a leader made for this phone; returns how many.

        Reserved seats are given back; whoever accepted keeps their registration. For an operator
        to whom the owner of the phone has proved it.
        """
        named = TeamMemberRow.phone_index.in_(self.profiles.keys.indexes(phone, PHONE_INDEX))
        trainings = (
            select(TeamRow.training_id)
            .join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id)
            .where(named)
        )
        count = 0
        for training_id in sorted(set(await db.scalars(trainings))):
            training = await self.registrations.seating.lock(db, training_id, now)
            found = (
                select(TeamRow, TeamMemberRow)
                .join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id)
                .where(TeamRow.training_id == training_id, named)
                .execution_options(populate_existing=True)
            )
            for team, member in (await db.execute(found)).all():
                if member.status == TeamMemberStatus.INVITED and team.reserved:
                    team.reserved -= 1
                    training.taken -= 1
                await db.delete(member)
                count += 1
            await db.flush()
            await self.registrations.seating.fill(db, training, now)
        return count

    async def _take_place(
        self, db: AsyncSession, team: TeamRow, own: Registration, now: datetime, *, reserves: bool
    ) -> None:
        """For one who is registered already: the reserved seat if they wait, else given back."""
        training_id, courier_id = team.training_id, own.courier_id
        if own.status == RegistrationStatus.OFFERED:
            own = await self.registrations.accept(db, training_id, courier_id, now)
        if own.status == RegistrationStatus.WAITLIST and reserves:
            seating = self.registrations.seating
            training = await seating.lock(db, training_id, now)
            await check_overlap(db, training, courier_id)
            team.reserved -= 1
            row = await db.get_one(RegistrationRow, own.id)
            row.team_id = team.id
            await seating.assign(db, row, training, now)
        elif reserves:
            await self._release(db, team, now)

    async def _release(self, db: AsyncSession, team: TeamRow, now: datetime) -> None:
        """Gives one reserved seat back."""
        seating = self.registrations.seating
        training = await seating.lock(db, team.training_id, now)
        await seating.release(db, training, team, 1, now)

    async def _lock(
        self, db: AsyncSession, code: str, now: datetime
    ) -> tuple[TeamRow, TeamMemberRow]:
        """Locks the training of a code, then reads team and member. Raises `TrainingRefused`."""
        training_id = await self.training_of(db, code)
        if training_id is None:
            raise TrainingRefused(TrainingRefusal.NOT_INVITED)
        await self.registrations.seating.lock(db, training_id, now)
        found = (
            select(TeamRow, TeamMemberRow)
            .join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id)
            .where(TeamMemberRow.code == code)
            .execution_options(populate_existing=True)
        )
        row = (await db.execute(found)).one_or_none()
        if row is None:
            raise TrainingRefused(TrainingRefusal.NOT_INVITED, training_id)
        return row[0], row[1]

    async def _has_phone_of(self, db: AsyncSession, courier_id: int, member: TeamMemberRow) -> bool:
        phone = (await self.profiles.read(db, courier_id)).phone
        return bool(phone) and member.phone_index in self.profiles.keys.indexes(phone, PHONE_INDEX)
