"""The certificates of a training: listed with masked names, and withdrawn."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator
from bot.services.personal_data.masking import mask_name
from bot.services.trainings import certificates
from bot.services.trainings.catalogue import Training
from bot.services.trainings.certificates import NAME_LABEL
from bot.services.trainings.operating.sessions import require
from bot.services.trainings.seating import Seating
from bot.store.encryption import Keyring
from bot.store.models.trainings import CertificateRow

PAGE: Final = 100


@value
class IssuedCertificate:
    """A certificate as a list shows it."""

    id: int
    number: str
    masked_name: str
    issued_at: datetime


@value
class CertificatePage:
    """Those issued last first. `next` None: nothing comes after it."""

    training: Training
    certificates: tuple[IssuedCertificate, ...]
    next: int | None


async def issued(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    training_id: int,
    before: int | None = None,
) -> CertificatePage:
    """A page of them. Raises `TrainingRefused` (`GONE`), `NotAllowed`."""
    training = await require(db, operator, training_id)
    rows = select(CertificateRow).where(CertificateRow.training_id == training_id)
    if before is not None:
        rows = rows.where(CertificateRow.id < before)
    found = list(await db.scalars(rows.order_by(CertificateRow.id.desc()).limit(PAGE + 1)))
    shown = tuple(
        IssuedCertificate(
            row.id, row.number, mask_name(keys.open(row.name, NAME_LABEL)), row.issued_at
        )
        for row in found[:PAGE]
    )
    return CertificatePage(training, shown, shown[-1].id if len(found) > PAGE else None)


async def withdraw(
    db: AsyncSession,
    seating: Seating,
    operator: Operator,
    training_id: int,
    certificate_id: int,
    now: datetime,
) -> bool:
    """The number reads as withdrawn, and its courier did not attend. False: there is none.

    Raises `TrainingRefused` (`GONE`), `NotAllowed`.
    """
    training = await require(db, operator, training_id)
    if not await certificates.withdraw(db, seating, training_id, certificate_id, now):
        return False
    await audit.record(
        db,
        operator.name,
        "certificate.withdraw",
        SubjectKind.TRAINING,
        training.code,
        now,
        league=training.league,
        before={"certificate": certificate_id},
    )
    return True
