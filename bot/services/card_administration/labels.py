"""What the bank's labels stand for, as card staff of the whole region say."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards import labels
from bot.services.cards.labels import ListedLabel, UnknownLabel, labels_of
from bot.services.cards.statuses import LABELS, CardStatus
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.store.encryption import Keyring

REGION = ""
"""A label holds for the whole region, and so does the right to say what it stands for."""


async def unknown(
    db: AsyncSession, keys: Keyring, operator: Operator, now: datetime
) -> list[UnknownLabel]:
    """Labels without a status, the most frequent first. Raises `NotAllowed`."""
    operator.require(Right.CARDS, REGION)
    return await labels.unknown(db, keys, operator.name, now)


async def listed(db: AsyncSession, operator: Operator) -> list[ListedLabel]:
    """Every label with a status. Raises `NotAllowed`."""
    operator.require(Right.CARDS, REGION)
    return await labels.listed(db)


async def set_label(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    text: str,
    status: CardStatus,
    now: datetime,
) -> int:
    """Says what a label stands for; how many applications were read again.

    The audit log names the stages only: a bank's own text may hold a name.
    Raises `ValueError`, `NotAllowed`.
    """
    operator.require(Right.CARDS, REGION)
    before = (await labels_of(db)).status_of(text)
    count = await labels.set_label(db, keys, text, status, operator.name, now)
    await _record(db, operator, text, before, status, now)
    return count


async def remove_label(
    db: AsyncSession, keys: Keyring, operator: Operator, text: str, now: datetime
) -> int | None:
    """Takes that back; how many applications were read again, None where there was nothing.

    Raises `ValueError`, `NotAllowed`.
    """
    operator.require(Right.CARDS, REGION)
    before = (await labels_of(db)).status_of(text)
    count = await labels.remove_label(db, keys, text, operator.name, now)
    if count is not None:
        after = (await labels_of(db)).status_of(text)
        await _record(db, operator, text, before, after, now)
    return count


async def _record(
    db: AsyncSession,
    operator: Operator,
    text: str,
    before: CardStatus,
    after: CardStatus,
    now: datetime,
) -> None:
    usual = {name for names in LABELS.values() for name in names}
    subject = text.strip() if text.strip() in usual else "label"
    await audit.record(
        db, operator.name, "card.label", SubjectKind.CARD, subject, now,
        before={"stage": before.value}, after={"stage": after.value},
    )  # fmt: skip
