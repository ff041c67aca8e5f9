"""Certificates of attendance: issued once, under a number that anyone can verify.

The number is random, so that nobody can guess a neighbour's, and written in an alphabet without
I, L, O and U, so that it survives being read out. Whoever verifies it learns a masked name,
the training and the date.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.personal_data.masking import mask_name
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.encryption import Keyring
from bot.store.models.trainings import CertificateRow, RegistrationRow, TrainingRow
from bot.store.upsert import upsert

PREFIX: Final = "DJT"
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 6
NAME_LABEL: Final = "certificate.name"
_NUMBER: Final = re.compile(rf"{PREFIX}-?(\d{{4}})-?([{ALPHABET}]{{{LENGTH}}})")
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


async def verify(db: AsyncSession, keys: Keyring, text: str) -> VerifiedCertificate | None:
    """What is known of a number that somebody typed; None if no certificate has it."""
    number = read_number(text)
    if number is None:
        return None
    found = await _find(db, keys, CertificateRow.number == number)
    if found is None:
        return None
    return VerifiedCertificate(
        found.number, mask_name(found.name), found.title, found.starts_at, found.issued_at
    )


def new_number(year: int) -> str:
    """`DJT-2026-7K3M9P`: one of a thousand million in each year."""
    return f"{PREFIX}-{year}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_number(text: str) -> str | None:
    """The number in what was typed or scanned, in whatever case, width and spacing."""
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[\s_‐-―－]", lambda found: "" if found[0].isspace() else "-", plain)
    start = plain.find(PREFIX)
    if start < 0:
        return None
    rest = plain[start + len(PREFIX) :].translate(_MISREAD)
    found = _NUMBER.match(PREFIX + rest)
    return f"{PREFIX}-{found[1]}-{found[2]}" if found else None


_MISREAD: Final = str.maketrans("OIL", "011")


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
