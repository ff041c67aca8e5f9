"""Certificates of trainings and of series of lessons: issued once, under a number to verify.

Whoever verifies a number learns a masked name, the training and the date. Numbers that do not exist
are counted, by chat and by network, and too many lock further checks for an hour: the older numbers
are short enough to be searched for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.personal_data.masking import mask_name
from bot.services.trainings import attendance
from bot.services.trainings.certificate_numbers import new_number, read_number
from bot.services.trainings.errors import LookupsUsedUp, TrainingRefused
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.encryption import Keyring
from bot.store.models.trainings import (
    CertificateRow,
    RegistrationRow,
    TrainingRow,
    WithdrawnCertificateRow,
)
from bot.store.upsert import upsert

NAME_LABEL: Final = "certificate.name"
HOUR: Final = timedelta(hours=1)
CHAT_LIMIT: Final = Limit(10, HOUR, HOUR)
NETWORK_LIMIT: Final = Limit(30, HOUR, HOUR)
"""Of the public page and the chats of a channel where new addresses cost nothing, together."""
_TRIES: Final = 5


@value
class Certificate:
    """One issued certificate. `name` is in plain text: for its owner only.

    `is_course`: of a series of lessons, whose times are those of its end and its minutes.
    """

    id: int
    number: str
    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    issued_at: datetime
    courier_id: int | None
    is_course: bool = False

    @property
    def hours(self) -> float:
        """How long the training was."""
        return (self.ends_at - self.starts_at).total_seconds() / 3600


@value
class Course:
    """A series of lessons that a courier has finished at `finished_at`, of `minutes` in all."""

    series: str
    minutes: int
    finished_at: datetime


@value
class VerifiedCertificate:
    """What anybody may know about a genuine number."""

    number: str
    masked_name: str
    title: str
    held_at: datetime
    issued_at: datetime
    is_course: bool = False


@value
class WithdrawnCertificate:
    """What anybody may know about the number of a certificate that was withdrawn."""

    number: str
    withdrawn_at: datetime


async def issue(
    db: AsyncSession, keys: Keyring, courier_id: int, training_id: int, name: str, now: datetime
) -> Certificate:
    """The courier's certificate for a training they attended, always the same one.

    `name` is printed, as given the first time. Raises `TrainingRefused` (`NOT_ATTENDED`).
    """
    attended = select(RegistrationRow.id).where(
        RegistrationRow.courier_id == courier_id,
        RegistrationRow.training_id == training_id,
        RegistrationRow.status == RegistrationStatus.SEAT,
        RegistrationRow.attended_at.is_not(None),
    )
    if await db.scalar(attended.limit(1)) is None:
        raise TrainingRefused(TrainingRefusal.NOT_ATTENDED, training_id)
    certificate = await _issued(
        db, keys, courier_id, name, now, CertificateRow.training_id == training_id,
        {"training_id": training_id},
    )  # fmt: skip
    if certificate is None:
        raise TrainingRefused(TrainingRefusal.NOT_ATTENDED, training_id)  # erased in this moment
    return certificate


async def issue_for_course(
    db: AsyncSession, keys: Keyring, courier_id: int, course: Course, name: str, now: datetime
) -> Certificate | None:
    """The courier's certificate for a series that they finished, always the same one.

    `name` is printed, as given the first time. None where the courier is erased in this moment.
    """
    values = {
        "series": course.series,
        "minutes": course.minutes,
        "held_at": course.finished_at,
    }
    of_series = CertificateRow.series == course.series
    return await _issued(db, keys, courier_id, name, now, of_series, values)


async def _issued(
    db: AsyncSession,
    keys: Keyring,
    courier_id: int,
    name: str,
    now: datetime,
    subject: ColumnElement[bool],
    values: Mapping[str, object],
) -> Certificate | None:
    """The courier's certificate of that subject, which is made of `values` if there is none."""
    own = select(CertificateRow.id).where(CertificateRow.courier_id == courier_id, subject)
    for _ in range(_TRIES):  # a number that is taken already is as rare as it is harmless
        found = await db.scalar(own)
        if found is not None:
            break
        row = upsert(db, CertificateRow).values(
            number=new_number(now.astimezone(CHINA).year),
            courier_id=courier_id,
            name=keys.seal(name, NAME_LABEL),
            issued_at=now,
            **values,
        )
        await db.execute(row.on_conflict_do_nothing())
    return await _find(db, keys, CertificateRow.id == await db.scalar(own))


