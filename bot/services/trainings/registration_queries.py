"""Where couriers stand in sessions: looked up, and judged by them afterwards."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.trainings.errors import TrainingRefused
from bot.store.models.trainings import RegistrationRow, TrainingRow

LIVE = ("waitlist", "offered", "seat")
HOLDING = ("offered", "seat")


@dataclass(frozen=True, slots=True)
class Registration:
    """Where a courier stands: `position` in the line from 1, while they wait."""

    id: int
    training_id: int
    courier_id: int
    status: str
    position: int | None = None
    hold_until: datetime | None = None
    confirmed_at: datetime | None = None
    attended_at: datetime | None = None
    score: int | None = None


async def of_courier(db: AsyncSession, courier_id: int, now: datetime) -> list[Registration]:
    """What a courier is registered for and has not had yet, soonest first."""
    found = (
        select(RegistrationRow)
        .join(TrainingRow, TrainingRow.id == RegistrationRow.training_id)
        .where(RegistrationRow.courier_id == courier_id, RegistrationRow.status.in_(LIVE))
        .where(TrainingRow.status == "planned", TrainingRow.ends_at > now)
        .order_by(TrainingRow.starts_at, TrainingRow.id)
        .execution_options(populate_existing=True)
    )
    return [await stand(db, row) for row in list(await db.scalars(found))]


async def standing(db: AsyncSession, training_id: int, courier_id: int) -> Registration | None:
    """Where a courier stands in one session, None without a live registration."""
    row = await _find(db, training_id, courier_id)
    return await stand(db, row) if row else None


async def attended(db: AsyncSession, courier_id: int) -> list[Registration]:
    """The stamps: what a courier has been to, the first one first."""
    found = (
        select(RegistrationRow)
        .where(RegistrationRow.courier_id == courier_id, RegistrationRow.status == "seat")
        .where(RegistrationRow.attended_at.is_not(None))
        .order_by(RegistrationRow.attended_at, RegistrationRow.id)
        .execution_options(populate_existing=True)
    )
    return [await stand(db, row) for row in list(await db.scalars(found))]


async def judge(
    db: AsyncSession, training_id: int, courier_id: int, score: int, now: datetime
) -> None:
    """1 to 5 for a session that the courier attended. Raises `TrainingRefused`."""
    row = await _attended(db, training_id, courier_id)
    row.score, row.updated_at = score, now
    await db.flush()


async def comment(
    db: AsyncSession, training_id: int, courier_id: int, sealed: bytes, now: datetime
) -> None:
    """A word after the score, sealed for `registration.comment`. Raises `TrainingRefused`."""
    row = await _attended(db, training_id, courier_id)
    row.comment, row.updated_at = sealed, now
    await db.flush()


async def live_row(
    db: AsyncSession, training_id: int, courier_id: int, missing: str = "not_registered"
) -> RegistrationRow:
    """The live registration. Raises `TrainingRefused`."""
    row = await _find(db, training_id, courier_id)
    if row is None:
        raise TrainingRefused(missing, training_id)
    return row


async def rows_of(
    db: AsyncSession, training_id: int, statuses: tuple[str, ...]
) -> list[RegistrationRow]:
    """The registrations of a session in these states, in the order of the line."""
    found = (
        select(RegistrationRow)
        .where(RegistrationRow.training_id == training_id, RegistrationRow.status.in_(statuses))
        .order_by(RegistrationRow.id)
        .execution_options(populate_existing=True)
    )
    return list(await db.scalars(found))


async def stand(db: AsyncSession, row: RegistrationRow) -> Registration:
    """The stored row as a value, with its position in the line."""
    position = None
    if row.status == "waitlist":
        before = select(func.count()).where(
            RegistrationRow.training_id == row.training_id,
            RegistrationRow.status == "waitlist",
            RegistrationRow.id <= row.id,
        )
        position = await db.scalar(before)
    return Registration(
        id=row.id,
        training_id=row.training_id,
        courier_id=row.courier_id,
        status=row.status,
        position=position,
        hold_until=row.hold_until,
        confirmed_at=row.confirmed_at,
        attended_at=row.attended_at,
        score=row.score,
    )


async def _attended(db: AsyncSession, training_id: int, courier_id: int) -> RegistrationRow:
    row = await _find(db, training_id, courier_id)
    if row is None or row.attended_at is None:
        raise TrainingRefused("not_attended", training_id)
    return row


async def _find(db: AsyncSession, training_id: int, courier_id: int) -> RegistrationRow | None:
    found = select(RegistrationRow).where(
        RegistrationRow.training_id == training_id,
        RegistrationRow.courier_id == courier_id,
        RegistrationRow.status.in_(LIVE),
    )
    return (await db.scalars(found.execution_options(populate_existing=True))).one_or_none()
