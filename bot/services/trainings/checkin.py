"""Check-in by the six digits on the screen: one's own sessions only, and no guessing without end.

A code is compared with the sessions in which the courier has a seat and whose doors are open: what
another session's code is, nobody learns by trying, and two sessions of one code do not meet.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.lockout import counters
from bot.services.lockout.counters import Limit, Scope
from bot.services.trainings.catalogue import DOORS_OPEN
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registrations import Registrations
from bot.store.encryption import Keyring
from bot.store.models.trainings import RegistrationRow, TrainingRow

LIMIT: Final = Limit(5, timedelta(minutes=15), timedelta(minutes=15))
LOCKOUT_LABEL: Final = "attempt.checkin"
"""Keeps a courier's wrong codes apart from the wrong facts of their chats."""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """Where the courier is now; `again`: they had checked in before."""

    training_id: int
    again: bool


@dataclass(frozen=True, slots=True)
class CheckIn:
    """The door. The turn holds the courier's lock, so that their tries come one by one."""

    registrations: Registrations
    keys: Keyring

    async def check_in(
        self, db: AsyncSession, courier_id: int, code: str, now: datetime
    ) -> CheckedIn:
        """Raises `TrainingRefused`.

        `not_today`: no seat today; `not_open`: a seat, but not at this hour; `wrong_code`, and
        `tries` when that was too often.
        """
        sessions = await db.execute(
            select(TrainingRow.id, TrainingRow.checkin_code, RegistrationRow.attended_at)
            .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
            .where(RegistrationRow.courier_id == courier_id, RegistrationRow.status == "seat")
            .where(TrainingRow.status.in_(("planned", "done")))
            .where(TrainingRow.starts_at <= now + DOORS_OPEN)
            .where(TrainingRow.ends_at >= now - DOORS_OPEN)
            .order_by(RegistrationRow.attended_at.is_not(None), TrainingRow.starts_at)
        )
        mine = sessions.all()
        if not mine:
            raise TrainingRefused(
                "not_open" if await _seat_today(db, courier_id, now) else "not_today"
            )
        charged = counters.of_subject(self.keys, Scope.CHAT, str(courier_id), LOCKOUT_LABEL, LIMIT)
        if await counters.admit(db, charged, now):
            raise TrainingRefused("tries")
        for training_id, right, attended_at in mine:
            if code == right:
                await self.registrations.check_in(db, training_id, courier_id, now)
                return CheckedIn(training_id, attended_at is not None)
        locked = await counters.count_wrong(db, charged, now)
        raise TrainingRefused("tries" if locked else "wrong_code")


async def _seat_today(db: AsyncSession, courier_id: int, now: datetime) -> bool:
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    today = (
        select(TrainingRow.id)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(RegistrationRow.courier_id == courier_id, RegistrationRow.status == "seat")
        .where(TrainingRow.status.in_(("planned", "done")))
        .where(TrainingRow.starts_at >= midnight)
        .where(TrainingRow.starts_at < midnight + timedelta(days=1))
    )
    return await db.scalar(today.limit(1)) is not None
