"""Who sits in a session and who is in line for it. Never more seats than there are.

Every change locks the session's row first and only then looks, so that two replicas cannot sell
one seat twice (on SQLite the single writer plays the lock's part). Whoever frees a place moves the
line in the same transaction: the first one waiting is offered the seat, which is held for them, and
their notice is queued with it. Between transactions no place is free while anybody waits who could
take it: those with a seat elsewhere at the same time keep their place in the line and are passed
over until they have given that seat back, which `Sessions.tend` notices.

```mermaid
stateDiagram-v2
    [*] --> seat: register, a place is free
    [*] --> waitlist: register, full
    waitlist --> offered: a place becomes free
    offered --> seat: accept
    offered --> passed: pass
    offered --> expired: the hold is over
    seat --> withdrawn: withdraw
    waitlist --> withdrawn: withdraw
    offered --> withdrawn: withdraw
    seat --> cancelled: the session is cancelled
    waitlist --> cancelled: the session is cancelled
    offered --> cancelled: the session is cancelled
```
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.services.trainings import notifications as say
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import HOLDING, rows_of
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow, TrainingRow


@dataclass(frozen=True, slots=True)
class Waitlist:
    """The line. `hold`: how long a freed seat is kept for the first; zero seats them at once."""

    hold: timedelta

    async def lock(self, db: AsyncSession, training_id: int, now: datetime) -> TrainingRow:
        """The session, locked until the transaction ends; holds that are over by now are over.

        Raises `TrainingRefused("gone")`.
        """
        found = (
            select(TrainingRow)
            .where(TrainingRow.id == training_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        training = (await db.execute(found)).scalar_one_or_none()
        if training is None:
            raise TrainingRefused("gone", training_id)
        await self._expire(db, training, now)
        await self.fill(db, training, now)
        return training

    async def release(
        self, db: AsyncSession, training: TrainingRow, team: TeamRow, count: int, now: datetime
    ) -> None:
        """Gives back places that a team had reserved. The session must be locked."""
        count = min(count, team.reserved)
        team.reserved -= count
        training.taken -= count
        await db.flush()
        await self.fill(db, training, now)

    async def _expire(self, db: AsyncSession, training: TrainingRow, now: datetime) -> None:
        for row in await rows_of(db, training.id, ("offered",)):
            if row.hold_until is not None and row.hold_until <= now:
                await self.end(db, row, training, "expired", now)
        for team in await teams_of(db, training.id):
            if team.reserved and team.hold_until <= now:
                training.taken -= team.reserved
                team.reserved = 0
                for member in await _invited(db, team.id):
                    member.status = "expired"

    async def end(
        self,
        db: AsyncSession,
        row: RegistrationRow,
        training: TrainingRow,
        status: str,
        now: datetime,
    ) -> None:
        """One live registration is over; its place is free and not yet anybody's."""
        if row.status in HOLDING:
            training.taken -= 1
        await say.drop_reminders(db, row, training.sequence, now)
        await say.drop_offer(db, row, now)
        row.status, row.hold_until, row.updated_at = status, None, now
        await db.flush()

    async def seat(
        self, db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
    ) -> None:
        """Sits down on a place that is already counted as taken."""
        row.status, row.hold_until, row.updated_at = "seat", None, now
        await say.plan_reminders(db, row, training, now)

    async def fill(self, db: AsyncSession, training: TrainingRow, now: datetime) -> None:
        """Gives what is free to the first in line, each to exactly one."""
        free = training.capacity - training.taken
        if free > 0 and training.status == "planned" and now < training.starts_at:
            line = (
                select(RegistrationRow)
                .where(
                    RegistrationRow.training_id == training.id,
                    RegistrationRow.status == "waitlist",
                    ~_sits_elsewhere(training.id, training.starts_at, training.ends_at),
                )
                .order_by(RegistrationRow.id)
                .limit(free)
                .execution_options(populate_existing=True)
            )
            for row in list(await db.scalars(line)):
                training.taken += 1
                if self.hold:
                    until = await say.plan_offer(db, row, training, self.hold, now)
                    row.status, row.hold_until, row.updated_at = "offered", until, now
                else:
                    await self.seat(db, row, training, now)
                    await say.plan_promoted(db, row, training, now)
        await db.flush()


def waits_for_seat() -> ColumnElement[bool]:
    """For a query of sessions: whether somebody is in line who could take a seat."""
    elsewhere = _sits_elsewhere(TrainingRow.id, TrainingRow.starts_at, TrainingRow.ends_at)
    in_line = RegistrationRow.status == "waitlist"
    here = exists().where(RegistrationRow.training_id == TrainingRow.id, in_line, ~elsewhere)
    return here.correlate(TrainingRow)


def _sits_elsewhere(
    training_id: int | InstrumentedAttribute[int],
    starts_at: datetime | InstrumentedAttribute[datetime],
    ends_at: datetime | InstrumentedAttribute[datetime],
) -> ColumnElement[bool]:
    """For a query of registrations: whether their courier has a seat at the same time."""
    seat, other = aliased(RegistrationRow), aliased(TrainingRow)
    elsewhere = exists().where(
        seat.courier_id == RegistrationRow.courier_id,
        seat.status == "seat",
        other.id == seat.training_id,
        other.id != training_id,
        other.status == "planned",
        other.starts_at < ends_at,
        other.ends_at > starts_at,
    )
    return elsewhere.correlate(RegistrationRow, TrainingRow)


async def teams_of(db: AsyncSession, training_id: int) -> list[TeamRow]:
    """The teams that still have places reserved."""
    found = select(TeamRow).where(TeamRow.training_id == training_id, TeamRow.reserved > 0)
    return list(await db.scalars(found.execution_options(populate_existing=True)))


async def _invited(db: AsyncSession, team_id: int) -> list[TeamMemberRow]:
    found = select(TeamMemberRow).where(
        TeamMemberRow.team_id == team_id, TeamMemberRow.status == "invited"
    )
    return list(await db.scalars(found.execution_options(populate_existing=True)))
