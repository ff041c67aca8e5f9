"""Who has a seat in a training and who waits for one. Never more seats than there are.

Every change locks the training's row first and only then reads, so that two replicas cannot give
one seat twice (on SQLite the single writer takes the lock's part). Whoever frees a seat fills it in
the same transaction: the first on the waitlist is offered the seat, which is held for them, and
the notice is queued with it. Between transactions no seat is free while anybody waits who could
take it: those with a seat elsewhere at the same time keep their place on the waitlist and are
passed over until they have given that seat back, which `TrainingAdministration.expire_holds`
notices.

```mermaid
stateDiagram-v2
    [*] --> seat: register, a seat is free
    [*] --> waitlist: register, full
    waitlist --> offered: a seat becomes free
    offered --> seat: accept
    offered --> passed: decline
    offered --> expired: the hold is over
    seat --> withdrawn: withdraw
    waitlist --> withdrawn: withdraw
    offered --> withdrawn: withdraw
    seat --> cancelled: the training is cancelled
    waitlist --> cancelled: the training is cancelled
    offered --> cancelled: the training is cancelled
```
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.common.values import value
from bot.services.trainings import notifications, team_notifications
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import registration_rows
from bot.services.trainings.statuses import (
    HOLDING,
    RegistrationStatus,
    TeamMemberStatus,
    TrainingRefusal,
    TrainingStatus,
)
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow, TrainingRow


@value
class Seating:
    """Moves seats between couriers. `hold`: how long a freed seat is held for the first waiting.

    A `hold` of zero gives the seat at once, without asking. `clock_is_right`: holds end only while
    the clock can be believed.
    """

    hold: timedelta
    clock_is_right: Callable[[], bool] = lambda: True

    async def lock(self, db: AsyncSession, training_id: int, now: datetime) -> TrainingRow:
        """The training, locked until the transaction ends; holds that are over are ended.

        Raises `TrainingRefused` (`GONE`).
        """
        found = (
            select(TrainingRow)
            .where(TrainingRow.id == training_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        training = (await db.execute(found)).scalar_one_or_none()
        if training is None:
            raise TrainingRefused(TrainingRefusal.GONE, training_id)
        await self.end_expired_holds(db, training, now)
        await self.fill(db, training, now)
        return training

    async def release(
        self, db: AsyncSession, training: TrainingRow, team: TeamRow, count: int, now: datetime
    ) -> None:
        """Gives back seats that a team had reserved. The training must be locked."""
        count = min(count, team.reserved)
        team.reserved -= count
        training.taken -= count
        await db.flush()
        await self.fill(db, training, now)

    async def end_expired_holds(
        self, db: AsyncSession, training: TrainingRow, now: datetime
    ) -> None:
        """Ends offers and team reservations whose hold is over; their seats are free, not filled.

        The training must be locked.
        """
        if not self.clock_is_right():
            return
        for row in await registration_rows(db, training.id, (RegistrationStatus.OFFERED,)):
            if row.hold_until is not None and row.hold_until <= now:
                await self.end(db, row, training, RegistrationStatus.EXPIRED, now)
        for team in await reserving_teams(db, training.id):
            if team.hold_until <= now:
                await self.dissolve(db, team, training, now)

    async def dissolve(
        self, db: AsyncSession, team: TeamRow, training: TrainingRow, now: datetime
    ) -> None:
        """Not everybody of a team of all or nobody comes: all its seats are free, not filled.

        Those of members who have accepted, too; who had waited in line before waits there again.
        Leader and members are told. The training must be locked.
        """
        training.taken -= team.reserved
        team.reserved, team.hold_until = 0, min(team.hold_until, now)
        rows = await registration_rows(db, training.id, (RegistrationStatus.SEAT,))
        seats = {row.courier_id: row for row in rows if row.team_id == team.id}
        for member in await members_of(db, team.id):
            if member.status == TeamMemberStatus.DECLINED:
                continue
            has_accepted = member.status == TeamMemberStatus.ACCEPTED
            member.status = TeamMemberStatus.EXPIRED
            row = seats.get(member.courier_id or 0) if has_accepted else None
            if row is None or member.accepted_at is None:
                continue
            if row.created_at < member.accepted_at:
                training.taken -= 1
                await notifications.drop_reminders(db, row, training.sequence, now)
                row.status, row.team_id = RegistrationStatus.WAITLIST, None
                row.confirmed_at, row.updated_at = None, now
            else:
                await self.end(db, row, training, RegistrationStatus.EXPIRED, now)
            await team_notifications.plan_released(db, row.courier_id, team, training, now)
        await team_notifications.plan_failed(db, team, training, now)
        await db.flush()

    async def leave_team(
        self, db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
    ) -> None:
        """A registration has ended: its team's leader is told, and a team of all or nobody that
        still waits for answers is dissolved. Seats are not filled.
        """
        if row.team_id is None:
            return
        team = await db.get(TeamRow, row.team_id, populate_existing=True)
        members = await members_of(db, row.team_id)
        member = next((one for one in members if one.courier_id == row.courier_id), None)
        if team is None or member is None or member.status != TeamMemberStatus.ACCEPTED:
            return
        member.status = TeamMemberStatus.DECLINED
        if team.reserved:
            await self.dissolve(db, team, training, now)
        else:
            await team_notifications.plan_member_left(db, member, team, training, now)

    async def end(
        self,
        db: AsyncSession,
        row: RegistrationRow,
        training: TrainingRow,
        status: RegistrationStatus,
        now: datetime,
    ) -> None:
        """Ends a live registration with `status`; its seat is free and not yet filled."""
        if row.status in HOLDING:
            training.taken -= 1
        await notifications.drop_reminders(db, row, training.sequence, now)
        await notifications.drop_offer(db, row, now)
        row.status, row.hold_until, row.updated_at = status, None, now
        await db.flush()

    async def assign(
        self, db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
    ) -> None:
        """Gives a seat that is already counted as taken to a registration."""
        row.status, row.hold_until, row.updated_at = RegistrationStatus.SEAT, None, now
        await notifications.queue_reminders(db, row, training, now)

    async def fill(self, db: AsyncSession, training: TrainingRow, now: datetime) -> None:
        """Offers each free seat to exactly one courier, in the order of the waitlist."""
        free = training.capacity - training.taken
        if free > 0 and training.status == TrainingStatus.PLANNED and now < training.starts_at:
            for row in await _next_waiting(db, training, free):
                training.taken += 1
                if self.hold:
                    until = await notifications.queue_offer(db, row, training, self.hold, now)
                    row.status, row.hold_until = RegistrationStatus.OFFERED, until
                    row.updated_at = now
                else:
                    await self.assign(db, row, training, now)
                    await notifications.queue_promoted(db, row, training, now)
        await db.flush()


def waits_for_seat() -> ColumnElement[bool]:
    """For a query of trainings: whether somebody waits who could take a seat."""
    busy = _has_seat_elsewhere(TrainingRow.id, TrainingRow.starts_at, TrainingRow.ends_at)
    waiting = RegistrationRow.status == RegistrationStatus.WAITLIST
    found = exists().where(RegistrationRow.training_id == TrainingRow.id, waiting, ~busy)
    return found.correlate(TrainingRow)


async def reserving_teams(db: AsyncSession, training_id: int) -> list[TeamRow]:
    """The teams that still have seats reserved."""
    found = select(TeamRow).where(TeamRow.training_id == training_id, TeamRow.reserved > 0)
    return list(await db.scalars(found.execution_options(populate_existing=True)))


async def _next_waiting(
    db: AsyncSession, training: TrainingRow, count: int
) -> Sequence[RegistrationRow]:
    waiting = (
        select(RegistrationRow)
        .where(
            RegistrationRow.training_id == training.id,
            RegistrationRow.status == RegistrationStatus.WAITLIST,
            ~_has_seat_elsewhere(training.id, training.starts_at, training.ends_at),
        )
        .order_by(RegistrationRow.id)
        .limit(count)
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(waiting)).all()


def _has_seat_elsewhere(
    training_id: int | InstrumentedAttribute[int],
    starts_at: datetime | InstrumentedAttribute[datetime],
    ends_at: datetime | InstrumentedAttribute[datetime],
) -> ColumnElement[bool]:
    """For a query of registrations: whether their courier has a seat at the same time."""
    seat, other = aliased(RegistrationRow), aliased(TrainingRow)
    elsewhere = exists().where(
        seat.courier_id == RegistrationRow.courier_id,
        seat.status == RegistrationStatus.SEAT,
        other.id == seat.training_id,
        other.id != training_id,
        other.status == TrainingStatus.PLANNED,
        other.starts_at < ends_at,
        other.ends_at > starts_at,
    )
    return elsewhere.correlate(RegistrationRow, TrainingRow)


async def members_of(db: AsyncSession, team_id: int) -> list[TeamMemberRow]:
    """The members of a team, in the order in which the leader named them."""
    found = select(TeamMemberRow).where(TeamMemberRow.team_id == team_id)
    ordered = found.order_by(TeamMemberRow.id).execution_options(populate_existing=True)
    return list(await db.scalars(ordered))
