"""What an organiser does with a session: its size, its time and place, its end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications.queue import Plain
from bot.services.trainings import notifications as say
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import LIVE, rows_of
from bot.services.trainings.seating import Waitlist, teams_of, waits_for_seat
from bot.services.trainings.teams import forget_members
from bot.store.engine import Store
from bot.store.models.trainings import RegistrationRow, TeamRow, TrainingRow

log = structlog.get_logger()
SessionAction = Callable[[AsyncSession, TrainingRow, datetime], Awaitable[None]]
"""What is done to a session that is locked."""


@dataclass(frozen=True, slots=True)
class NewTimes:
    """What a rescheduled session gets; None leaves as it was. Times are aware."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    deadline: datetime | None = None
    place: str | None = None
    address: str | None = None


class Sessions(Waitlist):
    """Each locks the session, and queues what its couriers must be told."""

    __slots__ = ()

    async def resize(
        self, db: AsyncSession, training_id: int, capacity: int, now: datetime
    ) -> TrainingRow:
        """Another number of seats; more are offered at once to those in line.

        Raises `TrainingRefused("capacity", taken)` for fewer than are taken.
        """
        training = await self.lock(db, training_id, now)
        if capacity < training.taken:
            raise TrainingRefused("capacity", training.taken)
        training.capacity, training.updated_at = capacity, now
        await self.fill(db, training, now)
        return training

    async def cancel(self, db: AsyncSession, training_id: int, now: datetime) -> int:
        """The session is off: everybody is told, the line too. How many were told."""
        training = await self.lock(db, training_id, now)
        if training.status != "planned":
            raise TrainingRefused("cancelled", training_id)
        rows = await rows_of(db, training_id, LIVE)
        for row in rows:
            await say.drop_reminders(db, row, training.sequence, now)
            await say.drop_offer(db, row, now)
            row.status, row.hold_until, row.updated_at = "cancelled", None, now
            await say.plan_cancelled(db, row, training, now)
        for team in await teams_of(db, training_id):
            team.reserved = 0
        training.status, training.taken = "cancelled", 0
        training.sequence += 1
        training.updated_at = now
        await db.flush()
        return len(rows)

    async def reschedule(
        self, db: AsyncSession, training_id: int, new: NewTimes, now: datetime
    ) -> int:
        """Another time or place: everybody is told, the line too, and reminders move.

        The deadline moves with the start unless it is given. How many were told; 0 when nothing
        is different. Raises `TrainingRefused` for a session that is over or would be in the past.
        """
        training = await self.lock(db, training_id, now)
        if training.status != "planned":
            raise TrainingRefused("cancelled", training_id)
        starts = new.starts_at or training.starts_at
        moved = starts - training.starts_at
        ends = new.ends_at or training.ends_at + moved
        if starts <= now or ends <= starts:
            raise TrainingRefused("started", training_id)
        was: dict[str, Plain] = {}
        if moved:
            was["starts_at"] = training.starts_at.isoformat()
        place = training.place if new.place is None else new.place
        address = training.address if new.address is None else new.address
        if (place, address) != (training.place, training.address):
            was["place"] = training.place
        if ends - starts != training.ends_at - training.starts_at:
            was["ends_at"] = training.ends_at.isoformat()
        if not was and new.deadline is None:
            return 0
        old_sequence, before = training.sequence, training.deadline
        training.starts_at, training.ends_at = starts, ends
        training.deadline = min(new.deadline or training.deadline + moved, starts)
        training.place, training.address = place, address
        training.updated_at = now
        await _keep_to_deadline(db, training, before)
        await self._expire(db, training, now)  # a team's hold may be over with that
        if not was:
            await self.fill(db, training, now)
            return 0
        if "place" in was:
            training.lat = training.lon = None  # the pin of the old place would mislead
        training.sequence += 1
        rows = await rows_of(db, training_id, LIVE)
        for row in rows:
            await say.drop_reminders(db, row, old_sequence, now)
            row.confirmed_at = None
            if row.hold_until is not None:
                row.hold_until = min(row.hold_until, starts)
            await say.plan_changed(db, row, training, now, was)
            if row.status == "seat":
                await say.plan_reminders(db, row, training, now)
        await db.flush()
        await self.fill(db, training, now)
        return len(rows)

    async def run_maintenance(self, store: Store, now: datetime) -> None:
        """What has to be done by the clock: every half minute or so, by every replica."""
        await self.expire_holds(store, now)
        await self.finish(store, now)
        async with store.writing() as db:
            await forget_members(db, now)

    async def expire_holds(self, store: Store, now: datetime) -> int:
        """Passes on every seat whose hold is over, one session at a time; how many sessions.

        Free seats too, whose next in line sat elsewhere at that time and does so no longer.

        Holds are rows, so that this works after any restart, and twice at once does no harm.
        """
        async with store.reading() as db:
            late = select(RegistrationRow.training_id).where(
                RegistrationRow.status == "offered", RegistrationRow.hold_until <= now
            )
            unfilled = select(TeamRow.training_id).where(
                TeamRow.reserved > 0, TeamRow.hold_until <= now
            )
            idle = select(TrainingRow.id).where(
                TrainingRow.status == "planned",
                TrainingRow.starts_at > now,
                TrainingRow.taken < TrainingRow.capacity,
                waits_for_seat(),
            )
            ids = sorted(
                {*await db.scalars(late), *await db.scalars(unfilled), *await db.scalars(idle)}
            )
        return await self._each(store, ids, now, _nothing_more)

    async def finish(self, store: Store, now: datetime) -> int:
        """Closes the sessions that are over; how many. Nobody is left in line for them."""
        async with store.reading() as db:
            over = select(TrainingRow.id).where(
                TrainingRow.status == "planned", TrainingRow.ends_at <= now
            )
            ids = sorted(await db.scalars(over))
        return await self._each(store, ids, now, self._close)

    async def _close(self, db: AsyncSession, training: TrainingRow, now: datetime) -> None:
        if training.status != "planned" or training.ends_at > now:
            return  # cancelled or moved since we looked
        for row in await rows_of(db, training.id, ("waitlist", "offered")):
            await self.end(db, row, training, "expired", now)
        training.status, training.updated_at = "done", now

    async def _each(self, store: Store, ids: list[int], now: datetime, deed: SessionAction) -> int:
        """Does it to each session in a transaction of its own; how many it was done to.

        One that fails is left for the next time and does not hold up the others.
        """
        done = 0
        for training_id in ids:
            try:
                async with store.writing() as db:
                    await deed(db, await self.lock(db, training_id, now), now)
                done += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
                log.warning("sessions.tend", session=training_id, error=type(error).__name__)
        return done


async def _nothing_more(_db: AsyncSession, _training: TrainingRow, _now: datetime) -> None:
    """Locking a session is enough: it passes on what is over."""


async def _keep_to_deadline(db: AsyncSession, training: TrainingRow, before: datetime) -> None:
    """Teams hold nothing past the deadline; those that hold until then move with it."""
    teams = select(TeamRow).where(TeamRow.training_id == training.id)
    for team in await db.scalars(teams.execution_options(populate_existing=True)):
        until_the_end = team.mode == "each" and team.hold_until == before
        if until_the_end or team.hold_until > training.deadline:
            team.hold_until = training.deadline
    await db.flush()
