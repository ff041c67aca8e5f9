"""Who is registered for a training, for its trainer: masked, or by name, which is logged.

Couriers who come without a registration, ticks for those who came, what they wrote afterwards.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers.profiles import NAME, PHONE, PHONE_INDEX
from bot.services.operators import access_log, audit
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator
from bot.services.personal_data.masking import mask_name
from bot.services.personal_data.validation import mobile_phone
from bot.services.trainings import attendance, rosters
from bot.services.trainings.attendance import AttendancePlan, PaperEntry
from bot.services.trainings.catalogue import CHECK_IN_MARGIN, Training, count_registrations
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.operating.sessions import require
from bot.services.trainings.registration_queries import COMMENT
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.rosters import Attendee, Comment
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import LIVE, RegistrationStatus, TrainingRefusal
from bot.store.encryption import Keyring
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import RegistrationRow

PAGE: Final = 100
LONGEST_SHEET: Final = 2000
"""Rows of a list to print."""


@value
class Person:
    """A registration, its `number`; `name` masked unless asked for. `is_paper`: ticked by hand."""

    number: int
    name: str
    phone_end: str
    firm: str
    status: RegistrationStatus
    confirmed: bool
    registered_at: datetime
    attended_at: datetime | None
    is_paper: bool


@value
class People:
    """A page of one status. `counts`: of each live status; `next` None: nothing comes after."""

    training: Training
    people: tuple[Person, ...]
    counts: dict[RegistrationStatus, int]
    next: int | None


async def people(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    training_id: int,
    status: RegistrationStatus,
    now: datetime,
    *,
    after: int = 0,
    named: bool = False,
    most: int = PAGE,
) -> People:
    """Those with that status in order of registration. `named`: whole names, entered in the log.

    Needs a writing transaction with `named`. Raises `TrainingRefused` (`GONE`), `NotAllowed`.
    """
    training = await require(db, operator, training_id)
    rows = (
        select(RegistrationRow, ProfileRow)
        .outerjoin(ProfileRow, ProfileRow.courier_id == RegistrationRow.courier_id)
        .where(RegistrationRow.training_id == training_id, RegistrationRow.status == status)
        .where(RegistrationRow.id > after)
        .order_by(RegistrationRow.id)
        .limit(most + 1)
    )
    found = (await db.execute(rows)).all()
    shown = found[:most]
    if named:
        seen = [(NAME, profile.courier_id) for _, profile in shown if profile and profile.name]
        await access_log.record(db, keys, operator.name, AccessAction.READ, seen, "attendance", now)
    counts = {
        one: (await count_registrations(db, (one,), [training_id])).get(training_id, 0)
        for one in LIVE[::-1]
    }
    return People(
        training,
        tuple(_person(keys, training, *one, named=named) for one in shown),
        counts,
        shown[-1][0].id if len(found) > most else None,
    )


async def sheet(
    db: AsyncSession, keys: Keyring, operator: Operator, training_id: int, now: datetime
) -> list[Attendee]:
    """Everybody by name, for a file; each is entered in the log. Raises `NotAllowed`."""
    training = await require(db, operator, training_id)
    found = await rosters.roster(db, keys, training_id)
    couriers = select(RegistrationRow.courier_id).where(
        RegistrationRow.training_id == training_id, RegistrationRow.status.in_(LIVE)
    )
    seen = [(NAME, one) for one in await db.scalars(couriers)]
    await access_log.record(db, keys, operator.name, AccessAction.EXPORT, seen, "attendance", now)
    await _record(db, operator, "training.export", training, now, {"people": len(found)})
    return found


async def tick(
    db: AsyncSession,
    seating: Seating,
    operator: Operator,
    training_id: int,
    came: Sequence[int],
    stayed_away: Sequence[int],
    now: datetime,
) -> tuple[int, int]:
    """Marks registrations as attended, or takes such marks back; how many of both.

    Raises `TrainingRefused` (`CANCELLED`, `NOT_OPEN` before the start), `NotAllowed`.
    """
    training = await require(db, operator, training_id)
    marked = await attendance.mark(db, seating, training_id, came, now)
    unmarked = await attendance.unmark(db, seating, training_id, stayed_away, now)
    if marked or unmarked:
        done = {"marked": marked, "unmarked": unmarked}
        await _record(db, operator, "training.attend", training, now, done)
    return marked, unmarked


async def tick_list(
    db: AsyncSession,
    keys: Keyring,
    seating: Seating,
    operator: Operator,
    training_id: int,
    entries: Iterable[PaperEntry],
    now: datetime,
) -> AttendancePlan:
    """Marks those whom a signed list names; what was found. Raises as `tick`."""
    await require(db, operator, training_id)
    plan = await attendance.plan(db, keys, training_id, entries)
    await tick(db, seating, operator, training_id, plan.fresh, (), now)
    return plan


async def walk_in(
    db: AsyncSession,
    keys: Keyring,
    registrations: Registrations,
    operator: Operator,
    training_id: int,
    phone: str,
    now: datetime,
) -> bool:
    """A free seat for the courier of that phone, and checked in; False: nobody gave it, or several.

    Whoever has a seat already is checked in. Raises `TrainingRefused`, `NotAllowed`.
    """
    training = await require(db, operator, training_id)
    if not training.starts_at - CHECK_IN_MARGIN <= now <= training.ends_at + CHECK_IN_MARGIN:
        raise TrainingRefused(TrainingRefusal.NOT_OPEN, training_id)
    given = mobile_phone(phone)
    if given is None:
        return False
    index = keys.index(given, PHONE_INDEX)
    found = select(ProfileRow.courier_id).where(ProfileRow.phone_index == index).limit(2)
    couriers = list(await db.scalars(found))
    if len(couriers) != 1:
        return False
    has_seat = select(func.count()).where(
        RegistrationRow.training_id == training_id,
        RegistrationRow.courier_id == couriers[0],
        RegistrationRow.status == RegistrationStatus.SEAT,
    )
    if not await db.scalar(has_seat):
        await registrations.register(db, training_id, couriers[0], now, at_the_door=True)
    done = await registrations.check_in(db, training_id, couriers[0], now)
    await _record(db, operator, "training.walk_in", training, now, {"registration": done.id})
    return True


async def comments(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    training_id: int,
    now: datetime,
    after: int | None = None,
) -> tuple[list[Comment], int | None]:
    """A page of what was written about it, and its last row where others come after it.

    Nobody's name; each is entered in the log. Raises `NotAllowed`.
    """
    await require(db, operator, training_id)
    every = await rosters.comment_page(db, training_id, after, PAGE + 1)
    rows = every[:PAGE]
    seen = [(COMMENT, row.id) for row in rows]
    await access_log.record(db, keys, operator.name, AccessAction.READ, seen, "feedback", now)
    found = [Comment(row.score, keys.open(row.comment, COMMENT)) for row in rows if row.comment]
    return found, rows[-1].id if len(every) > PAGE else None


def _person(
    keys: Keyring,
    training: Training,
    row: RegistrationRow,
    profile: ProfileRow | None,
    *,
    named: bool,
) -> Person:
    name = keys.open(profile.name, NAME) if profile and profile.name else ""
    phone = keys.open(profile.phone, PHONE) if profile and profile.phone else ""
    return Person(
        number=row.id,
        name=name if named else mask_name(name),
        phone_end=phone[-4:],
        firm=profile.firm if profile else "",
        status=RegistrationStatus(row.status),
        confirmed=row.confirmed_at is not None,
        registered_at=row.created_at,
        attended_at=row.attended_at,
        is_paper=row.attended_at == training.starts_at,
    )


async def _record(
    db: AsyncSession,
    operator: Operator,
    action: str,
    training: Training,
    now: datetime,
    after: audit.Fields,
) -> None:
    await audit.record(
        db,
        operator.name,
        action,
        SubjectKind.TRAINING,
        training.code,
        now,
        league=training.league,
        after=after,
    )
