"""Reads the histories of applications again after what a label stands for has changed.

Nobody is notified: the bank reported nothing new, only its words are understood now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.cards.statuses import SETTLED, CardStatus, is_backwards, normalised
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardStageRow

STAGE_LABEL: Final = "card_stage.label"
PIECE: Final = 500
"""Stages of one statement."""


@value
class Reread:
    """How many applications were read again, and the label as the bank wrote it in them."""

    applications: int
    texts: tuple[str, ...]


@dataclass(slots=True)
class _Stage:
    id: int
    code: CardStatus
    at: datetime
    matched: bool
    joined: bool = False
    """Whether a later stage of the same status became part of it."""


async def reread(
    db: AsyncSession,
    keys: Keyring,
    label: str,
    before: CardStatus,
    after: CardStatus,
    now: datetime,
) -> Reread:
    """Turns the stages `before` with that label (as `normalised` writes it) into `after`.

    Two stages of one status that follow each other become one. The caller holds the lock of the
    applications (`raise_version`).
    """
    last, count, texts = 0, 0, set[str]()
    while True:
        query = select(CardStageRow.id, CardStageRow.application_id, CardStageRow.label)
        query = query.where(CardStageRow.code == before, CardStageRow.id > last)
        rows = (await db.execute(query.order_by(CardStageRow.id).limit(PIECE))).all()
        if not rows:
            return Reread(count, tuple(sorted(texts)))
        last = rows[-1].id
        matched: dict[int, set[int]] = {}
        for row in rows:
            text = keys.open(row.label, STAGE_LABEL)
            if normalised(text) == label:
                texts.add(text)
                matched.setdefault(row.application_id, set()).add(row.id)
        if matched:
            await _rewrite(db, matched, after, now)
            count += len(matched)


async def _rewrite(
    db: AsyncSession,
    matched: dict[int, set[int]],
    after: CardStatus,
    now: datetime,
) -> None:
    histories: dict[int, list[_Stage]] = {}
    query = select(CardStageRow.id, CardStageRow.application_id, CardStageRow.code, CardStageRow.at)
    query = query.where(CardStageRow.application_id.in_(matched))
    for row in await db.execute(query.order_by(CardStageRow.at, CardStageRow.id)):
        is_matched = row.id in matched[row.application_id]
        one = _Stage(row.id, CardStatus(row.code), row.at, is_matched)
        histories.setdefault(row.application_id, []).append(one)
    present = select(
        CardApplicationRow.id, CardApplicationRow.status, CardApplicationRow.stage_at
    ).where(CardApplicationRow.id.in_(matched))
    dropped: list[int] = []
    stages: list[dict[str, Any]] = []
    applications: list[dict[str, Any]] = []
    for found in await db.execute(present):
        history = histories[found.id]
        current = next(
            (one for one in history if (one.at, one.code) == (found.stage_at, found.status)), None
        )
        kept, gone = _merged(history, after)
        dropped += gone
        stages += [
            {"which": one.id, "code": after, "backwards": backwards}
            for one, backwards in kept
            if one.matched
        ]
        if current is not None and (current.matched or current.id in gone):
            at, backwards = next(
                (one.at, backwards) for one, backwards in reversed(kept) if one.code is after
            )
            applications.append(
                {
                    "which": found.id,
                    "status": after,
                    "stage_at": at,
                    "backwards": backwards,
                    "settled_at": at if after in SETTLED else None,
                    "updated_at": now,
                }
            )
    if dropped:
        await db.execute(delete(_STAGE).where(_STAGE.c.id.in_(dropped)))
    if stages:
        await db.execute(update(_STAGE).where(_STAGE.c.id == bindparam("which")), stages)
    if applications:
        changed = update(_APPLICATION).where(_APPLICATION.c.id == bindparam("which"))
        await db.execute(changed, applications)


def _merged(
    history: Sequence[_Stage], after: CardStatus
) -> tuple[list[tuple[_Stage, bool]], list[int]]:
    """The stages that stay, those that matched as `after`, each with whether it is a step back;
    and the ids of those that go."""
    taken = {one.at for one in history if not one.matched and one.code is after}
    kept: list[tuple[_Stage, bool]] = []
    gone: list[int] = []
    known = CardStatus.UNKNOWN
    for one in history:
        if one.matched:
            one.code = after
        previous = kept[-1][0] if kept else None
        follows = (
            previous is not None
            and previous.code is one.code is after
            and after is not CardStatus.UNKNOWN
            and (previous.matched or previous.joined or one.matched)
        )
        if follows or (one.matched and one.at in taken):
            gone.append(one.id)
            if follows and previous is not None:
                previous.joined = True
            continue
        kept.append((one, is_backwards(known, one.code)))
        if one.code is not CardStatus.UNKNOWN:
            known = one.code
    return kept, gone


_STAGE: Final = CardStageRow.metadata.tables[CardStageRow.__tablename__]
_APPLICATION: Final = CardApplicationRow.metadata.tables[CardApplicationRow.__tablename__]
