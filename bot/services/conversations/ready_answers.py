"""Ready answers: those that are bundled, and those that operators added."""

import csv
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.data import DATA
from bot.services.conversations.desk import ANSWER_LENGTH
from bot.services.conversations.statuses import TextRefused
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.store.models.conversations import ReadyAnswerRow

FILE: Final = DATA / "ready_answers.csv"
TITLE_LENGTH: Final = 40
"""Characters; the width of the column."""
MOST: Final = 100
"""So many of their own operators see."""
_ROW = ReadyAnswerRow


@value
class ReadyAnswer:
    """`key`: `b1` for the first of the bundled ones, `7` for that row. `by` "": bundled."""

    key: str
    title: str
    text: str
    by: str = ""


async def listed(db: AsyncSession, operator: Operator) -> Sequence[ReadyAnswer]:
    """The operators' own, the newest first, and then the bundled ones. Raises `NotAllowed`."""
    operator.require(Right.CONVERSATIONS)
    own = select(_ROW).where(_ROW.removed_at.is_(None)).order_by(_ROW.id.desc()).limit(MOST)
    rows = await db.scalars(own)
    return [*(ReadyAnswer(str(one.id), one.title, one.text, one.by) for one in rows), *_bundled()]


async def add(db: AsyncSession, operator: Operator, title: str, text: str, now: datetime) -> None:
    """Adds one. Raises `NotAllowed`, `TextRefused` for an empty or too long title or text."""
    operator.require(Right.CONVERSATIONS)
    if not 0 < len(title) <= TITLE_LENGTH:
        raise TextRefused(TITLE_LENGTH)
    if not 0 < len(text) <= ANSWER_LENGTH:
        raise TextRefused(ANSWER_LENGTH)
    row = {"title": title, "text": text, "by": operator.name, "at": now}
    added = await db.scalar(insert(_ROW).values(row).returning(_ROW.id))
    after = {"title": title}
    await audit.record(
        db, operator.name, "ready_answer.add", SubjectKind.CONTENT, str(added), now, after=after
    )


async def set_removed(
    db: AsyncSession, operator: Operator, number: int, now: datetime, *, removed: bool
) -> bool:
    """Takes one out of the list, or puts it back; False if it was so already."""
    operator.require(Right.CONVERSATIONS)
    stands = _ROW.removed_at.is_(None) if removed else _ROW.removed_at.is_not(None)
    change = (
        update(_ROW).where(_ROW.id == number, stands).values(removed_at=now if removed else None)
    )
    if await db.scalar(change.returning(_ROW.id)) is None:
        return False
    verb = "remove" if removed else "undo"
    subject = SubjectKind.CONTENT
    await audit.record(db, operator.name, f"ready_answer.{verb}", subject, str(number), now)
    return True


@lru_cache(maxsize=1)
def _bundled() -> tuple[ReadyAnswer, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = enumerate(csv.DictReader(file), 1)
        return tuple(ReadyAnswer(f"b{n}", row["title"], row["text"]) for n, row in rows)
