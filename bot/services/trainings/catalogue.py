"""大讲堂 trainings as couriers look them up: what is on, where, and how full it is."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.point import Point
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus
from bot.store.models.profiles import ProfileRow
from bot.store.models.stations import DemandRow
from bot.store.models.trainings import RegistrationRow, TrainingRow

CHECK_IN_MARGIN = timedelta(minutes=30)
"""How long before the start and after the end a check-in code is valid."""


@value
class Training:
    """One training at one time and place; `waiting`: couriers on the waitlist."""

    id: int
    code: str
    title: str
    topic: str
    about: str
    contact: str
    league: str
    is_online: bool
    link: str
    place: str
    address: str
    point: Point | None
    starts_at: datetime
    ends_at: datetime
    deadline: datetime
    capacity: int
    taken: int
    only_firm: str
    only_league: str
    status: TrainingStatus
    sequence: int
    checkin_code: str
    waiting: int = 0

    @property
    def seats_left(self) -> int:
        """Seats that nobody has and that are held for nobody."""
        return max(0, self.capacity - self.taken)

    @property
    def hours(self) -> float:
        """How long it lasts, in hours."""
        return (self.ends_at - self.starts_at).total_seconds() / 3600

    @property
    def checkin_opens(self) -> datetime:
        """From when on its check-in code counts."""
        return self.starts_at - CHECK_IN_MARGIN

    @property
    def checkin_closes(self) -> datetime:
        """Until when its check-in code counts."""
        return self.ends_at + CHECK_IN_MARGIN

    def is_open(self, now: datetime) -> bool:
        """Whether one can still register, for a seat or for the waitlist."""
        return self.status == TrainingStatus.PLANNED and now < min(self.deadline, self.starts_at)


async def upcoming(
    db: AsyncSession,
    now: datetime,
    *,
    league: str = "",
    after: datetime | None = None,
    before: datetime | None = None,
    demo: bool = True,
) -> list[Training]:
    """The trainings that have not begun, soonest first; `league`: those held there or online."""
    wanted: list[ColumnElement[bool]] = [
        TrainingRow.status == TrainingStatus.PLANNED,
        TrainingRow.starts_at > (max(now, after) if after else now),
    ]
    if before is not None:
        wanted.append(TrainingRow.starts_at < before)
    if league:
        wanted.append((TrainingRow.league == league) | TrainingRow.is_online.is_(True))
    if not demo:
        wanted.append(TrainingRow.is_demo.is_(False))
    rows = await db.scalars(
        select(TrainingRow)
        .where(*wanted)
        .order_by(TrainingRow.starts_at, TrainingRow.id)
        .limit(50)
        .execution_options(populate_existing=True)
    )
    return await _with_waiting(db, list(rows))


async def get_trainings(db: AsyncSession, ids: Iterable[int]) -> dict[int, Training]:
    """The trainings with these ids by id, over and cancelled ones too."""
    rows = await db.scalars(
        select(TrainingRow)
        .where(TrainingRow.id.in_(list(ids)))
        .execution_options(populate_existing=True)
    )
    return {one.id: one for one in await _with_waiting(db, list(rows))}


async def get_training(db: AsyncSession, training_id: int) -> Training | None:
    """One training, None when there is none with that id."""
    return (await get_trainings(db, [training_id])).get(training_id)


async def home_league(db: AsyncSession, courier_id: int) -> str:
    """The adcode of the league where the courier works or last looked for a station, else empty."""
    league = await db.scalar(select(ProfileRow.league).where(ProfileRow.courier_id == courier_id))
    if league:
        return league
    searched = select(DemandRow.league).where(DemandRow.courier_id == courier_id)
    return await db.scalar(searched.order_by(DemandRow.id.desc()).limit(1)) or ""


def new_checkin_code() -> str:
    """Six random digits, which the training's screen or poster shows."""
    return f"{secrets.randbelow(10**6):06d}"


def checkin_start(training: Training) -> str:
    """What a poster's link brings along when a courier opens the chat with it."""
    return f"ci-{training.checkin_code}"


async def _with_waiting(db: AsyncSession, rows: Sequence[TrainingRow]) -> list[Training]:
    waiting = await count_registrations(
        db, (RegistrationStatus.WAITLIST,), [row.id for row in rows]
    )
    return [training_of(row, waiting.get(row.id, 0)) for row in rows]


async def count_registrations(
    db: AsyncSession, statuses: Collection[RegistrationStatus], ids: Collection[int] | None = None
) -> dict[int, int]:
    """How many registrations with these statuses each training has, where there are any.

    `ids`: of these trainings only; None: of all.
    """
    counts = select(RegistrationRow.training_id, func.count()).where(
        RegistrationRow.status.in_(statuses)
    )
    if ids is not None:
        counts = counts.where(RegistrationRow.training_id.in_(ids))
    return dict((await db.execute(counts.group_by(RegistrationRow.training_id))).all())


def training_of(row: TrainingRow, waiting: int = 0) -> Training:
    """The stored row as a value."""
    point = Point(row.lat, row.lon) if row.lat is not None and row.lon is not None else None
    return Training(
        id=row.id,
        code=row.code,
        title=row.title,
        topic=row.topic,
        about=row.about,
        contact=row.contact,
        league=row.league,
        is_online=row.is_online,
        link=row.link,
        place=row.place,
        address=row.address,
        point=point,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        deadline=row.deadline,
        capacity=row.capacity,
        taken=row.taken,
        only_firm=row.only_firm,
        only_league=row.only_league,
        status=TrainingStatus(row.status),
        sequence=row.sequence,
        checkin_code=row.checkin_code,
        waiting=waiting,
    )
