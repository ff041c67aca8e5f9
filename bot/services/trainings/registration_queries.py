"""Registrations looked up, and the score and comment that couriers give afterwards."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import (
    LIVE,
    RegistrationStatus,
    TrainingRefusal,
    TrainingStatus,
)
from bot.store.models.trainings import RegistrationRow, TeamRow, TrainingRow

COMMENT: Final = "registration.comment"
"""The label under which comments are sealed."""


@value
class Registration:
    """One courier's registration; `position`: on the waitlist, from 1, while they wait."""

    id: int
    training_id: int
    courier_id: int
    status: RegistrationStatus
    position: int | None = None
    hold_until: datetime | None = None
    confirmed_at: datetime | None = None
    attended_at: datetime | None = None
    score: int | None = None


async def upcoming_registrations(
    db: AsyncSession, courier_id: int, now: datetime
) -> list[Registration]:
    """A courier's live registrations for trainings that are not over, soonest first."""
    found = (
        select(RegistrationRow)
        .join(TrainingRow, TrainingRow.id == RegistrationRow.training_id)
        .where(RegistrationRow.courier_id == courier_id, RegistrationRow.status.in_(LIVE))
        .where(TrainingRow.status == TrainingStatus.PLANNED, TrainingRow.ends_at > now)
        .order_by(TrainingRow.starts_at, TrainingRow.id)
        .execution_options(populate_existing=True)
    )
    return [await registration_of(db, row) for row in list(await db.scalars(found))]


async def live_registration(
    db: AsyncSession, training_id: int, courier_id: int
) -> Registration | None:
    """A courier's live registration for one training, None without one."""
    row = await _find(db, training_id, courier_id)
    return await registration_of(db, row) if row else None


async def waits_for_team(db: AsyncSession, registration_id: int, now: datetime) -> datetime | None:
    """Until when the seat counts only if the whole team accepts; None: it is the courier's."""
    found = (
        select(TeamRow.hold_until)
        .join(RegistrationRow, RegistrationRow.team_id == TeamRow.id)
        .where(RegistrationRow.id == registration_id)
        .where(TeamRow.reserved > 0, TeamRow.hold_until > now)
    )
    return await db.scalar(found)


async def attended_registrations(db: AsyncSession, courier_id: int) -> list[Registration]:
    """The registrations that a courier checked in for, oldest first."""
    found = (
        select(RegistrationRow)
        .where(
            RegistrationRow.courier_id == courier_id,
            RegistrationRow.status == RegistrationStatus.SEAT,
        )
        .where(RegistrationRow.attended_at.is_not(None))
        .order_by(RegistrationRow.attended_at, RegistrationRow.id)
        .execution_options(populate_existing=True)
    )
    return [await registration_of(db, row) for row in list(await db.scalars(found))]


async def unscored(db: AsyncSession, courier_id: int, since: datetime, now: datetime) -> int | None:
    """The training that the courier attended last without a score yet, of those that ended between
    `since` and `now`; None without one.
    """
    found = (
        select(TrainingRow.id)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(RegistrationRow.courier_id == courier_id, RegistrationRow.score.is_(None))
        .where(RegistrationRow.status == RegistrationStatus.SEAT)
        .where(RegistrationRow.attended_at.is_not(None))
        .where(TrainingRow.ends_at > since, TrainingRow.ends_at <= now)
        .order_by(TrainingRow.ends_at.desc())
    )
    return await db.scalar(found.limit(1))


async def save_score(
    db: AsyncSession, training_id: int, courier_id: int, score: int, now: datetime
) -> None:
    """Stores 1 to 5 for a training that the courier attended. Raises `TrainingRefused`."""
    row = await _attended(db, training_id, courier_id)
    row.score, row.updated_at = score, now
    await db.flush()


async def save_comment(
    db: AsyncSession, training_id: int, courier_id: int, sealed: bytes, now: datetime
) -> None:
    """Stores the comment, sealed under `COMMENT`. Raises `TrainingRefused`."""
    row = await _attended(db, training_id, courier_id)
    row.comment, row.updated_at = sealed, now
    await db.flush()


async def live_row(
    db: AsyncSession,
    training_id: int,
    courier_id: int,
    missing: TrainingRefusal = TrainingRefusal.NOT_REGISTERED,
) -> RegistrationRow:
    """The live registration. Raises `TrainingRefused`."""
    row = await _find(db, training_id, courier_id)
    if row is None:
        raise TrainingRefused(missing, training_id)
    return row


async def registration_rows(
    db: AsyncSession, training_id: int, statuses: tuple[RegistrationStatus, ...]
) -> list[RegistrationRow]:
    """The registrations for a training with these statuses, in the order of the waitlist."""
    found = (
        select(RegistrationRow)
        .where(RegistrationRow.training_id == training_id, RegistrationRow.status.in_(statuses))
        .order_by(RegistrationRow.id)
        .execution_options(populate_existing=True)
    )
    return list(await db.scalars(found))


async def registration_of(db: AsyncSession, row: RegistrationRow) -> Registration:
    """The stored row as a value, with its position on the waitlist."""
    position = None
    if row.status == RegistrationStatus.WAITLIST:
        before = select(func.count()).where(
            RegistrationRow.training_id == row.training_id,
            RegistrationRow.status == RegistrationStatus.WAITLIST,
            RegistrationRow.id <= row.id,
        )
        position = await db.scalar(before)
    return Registration(
        id=row.id,
        training_id=row.training_id,
        courier_id=row.courier_id,
        status=RegistrationStatus(row.status),
        position=position,
        hold_until=row.hold_until,
        confirmed_at=row.confirmed_at,
        attended_at=row.attended_at,
        score=row.score,
    )


async def _attended(db: AsyncSession, training_id: int, courier_id: int) -> RegistrationRow:
    row = await _find(db, training_id, courier_id)
    if row is None or row.attended_at is None:
        raise TrainingRefused(TrainingRefusal.NOT_ATTENDED, training_id)
    return row


async def _find(db: AsyncSession, training_id: int, courier_id: int) -> RegistrationRow | None:
    found = select(RegistrationRow).where(
        RegistrationRow.training_id == training_id,
        RegistrationRow.courier_id == courier_id,
        RegistrationRow.status.in_(LIVE),
    )
    return (await db.scalars(found.execution_options(populate_existing=True))).one_or_none()
