"""Check-in by the six digits on the screen, wrong codes counted.

A code is compared with the trainings in which the courier has a seat and whose check-in is open, so
that two trainings may have the same code. Who has none of those and sends the code of a training
that is on now stands at its door.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.services.lockout import counters
from bot.services.lockout.counters import Limit, Scope
from bot.services.trainings.catalogue import CHECK_IN_MARGIN
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal, TrainingStatus
from bot.store.encryption import Keyring
from bot.store.models.trainings import RegistrationRow, TrainingRow

LIMIT: Final = Limit(5, timedelta(minutes=15), timedelta(minutes=15))
LOCKOUT_LABEL: Final = "attempt.checkin"
"""Keeps a courier's wrong codes apart from the wrong facts of their chats."""


@value
class CheckedIn:
    """What the courier checked in to; `again`: they had done so before."""

    training_id: int
    again: bool


@value
class AtTheDoor:
    """The code is that of a training which is on now and in which the courier has no seat."""

    training_id: int


@value
class CheckIn:
    """Checks codes. The turn holds the courier's lock, so that their tries come one by one."""

    registrations: Registrations
    keys: Keyring

    async def check_in(
        self, db: AsyncSession, courier_id: int, code: str, now: datetime
    ) -> CheckedIn | AtTheDoor:
        """Raises `TrainingRefused`.

        `NOT_OPEN`: a seat today or later, in the training of the refusal, but not at this hour;
        `NOT_TODAY`: no such seat; `WRONG_CODE`, and `TRIES` when that was too often.
        """
        found = await db.execute(
            select(TrainingRow.id, TrainingRow.checkin_code, RegistrationRow.attended_at)
            .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
            .where(
                RegistrationRow.courier_id == courier_id,
                RegistrationRow.status == RegistrationStatus.SEAT,
            )
            .where(TrainingRow.status.in_((TrainingStatus.PLANNED, TrainingStatus.DONE)))
            .where(TrainingRow.starts_at <= now + CHECK_IN_MARGIN)
            .where(TrainingRow.ends_at >= now - CHECK_IN_MARGIN)
            .order_by(RegistrationRow.attended_at.is_not(None), TrainingRow.starts_at)
        )
        own = found.all()
        charged = counters.of_subject(self.keys, Scope.CHAT, str(courier_id), LOCKOUT_LABEL, LIMIT)
        if await counters.admit(db, charged, now):
            raise TrainingRefused(TrainingRefusal.TRIES)
        if not own and (at_the_door := await _held_now(db, code, now)) is not None:
            return AtTheDoor(at_the_door)
        coming = None if own else await _next_seat(db, courier_id, now)
        if coming is not None and code == coming.checkin_code:
            raise TrainingRefused(TrainingRefusal.NOT_OPEN, coming.id)
        for training_id, right, attended_at in own:
            if code == right:
                await self.registrations.check_in(db, training_id, courier_id, now)
                return CheckedIn(training_id, attended_at is not None)
        if await counters.count_wrong(db, charged, now):
            raise TrainingRefused(TrainingRefusal.TRIES)
        if own:
            raise TrainingRefused(TrainingRefusal.WRONG_CODE)
        if coming is not None:
            raise TrainingRefused(TrainingRefusal.NOT_OPEN, coming.id)
        raise TrainingRefused(TrainingRefusal.NOT_TODAY)

    async def register_at_the_door(
        self, db: AsyncSession, courier_id: int, code: str, now: datetime
    ) -> Registration:
        """A free seat for one who stands there without one, and checked in. Raises
        `TrainingRefused`, `FULL` where no seat is left.
        """
        found = await self.check_in(db, courier_id, code, now)
        if isinstance(found, AtTheDoor):
            await self.registrations.register(
                db, found.training_id, courier_id, now, at_the_door=True
            )
        return await self.registrations.check_in(db, found.training_id, courier_id, now)


async def _held_now(db: AsyncSession, code: str, now: datetime) -> int | None:
    """The training of that code whose check-in is open and which is not over."""
    found = (
        select(TrainingRow.id)
        .where(TrainingRow.checkin_code == code, TrainingRow.status == TrainingStatus.PLANNED)
        .where(TrainingRow.starts_at <= now + CHECK_IN_MARGIN, TrainingRow.ends_at > now)
        .order_by(TrainingRow.starts_at, TrainingRow.id)
    )
    return await db.scalar(found.limit(1))


async def _next_seat(db: AsyncSession, courier_id: int, now: datetime) -> TrainingRow | None:
    """The courier's training that begins next, of today's the one that is over where none is."""
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    seats = (
        select(TrainingRow)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(
            RegistrationRow.courier_id == courier_id,
            RegistrationRow.status == RegistrationStatus.SEAT,
        )
        .where(TrainingRow.status.in_((TrainingStatus.PLANNED, TrainingStatus.DONE)))
        .where(TrainingRow.starts_at >= midnight)
        .order_by(TrainingRow.starts_at < now, TrainingRow.starts_at)
    )
    return (await db.scalars(seats.limit(1))).first()
