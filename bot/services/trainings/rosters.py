"""Who is registered for a training, for the organiser: what check-in and reports need, no more."""

from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers.profiles import NAME, PHONE
from bot.services.trainings.catalogue import Training, count_registrations, training_of
from bot.services.trainings.registration_queries import COMMENT
from bot.services.trainings.statuses import LIVE, RegistrationStatus
from bot.store.encryption import Keyring
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import CertificateRow, RegistrationRow, TrainingRow

_ORDER: Final = LIVE[::-1]
NO_SCORE: Final = 6
"""Where a comment without a score stands, behind those with 1 to 5."""


@value
class Attendee:
    """A registration, its `number`. `phone_end`: four digits, which tell two of one name apart."""

    number: int
    name: str
    phone_end: str
    firm: str
    status: RegistrationStatus
    confirmed: bool
    registered_at: datetime
    attended_at: datetime | None
    score: int | None
    comment: str


@value
class Comment:
    """What somebody wrote after a training, with their score; nobody's name."""

    score: int | None
    text: str


@value
class Attendance:
    """A training in numbers; `score` is the mean of those given, None without any."""

    seats: int
    confirmed: int
    attended: int
    waiting: int
    certificates: int
    scores: int
    score: float | None


async def training_with_code(db: AsyncSession, code: str) -> Training | None:
    """The training with that code, None without one."""
    row = (await db.scalars(select(TrainingRow).where(TrainingRow.code == code))).one_or_none()
    return training_of(row) if row else None


async def all_trainings(db: AsyncSession, since: datetime | None = None) -> list[Training]:
    """Every training that ends after `since`, soonest first."""
    trainings = select(TrainingRow).order_by(TrainingRow.starts_at, TrainingRow.id)
    if since is not None:
        trainings = trainings.where(TrainingRow.ends_at > since)
    waiting = await count_registrations(db, (RegistrationStatus.WAITLIST,))
    return [training_of(row, waiting.get(row.id, 0)) for row in await db.scalars(trainings)]


async def count_recipients(db: AsyncSession, training_id: int) -> int:
    """How many would be told of a change: those with a seat, an offer or on the waitlist."""
    live = select(func.count()).where(
        RegistrationRow.training_id == training_id, RegistrationRow.status.in_(LIVE)
    )
    return await db.scalar(live) or 0


async def roster(db: AsyncSession, keys: Keyring, training_id: int) -> list[Attendee]:
    """Everybody with a seat, an offer or on the waitlist, in this order, each by time."""
    found = await db.execute(
        select(RegistrationRow, ProfileRow)
        .outerjoin(ProfileRow, ProfileRow.courier_id == RegistrationRow.courier_id)
        .where(RegistrationRow.training_id == training_id, RegistrationRow.status.in_(LIVE))
        .order_by(RegistrationRow.id)
    )
    people = [_attendee(keys, *row) for row in found]
    return sorted(people, key=lambda attendee: _ORDER.index(attendee.status))


async def attendance(db: AsyncSession, training_id: int) -> Attendance:
    """The training in numbers."""
    seat = RegistrationRow.status == RegistrationStatus.SEAT
    counted = select(
        func.count().filter(seat),
        func.count().filter(seat, RegistrationRow.confirmed_at.is_not(None)),
        func.count().filter(RegistrationRow.attended_at.is_not(None)),
        func.count().filter(RegistrationRow.status == RegistrationStatus.WAITLIST),
        func.count(RegistrationRow.score),
        func.avg(RegistrationRow.score),
    ).where(RegistrationRow.training_id == training_id)
    seats, confirmed, came, waiting, scores, mean = (await db.execute(counted)).one()
    issued = select(func.count()).where(CertificateRow.training_id == training_id)
    certificates = await db.scalar(issued) or 0
    return Attendance(
        seats, confirmed, came, waiting, certificates, scores, None if mean is None else float(mean)
    )


async def has_comments(db: AsyncSession, training_id: int) -> bool:
    """Whether anybody wrote something about it."""
    return await db.scalar(select(_with_comment(training_id).exists())) or False


async def comments(db: AsyncSession, keys: Keyring, training_id: int) -> list[Comment]:
    """What was written about it, the lowest scores first."""
    found = await db.scalars(
        _with_comment(training_id).order_by(RegistrationRow.score, RegistrationRow.id)
    )
    return [Comment(row.score, keys.open(row.comment, COMMENT)) for row in found if row.comment]


async def comment_page(
    db: AsyncSession, training_id: int, after: int | None, most: int
) -> list[RegistrationRow]:
    """Rows with a comment, the lowest scores first, those without one last.

    `after`: the last one of the page before.
    """
    score, number = func.coalesce(RegistrationRow.score, NO_SCORE), RegistrationRow.id
    rows = _with_comment(training_id).order_by(score, number).limit(most)
    if after is not None and (last := await db.get(RegistrationRow, after)) is not None:
        there = NO_SCORE if last.score is None else last.score
        rows = rows.where(or_(score > there, and_(score == there, number > after)))
    return list(await db.scalars(rows))


def _with_comment(training_id: int) -> Select[RegistrationRow]:
    return select(RegistrationRow).where(
        RegistrationRow.training_id == training_id, RegistrationRow.comment.is_not(None)
    )


def _attendee(keys: Keyring, row: RegistrationRow, profile: ProfileRow | None) -> Attendee:
    name = keys.open(profile.name, NAME) if profile and profile.name else ""
    phone = keys.open(profile.phone, PHONE) if profile and profile.phone else ""
    return Attendee(
        number=row.id,
        name=name,
        phone_end=phone[-4:],
        firm=profile.firm if profile else "",
        status=RegistrationStatus(row.status),
        confirmed=row.confirmed_at is not None,
        registered_at=row.created_at,
        attended_at=row.attended_at,
        score=row.score,
        comment=keys.open(row.comment, COMMENT) if row.comment else "",
    )
