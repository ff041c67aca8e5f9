"""Certificates of attendance: issued once, under a number that anyone can verify.

Whoever verifies a number learns a masked name, the training and the date. Numbers that do not exist
are counted, by chat and by network, and too many lock further checks for an hour: the older numbers
are short enough to be searched for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.personal_data.masking import mask_name
from bot.services.trainings import attendance
from bot.services.trainings.certificate_numbers import new_number, read_number
from bot.services.trainings.errors import LookupsUsedUp, TrainingRefused
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.encryption import Keyring
from bot.store.models.trainings import CertificateRow, RegistrationRow, TrainingRow
from bot.store.upsert import upsert

NAME_LABEL: Final = "certificate.name"
HOUR: Final = timedelta(hours=1)
CHAT_LIMIT: Final = Limit(10, HOUR, HOUR)
NETWORK_LIMIT: Final = Limit(30, HOUR, HOUR)
"""Of the public page and the chats of a channel where new addresses cost nothing, together."""
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """One issued certificate. `name` is in plain text: for its owner only."""

    id: int
    number: str
    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    issued_at: datetime
    courier_id: int | None

    @property
    def hours(self) -> float:
        """How long the training was."""
        return (self.ends_at - self.starts_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class VerifiedCertificate:
    """What anybody may know about a genuine number."""

    number: str
    masked_name: str
    title: str
    held_at: datetime
    issued_at: datetime


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
    own = select(CertificateRow.id).where(
        CertificateRow.courier_id == courier_id, CertificateRow.training_id == training_id
    )
    for _ in range(_TRIES):  # a number that is taken already is as rare as it is harmless
        found = await db.scalar(own)
        if found is not None:
            break
        row = upsert(db, CertificateRow).values(
            number=new_number(now.astimezone(CHINA).year),
            courier_id=courier_id,
            training_id=training_id,
            name=keys.seal(name, NAME_LABEL),
            issued_at=now,
        )
        await db.execute(row.on_conflict_do_nothing())
    certificate = await _find(db, keys, CertificateRow.id == await db.scalar(own))
    if certificate is None:
        raise TrainingRefused(TrainingRefusal.NOT_ATTENDED, training_id)  # erased in this moment
    return certificate


async def get_certificate(
    db: AsyncSession, keys: Keyring, certificate_id: int
) -> Certificate | None:
    """One certificate, None without one."""
    return await _find(db, keys, CertificateRow.id == certificate_id)


async def withdraw(
    db: AsyncSession, seating: Seating, training_id: int, certificate_id: int, now: datetime
) -> bool:
    """The certificate is void, and with it the attendance on which it rests; False: there is none.

    Its number is that of no certificate any more.
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
) -> VerifiedCertificate | None:
    """What is known of a number that somebody typed; None if no certificate has it.

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
        await counters.count_wrong(db, charged, now)
        return None
    return VerifiedCertificate(
        found.number, mask_name(found.name), found.title, found.starts_at, found.issued_at
    )


async def _find(
    db: AsyncSession, keys: Keyring, condition: ColumnElement[bool]
) -> Certificate | None:
    found = await db.execute(
        select(CertificateRow, TrainingRow.title, TrainingRow.starts_at, TrainingRow.ends_at)
        .join(TrainingRow, TrainingRow.id == CertificateRow.training_id)
        .where(condition)
    )
    row = found.one_or_none()
    if row is None:
        return None
    stored = row[0]
    return Certificate(
        stored.id,
        stored.number,
        keys.open(stored.name, NAME_LABEL),
        row.title,
        row.starts_at,
        row.ends_at,
        stored.issued_at,
        stored.courier_id,
    )
