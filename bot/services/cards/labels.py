"""What the labels of a bank stand for: the usual ones, and what operators say of their bank's.

Every report is read by what the database says at that moment, so that a label that was set applies
on all replicas at once. Setting or removing one also reads again the applications that came with
it (`label_rereading`).
"""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.cards.label_rereading import STAGE_LABEL, reread
from bot.services.cards.statuses import DEFAULT_LABELS, LABELS, CardStatus, Labels, normalised
from bot.services.dataset_version import Dataset, raise_version
from bot.services.operators import access_log, notes
from bot.services.operators.access_log import AccessAction
from bot.services.operators.notes import NoteKind
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardLabelRow, CardStageRow
from bot.store.upsert import upsert

LONGEST: Final = 60
"""Characters of a label."""
LABEL: Final = "card_application.label"
_NAME: Final = "card_application.name"
_PERSONAL: Final = LazyPattern(r"\d{4}|\*")


@value
class ListedLabel:
    """A label and its status; `set_by` and `set_at` where an operator said so."""

    text: str
    status: CardStatus
    set_by: str = ""
    set_at: datetime | None = None


@value
class UnknownLabel:
    """A label without a status that the bank used; `text` is empty where it may be personal.

    `count` of applications; `first` and `last` when it was reported.
    """

    text: str
    count: int
    first: datetime
    last: datetime


async def labels_of(db: AsyncSession) -> Labels:
    """The labels as they are read now."""
    rows = await db.execute(select(CardLabelRow.label, CardLabelRow.status))
    own = {label: CardStatus(status) for label, status in rows}
    return Labels(MappingProxyType({**DEFAULT_LABELS.statuses, **own})) if own else DEFAULT_LABELS


async def listed(db: AsyncSession) -> list[ListedLabel]:
    """Every label with a status, in the order of statuses; labels set aside are `UNKNOWN`."""
    rows = {row.label: row for row in await db.scalars(select(CardLabelRow))}
    usual = [
        ListedLabel(text, status)
        for status, texts in LABELS.items()
        for text in texts
        if normalised(text) not in rows
    ]
    own = [
        ListedLabel(row.text, CardStatus(row.status), row.set_by, row.set_at)
        for row in rows.values()
    ]
    order = list(CardStatus)
    return sorted([*usual, *own], key=lambda one: order.index(one.status))


async def unknown(db: AsyncSession, keys: Keyring, actor: str, now: datetime) -> list[UnknownLabel]:
    """The labels without a status that applications came with, the most frequent first.

    One opened value of each label is entered in the access log.
    """
    stages = (
        select(
            CardStageRow.id.label("stage_id"),
            CardStageRow.label,
            CardStageRow.at,
            CardStageRow.recorded_at,
            CardApplicationRow.stage_at,
            CardApplicationRow.updated_at,
            CardApplicationRow.id,
            CardApplicationRow.name,
        )
        .join(CardApplicationRow, CardApplicationRow.id == CardStageRow.application_id)
        .where(CardStageRow.code == CardStatus.UNKNOWN)
    )
    found: dict[str, _Seen] = {}
    async for row in await db.stream(stages.execution_options(yield_per=500)):
        text = keys.open(row.label, STAGE_LABEL)
        name = keys.open(row.name, _NAME) if row.name else ""
        personal = bool(_PERSONAL.search(text)) or (len(name) > 1 and name in text)
        seen = found.setdefault("" if personal else text, _Seen(row.stage_id, set(), []))
        seen.applications.add(row.id)
        seen.moments.append(row.recorded_at)
        if row.at == row.stage_at:  # reported again since, as the stage that it is in
            seen.moments.append(row.updated_at)
    opened = [(STAGE_LABEL, seen.stage_id) for seen in found.values()]
    await access_log.record(db, keys, actor, AccessAction.READ, opened, "labels", now)
    listing = [
        UnknownLabel(text, len(seen.applications), min(seen.moments), max(seen.moments))
        for text, seen in found.items()
    ]
    return sorted(listing, key=lambda one: (-one.count, one.text))


@value
class _Seen:
    stage_id: int
    applications: set[int]
    moments: list[datetime]


async def set_label(
    db: AsyncSession, keys: Keyring, text: str, status: CardStatus, actor: str, now: datetime
) -> int:
    """Says what a label stands for; how many applications that came with it were read again.

    Raises `ValueError` for a label that is empty, longer than `LONGEST` or a status itself.
    """
    label = _checked(text)
    await raise_version(db, Dataset.CARDS)
    before = (await labels_of(db)).status_of(label)
    row = {"text": text.strip(), "status": status, "set_by": actor[:40], "set_at": now}
    new = upsert(db, CardLabelRow).values(label=label, **row)
    await db.execute(new.on_conflict_do_update(index_elements=[CardLabelRow.label], set_=row))
    return await _applied(db, keys, label, before, now)


async def remove_label(
    db: AsyncSession, keys: Keyring, text: str, actor: str, now: datetime
) -> int | None:
    """Takes back what an operator said of a label, or sets a usual one aside; how many
    applications were read again, None where the label has no status. Raises `ValueError`.
    """
    label = _checked(text)
    await raise_version(db, Dataset.CARDS)
    before = (await labels_of(db)).status_of(label)
    own = delete(CardLabelRow).where(CardLabelRow.label == label).returning(CardLabelRow.label)
    if await db.scalar(own) is None:
        if before is CardStatus.UNKNOWN:
            return None
        row = {"text": text.strip(), "status": CardStatus.UNKNOWN}
        db.add(CardLabelRow(label=label, set_by=actor[:40], set_at=now, **row))
        await db.flush()
    return await _applied(db, keys, label, before, now)


def mark(index: bytes) -> str:
    """The key of the operator note about a label, from its blind index."""
    return f"{NoteKind.CARD_LABEL}:{index.hex()}"


def _checked(text: str) -> str:
    label = normalised(text)
    if not label or len(text.strip()) > LONGEST or len(label) > LONGEST:
        raise ValueError("a label has 1 to 60 characters")
    if label in set(CardStatus):
        raise ValueError("a status stands for itself")
    return label


async def _applied(
    db: AsyncSession, keys: Keyring, label: str, before: CardStatus, now: datetime
) -> int:
    after = (await labels_of(db)).status_of(label)
    if after is before:
        return 0
    done = await reread(db, keys, label, before, after, now)
    if after is not CardStatus.UNKNOWN:
        await notes.close_marked(db, _marks(keys, done.texts), now)
    return done.applications


def _marks(keys: Keyring, texts: Sequence[str]) -> list[str]:
    return [mark(index) for text in texts for index in keys.indexes(text, LABEL)]
