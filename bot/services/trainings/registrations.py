"""What couriers do about a training: register, withdraw, accept or decline an offer, check in."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers.firms import is_same_firm
from bot.services.trainings import notifications
from bot.services.trainings.catalogue import CHECK_IN_MARGIN
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import (
    Registration,
    live_row,
    registration_of,
    registration_rows,
)
from bot.services.trainings.seating import Seating, reserving_teams
from bot.services.trainings.statuses import (
    HOLDING,
    LIVE,
    RegistrationStatus,
    TrainingRefusal,
    TrainingStatus,
)
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import RegistrationRow, TeamRow, TrainingRow
from bot.store.upsert import upsert


@value
class Registrations:
    """Each change locks the training first and raises `TrainingRefused` where it is not allowed."""

    seating: Seating

    async def register(
        self,
        db: AsyncSession,
        training_id: int,
        courier_id: int,
        now: datetime,
        *,
        team_id: int | None = None,
        reserved_by: TeamRow | None = None,
        at_the_door: bool = False,
    ) -> Registration:
        """A seat while there is one, else a place on the waitlist. Raises `TrainingRefused`.

        `reserved_by`: the team that has reserved a seat for this courier, who takes it; read after
        the training was locked. `at_the_door`: they are there while it is held; a free seat is
        theirs to the end, and there is no waitlist any more (`FULL`).
        """
        training = await self.seating.lock(db, training_id, now)
        if at_the_door:
            _check_door(training, now)
        else:
            _check_open(training, now, has_reserved_seat=reserved_by is not None)
        await _check_eligible(db, training, courier_id)
        await check_overlap(db, training, courier_id)
        row = upsert(db, RegistrationRow).values(
            training_id=training_id,
            courier_id=courier_id,
            team_id=team_id,
            status=RegistrationStatus.WAITLIST,
            created_at=now,
            updated_at=now,
        )
        added = await db.execute(row.on_conflict_do_nothing().returning(RegistrationRow.id))
        registration_id = added.scalar_one_or_none()
        if registration_id is None:
            raise TrainingRefused(TrainingRefusal.ALREADY, training_id)
        own = await live_row(db, training_id, courier_id)
        if reserved_by is not None:
            reserved_by.reserved -= 1
            await self.seating.assign(db, own, training, now)
        elif training.taken < training.capacity:
            training.taken += 1
            await self.seating.assign(db, own, training, now)
        await db.flush()
        return await registration_of(db, own)

    async def withdraw(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """Gives up a seat, an offer or a place on the waitlist; returns what it was before.

        Not after check-in: stamp and certificate depend on the seat.
        """
        training = await self.seating.lock(db, training_id, now)
        own = await live_row(db, training_id, courier_id)
        before = await registration_of(db, own)
        if training.starts_at <= now or own.attended_at is not None:
            raise TrainingRefused(TrainingRefusal.STARTED, training_id)
        await self.seating.end(db, own, training, RegistrationStatus.WITHDRAWN, now)
        await self.seating.leave_team(db, own, training, now)
        await self.seating.fill(db, training, now)
        return before

    async def accept(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """Takes the offered seat. Raises `TrainingRefused` when it is not held any more."""
        training = await self.seating.lock(db, training_id, now)
        own = await live_row(db, training_id, courier_id, missing=TrainingRefusal.NO_OFFER)
        if own.status == RegistrationStatus.WAITLIST:
            raise TrainingRefused(TrainingRefusal.NO_OFFER, training_id)
        if own.status == RegistrationStatus.OFFERED:
            await check_overlap(db, training, courier_id)
            await self.seating.assign(db, own, training, now)
            await notifications.drop_offer(db, own, now)
            await db.flush()
        return await registration_of(db, own)

    async def decline(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> None:
        """Gives the offered seat to the next on the waitlist."""
        training = await self.seating.lock(db, training_id, now)
        own = await live_row(db, training_id, courier_id, missing=TrainingRefusal.NO_OFFER)
        if own.status != RegistrationStatus.OFFERED:
            raise TrainingRefused(TrainingRefusal.NO_OFFER, training_id)
        await self.seating.end(db, own, training, RegistrationStatus.PASSED, now)
        await self.seating.leave_team(db, own, training, now)
        await self.seating.fill(db, training, now)

    async def confirm(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """The courier says that they will come. Raises `TrainingRefused` without a seat."""
        await self.seating.lock(db, training_id, now)
        own = await live_row(db, training_id, courier_id)
        if own.status != RegistrationStatus.SEAT:
            raise TrainingRefused(TrainingRefusal.NO_OFFER, training_id)
        own.confirmed_at = own.updated_at = now
        await db.flush()
        return await registration_of(db, own)

    async def check_in(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """Records attendance, once, only about the time of the training and only with a seat."""
        training = await self.seating.lock(db, training_id, now)
        if not (training.starts_at - CHECK_IN_MARGIN <= now <= training.ends_at + CHECK_IN_MARGIN):
            raise TrainingRefused(TrainingRefusal.NOT_OPEN, training_id)
        own = await live_row(db, training_id, courier_id)
        if own.status != RegistrationStatus.SEAT:
            raise TrainingRefused(TrainingRefusal.NOT_REGISTERED, training_id)
        if own.attended_at is None:
            own.attended_at = own.updated_at = now
            await notifications.queue_feedback_request(db, own, training, now)
            await db.flush()
        return await registration_of(db, own)

    async def forget(self, db: AsyncSession, courier_id: int, now: datetime) -> None:
        """Gives up all that a courier still has, before their data is erased; seats are filled.

        What leaders wrote down of them goes with the courier where they answered with the code of
        that entry. To have given the same phone proves nothing and removes nobody's entry.
        """
        registered = select(RegistrationRow.training_id).where(
            RegistrationRow.courier_id == courier_id, RegistrationRow.status.in_(LIVE)
        )
        led = select(TeamRow.training_id).where(
            TeamRow.leader_id == courier_id, TeamRow.reserved > 0
        )
        for training_id in sorted({*await db.scalars(registered), *await db.scalars(led)}):
            training = await self.seating.lock(db, training_id, now)
            for row in await registration_rows(db, training_id, LIVE):
                if row.courier_id == courier_id:
                    await self.seating.end(db, row, training, RegistrationStatus.WITHDRAWN, now)
                    await self.seating.leave_team(db, row, training, now)
            for team in await reserving_teams(db, training_id):
                if team.leader_id == courier_id:
                    training.taken -= team.reserved
                    team.reserved = 0
            await db.flush()
            await self.seating.fill(db, training, now)

    async def join(self, db: AsyncSession, old: int, into: int, now: datetime) -> None:
        """Before courier `old` is merged into `into`: of two registrations for one training the
        weaker one ends.
        """
        from_old = select(RegistrationRow.training_id).where(
            RegistrationRow.courier_id == old, RegistrationRow.status.in_(LIVE)
        )
        from_into = select(RegistrationRow.training_id).where(
            RegistrationRow.courier_id == into, RegistrationRow.status.in_(LIVE)
        )
        for training_id in sorted({*await db.scalars(from_old)} & {*await db.scalars(from_into)}):
            training = await self.seating.lock(db, training_id, now)
            rows = await registration_rows(db, training_id, LIVE)
            both = [row for row in rows if row.courier_id in (old, into)]
            if len(both) < 2:
                continue  # an offer was over by now
            weaker, stronger = sorted(both, key=_strength)
            if weaker.attended_at is None:
                await self.seating.end(db, weaker, training, RegistrationStatus.WITHDRAWN, now)
            else:  # checked in twice: one person, one seat, one stamp
                stronger.score = stronger.score or weaker.score
                stronger.comment = stronger.comment or weaker.comment
                training.taken -= 1
                await db.delete(weaker)
            await self.seating.fill(db, training, now)


def _strength(row: RegistrationRow) -> tuple[bool, int, int]:
    """For sorting: attendance beats a seat, a seat an offer, and earlier beats later."""
    return row.attended_at is not None, LIVE.index(row.status), -row.id


def _check_open(training: TrainingRow, now: datetime, *, has_reserved_seat: bool) -> None:
    if training.status == TrainingStatus.CANCELLED:
        raise TrainingRefused(TrainingRefusal.CANCELLED, training.id)
    if training.status == TrainingStatus.DONE or training.starts_at <= now:
        raise TrainingRefused(TrainingRefusal.STARTED, training.id)
    if training.deadline <= now and not has_reserved_seat:
        raise TrainingRefused(TrainingRefusal.DEADLINE, training.id)


def _check_door(training: TrainingRow, now: datetime) -> None:
    if training.status == TrainingStatus.CANCELLED:
        raise TrainingRefused(TrainingRefusal.CANCELLED, training.id)
    if training.status == TrainingStatus.DONE or training.ends_at <= now:
        raise TrainingRefused(TrainingRefusal.STARTED, training.id)
    if training.taken >= training.capacity:
        raise TrainingRefused(TrainingRefusal.FULL, training.id)


async def _check_eligible(db: AsyncSession, training: TrainingRow, courier_id: int) -> None:
    if not (training.only_firm or training.only_league):
        return
    found = select(ProfileRow.firm, ProfileRow.league).where(ProfileRow.courier_id == courier_id)
    row = (await db.execute(found)).one_or_none()
    if training.only_firm and (row is None or not is_same_firm(row.firm, training.only_firm)):
        raise TrainingRefused(TrainingRefusal.FIRM, training.id)
    if training.only_league and (row is None or row.league != training.only_league):
        raise TrainingRefused(TrainingRefusal.LEAGUE, training.id)


async def check_overlap(db: AsyncSession, training: TrainingRow, courier_id: int) -> None:
    """Raises `TrainingRefused` for a seat or an offer in another training at the same time."""
    same_time = (
        select(TrainingRow.id)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(
            RegistrationRow.courier_id == courier_id,
            RegistrationRow.status.in_(HOLDING),
            TrainingRow.id != training.id,
            TrainingRow.status == TrainingStatus.PLANNED,
            TrainingRow.starts_at < training.ends_at,
            TrainingRow.ends_at > training.starts_at,
        )
    )
    other = await db.scalar(same_time.limit(1))
    if other is not None:
        raise TrainingRefused(TrainingRefusal.OVERLAP, other)