async def get_certificate(
    db: AsyncSession, keys: Keyring, certificate_id: int
) -> Certificate | None:
    """One certificate, None without one."""
    return await _find(db, keys, CertificateRow.id == certificate_id)


async def withdraw(
    db: AsyncSession, seating: Seating, training_id: int, certificate_id: int, now: datetime
) -> bool:
    """The certificate is void, and with it the attendance on which it rests; False: there is none.

    Of the certificate its number is kept, with the moment, and nothing else.
    """
    await seating.lock(db, training_id, now)
    row = await db.get(CertificateRow, certificate_id)
    if row is None or row.training_id != training_id:
        return False
    attended = select(RegistrationRow).where(
        RegistrationRow.training_id == training_id,
        RegistrationRow.courier_id == row.courier_id,
        RegistrationRow.attended_at.is_not(None),
    )
    for registration in list(await db.scalars(attended)):
        await attendance.clear(db, registration, now)
    void = {"number": row.number, "withdrawn_at": now}
    await db.execute(insert(WithdrawnCertificateRow).values(void))
    await db.delete(row)
    await db.flush()
    return True


def lookup_counters(keys: Keyring, *, network: str = "", chat: str = "") -> Sequence[Counter]:
    """What a look-up is charged to; `chat` is a channel's name and the address there."""
    counted: list[Counter] = []
    if network:
        label = "attempt.certificate.network"
        counted += counters.of_subject(keys, Scope.NETWORK, network, label, NETWORK_LIMIT)
    if chat:
        label = "attempt.certificate.chat"
        counted += counters.of_subject(keys, Scope.CHAT, chat, label, CHAT_LIMIT)
    return counted


async def verify(
    db: AsyncSession, keys: Keyring, text: str, charged: Sequence[Counter], now: datetime
) -> VerifiedCertificate | WithdrawnCertificate | None:
    """What is known of a number that somebody typed; None if no certificate ever had it.

    `charged`: of `lookup_counters`. What is no number, or a mistyped one, is not charged. Raises
    `LookupsUsedUp`, for genuine numbers too, or a search would learn which ones are.
    """
    number = read_number(text)
    if number is None:
        return None
    if await counters.admit(db, charged, now):
        raise LookupsUsedUp
    found = await _find(db, keys, CertificateRow.number == number)
    if found is None:
        void = await db.get(WithdrawnCertificateRow, number)
        if void is not None:
            return WithdrawnCertificate(void.number, void.withdrawn_at)
        await counters.count_wrong(db, charged, now)
        return None
    return VerifiedCertificate(
        number=found.number,
        masked_name=mask_name(found.name),
        title=found.title,
        held_at=found.ends_at if found.is_course else found.starts_at,
        issued_at=found.issued_at,
        is_course=found.is_course,
    )


async def _find(
    db: AsyncSession, keys: Keyring, condition: ColumnElement[bool]
) -> Certificate | None:
    found = await db.execute(
        select(CertificateRow, TrainingRow.title, TrainingRow.starts_at, TrainingRow.ends_at)
        .outerjoin(TrainingRow, TrainingRow.id == CertificateRow.training_id)
        .where(condition)
    )
    row = found.one_or_none()
    if row is None:
        return None
    stored: CertificateRow = row[0]
    title, starts_at, ends_at = row.title, row.starts_at, row.ends_at
    if stored.held_at is not None:
        title, ends_at = stored.series or "", stored.held_at
        starts_at = ends_at - timedelta(minutes=stored.minutes or 0)
    return Certificate(
        stored.id,
        stored.number,
        keys.open(stored.name, NAME_LABEL),
        title,
        starts_at,
        ends_at,
        stored.issued_at,
        stored.courier_id,
        is_course=stored.held_at is not None,
    )
