"""What an organiser does with a training: its size, its time and place, its end."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.trainings import notifications
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import registration_rows
from bot.services.trainings.seating import Seating, reserving_teams, waits_for_seat
from bot.services.trainings.statuses import (
    LIVE,
    RegistrationStatus,
    TeamMode,
    TrainingRefusal,
    TrainingStatus,
)
from bot.services.trainings.teams import delete_old_members
from bot.store.engine import Store
from bot.store.literals import in_sql
from bot.store.models.trainings import RegistrationRow, TeamRow, TrainingRow

log = structlog.get_logger()
TrainingAction = Callable[[AsyncSession, TrainingRow, datetime], Awaitable[None]]
"""What is done to a training that is locked."""


@value
class NewTimes:
    """What a rescheduled training gets; None leaves it as it was. Times are aware."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    deadline: datetime | None = None
    place: str | None = None
    address: str | None = None


@value
class TrainingAdministration:
    """Each change locks the training and queues what its couriers must be told."""

    seating: Seating

    async def resize(
        self, db: AsyncSession, training_id: int, capacity: int, now: datetime
    ) -> TrainingRow:
        """Another number of seats; more are offered at once to those on the waitlist.

        Raises `TrainingRefused` (`CAPACITY`) for fewer than are taken.
        """
        training = await self.seating.lock(db, training_id, now)
        if capacity < training.taken:
            raise TrainingRefused(TrainingRefusal.CAPACITY, training_id, count=training.taken)
        training.capacity, training.updated_at = capacity, now
        await self.seating.fill(db, training, now)
        return training

    async def cancel(self, db: AsyncSession, training_id: int, now: datetime) -> int:
        """Everybody is told that it is off, the waitlist too. Returns how many are told."""
        training = await self.seating.lock(db, training_id, now)
        if training.status != TrainingStatus.PLANNED:
            raise TrainingRefused(TrainingRefusal.CANCELLED, training_id)
        rows = await registration_rows(db, training_id, LIVE)
        for row in rows:
            await notifications.drop_reminders(db, row, training.sequence, now)
            await notifications.drop_offer(db, row, now)
            row.status, row.hold_until, row.updated_at = RegistrationStatus.CANCELLED, None, now
            await notifications.queue_cancelled(db, row, training, now)
        for team in await reserving_teams(db, training_id):
            team.reserved = 0
        training.status, training.taken = TrainingStatus.CANCELLED, 0
        training.sequence += 1
        training.updated_at = now
        await db.flush()
        return len(rows)

    async def reschedule(
        self, db: AsyncSession, training_id: int, new: NewTimes, now: datetime
    ) -> int:
        """Another time or place: everybody is told, the waitlist too, and reminders move.

        The deadline moves with the start unless it is given. Returns how many are
        told; 0 when nothing changes. Raises `TrainingRefused` for a training that is over or would
        be in the past.
        """
        # Not at the top: the chat only runs the maintenance, and these read lists.
        from bot.services.trainings.editing.announced import old_values
        from bot.services.trainings.importing.rows import entry_of

        training = await self.seating.lock(db, training_id, now)
        if training.status != TrainingStatus.PLANNED:
            raise TrainingRefused(TrainingRefusal.CANCELLED, training_id)
        starts = new.starts_at or training.starts_at
        moved = starts - training.starts_at
        ends = new.ends_at or training.ends_at + moved
        if starts <= now or ends <= starts:
            raise TrainingRefused(TrainingRefusal.STARTED, training_id)
        place = training.place if new.place is None else new.place
        address = training.address if new.address is None else new.address
        was = entry_of(training)
        will = replace(was, starts_at=starts, ends_at=ends, place=place, address=address)
        before = old_values(was, will)
        if not before and new.deadline is None:
            return 0
        old_sequence, old_deadline = training.sequence, training.deadline
        training.starts_at, training.ends_at = starts, ends
        training.deadline = min(new.deadline or training.deadline + moved, starts)
        training.place, training.address = place, address
        training.updated_at = now
        await _limit_team_holds(db, training, old_deadline)
        await self.seating.end_expired_holds(db, training, now)  # a team's may be over with that
        if not before:
            await self.seating.fill(db, training, now)
            return 0
        if "place" in before:
            training.lat = training.lon = None  # the pin of the old place would mislead
        training.sequence += 1
        rows = await registration_rows(db, training_id, LIVE)
        for row in rows:
            await notifications.drop_reminders(db, row, old_sequence, now)
            row.confirmed_at = None
            if row.hold_until is not None:
                row.hold_until = min(row.hold_until, starts)
            await notifications.queue_changed(db, row, training, now, before)
            if row.status == RegistrationStatus.SEAT:
                await notifications.queue_reminders(db, row, training, now)
        await db.flush()
        await self.seating.fill(db, training, now)
        return len(rows)

    async def run_maintenance(self, store: Store, now: datetime) -> None:
        """The periodic work, every half minute or so, by every replica."""
        await self.expire_holds(store, now)
        await self.finish(store, now)
        await delete_old_members(store, now)

    async def expire_holds(self, store: Store, now: datetime) -> int:
        """Offers on every seat whose hold is over, one training at a time; returns how many.

        Free seats too, whose first in line had a seat elsewhere at that time and gave it back.
        Holds are rows, so that this works after any restart, and twice at once does no harm.
        """
        async with store.reading() as db:
            expired_offers = select(RegistrationRow.training_id).where(
                RegistrationRow.status == in_sql(RegistrationStatus.OFFERED),
                RegistrationRow.hold_until <= now,
            )
            expired_teams = select(TeamRow.training_id).where(
                TeamRow.reserved > 0, TeamRow.hold_until <= now
            )
            free_seats = select(TrainingRow.id).where(
                TrainingRow.status == TrainingStatus.PLANNED,
                TrainingRow.starts_at > now,
                TrainingRow.taken < TrainingRow.capacity,
                waits_for_seat(),
            )
            ids = sorted(
                {
                    *await db.scalars(expired_offers),
                    *await db.scalars(expired_teams),
                    *await db.scalars(free_seats),
                }
            )
        return await self._for_each(store, ids, now, _only_lock)

    async def finish(self, store: Store, now: datetime) -> int:
        """Closes trainings that are over; returns how many. Nobody is left waiting for them."""
        async with store.reading() as db:
            over = select(TrainingRow.id).where(
                TrainingRow.status == TrainingStatus.PLANNED, TrainingRow.ends_at <= now
            )
            ids = sorted(await db.scalars(over))
        return await self._for_each(store, ids, now, self._close)

    async def _close(self, db: AsyncSession, training: TrainingRow, now: datetime) -> None:
        if training.status != TrainingStatus.PLANNED or training.ends_at > now:
            return  # cancelled or moved since the query
        for row in await registration_rows(
            db, training.id, (RegistrationStatus.WAITLIST, RegistrationStatus.OFFERED)
        ):
            await self.seating.end(db, row, training, RegistrationStatus.EXPIRED, now)
        training.status, training.updated_at = TrainingStatus.DONE, now

    async def _for_each(
        self, store: Store, ids: list[int], now: datetime, action: TrainingAction
    ) -> int:
        """Does it to each training in a transaction of its own; returns to how many.

        One that fails is left for the next time and does not hold up the others.
        """
        done = 0
        for training_id in ids:
            try:
                async with store.writing() as db:
                    await action(db, await self.seating.lock(db, training_id, now), now)
                done += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
                log.warning("sessions.tend", session=training_id, error=type(error).__name__)
        return done


async def _only_lock(_db: AsyncSession, _training: TrainingRow, _now: datetime) -> None:
    """Locking a training is enough: it ends what is over and fills its seats."""


async def _limit_team_holds(
    db: AsyncSession, training: TrainingRow, old_deadline: datetime
) -> None:
    """No team holds seats past the deadline; a hold that ended with it moves with it."""
    teams = select(TeamRow).where(TeamRow.training_id == training.id)
    for team in await db.scalars(teams.execution_options(populate_existing=True)):
        moves = team.mode == TeamMode.EACH and team.hold_until == old_deadline
        if moves or team.hold_until > training.deadline:
            team.hold_until = training.deadline
    await db.flush()
