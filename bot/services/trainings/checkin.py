"""Check-in by the six digits on the screen: for the courier's own trainings, wrong codes counted.

A code is compared with the trainings in which the courier has a seat and whose check-in is open:
nobody learns another training's code by trying, and two trainings may have the same code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.lockout import counters
from bot.services.lockout.counters import Limit, Scope
from bot.services.trainings.catalogue import CHECK_IN_MARGIN
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal, TrainingStatus
from bot.store.encryption import Keyring
from bot.store.models.trainings import RegistrationRow, TrainingRow

LIMIT: Final = Limit(5, timedelta(minutes=15), timedelta(minutes=15))
LOCKOUT_LABEL: Final = "attempt.checkin"
"""Keeps a courier's wrong codes apart from the wrong facts of their chats."""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """What the courier checked in to; `again`: they had done so before."""

    training_id: int
    again: bool


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Checks codes. The turn holds the courier's lock, so that their tries come one by one."""

    registrations: Registrations
    keys: Keyring

    async def check_in(
        self, db: AsyncSession, courier_id: int, code: str, now: datetime
    ) -> CheckedIn:
        """Raises `TrainingRefused`.

        `NOT_TODAY`: no seat today; `NOT_OPEN`: a seat, but not at this hour; `WRONG_CODE`, and
        `TRIES` when that was too often.
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
        if not own:
            raise TrainingRefused(
                TrainingRefusal.NOT_OPEN
                if await _seat_today(db, courier_id, now)
                else TrainingRefusal.NOT_TODAY
            )
        charged = counters.of_subject(self.keys, Scope.CHAT, str(courier_id), LOCKOUT_LABEL, LIMIT)
        if await counters.admit(db, charged, now):
            raise TrainingRefused(TrainingRefusal.TRIES)
        for training_id, right, attended_at in own:
            if code == right:
                await self.registrations.check_in(db, training_id, courier_id, now)
                return CheckedIn(training_id, attended_at is not None)
        locked = await counters.count_wrong(db, charged, now)
        raise TrainingRefused(TrainingRefusal.TRIES if locked else TrainingRefusal.WRONG_CODE)


async def _seat_today(db: AsyncSession, courier_id: int, now: datetime) -> bool:
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    today = (
        select(TrainingRow.id)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(
            RegistrationRow.courier_id == courier_id,
            RegistrationRow.status == RegistrationStatus.SEAT,
        )
        .where(TrainingRow.status.in_((TrainingStatus.PLANNED, TrainingStatus.DONE)))
        .where(TrainingRow.starts_at >= midnight)
        .where(TrainingRow.starts_at < midnight + timedelta(days=1))
    )
    return await db.scalar(today.limit(1)) is not None
