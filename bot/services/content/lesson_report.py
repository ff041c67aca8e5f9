"""Results of lessons for operators: how many began and finished, and which questions are missed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services import bounded
from bot.services.content import markdown
from bot.services.content.catalogue import ContentKind
from bot.services.content.lessons import lesson_of
from bot.services.kept_counts import KeptCounts
from bot.services.storage import Database
from bot.store.models.content import ContentRow, LessonAnswersRow, LessonProgressRow

MOST: Final = 3
"""Questions of each lesson that are named."""
_KEPT: Final = KeptCounts[dict[str, tuple[int, int]]](timedelta(minutes=10))


@value
class MissedQuestion:
    """`number` counts from 1; `prompt` is empty where the lesson is gone or shorter now."""

    number: int
    prompt: str
    answered: int
    missed: int


@value
class LessonResult:
    """Of the couriers whose data are stored; answers count those of all couriers ever."""

    code: str
    title: str
    started: int
    finished: int
    missed: tuple[MissedQuestion, ...]


@value
class LessonCounts:
    """By lesson how many began and finished it, as of `at`, None: not counted yet.

    `is_due`: somebody should `count_again`.
    """

    at: datetime | None
    by_lesson: Mapping[str, tuple[int, int]]
    is_due: bool = False


async def look(store: Database, now: datetime) -> LessonCounts:
    """The counts, of many couriers those that are kept."""
    async with store.reading() as db:
        if await bounded.count(db, LessonProgressRow) <= bounded.COUNTED:
            return LessonCounts(now, await begun_and_finished(db))
    kept = _KEPT.look(store, "", now)
    if kept is None:
        return LessonCounts(None, {}, is_due=True)
    return LessonCounts(kept.at, kept.value, kept.is_due)


async def count_again(store: Database, now: datetime) -> None:
    """Counts many couriers and keeps that, unless somebody is at it."""
    await _KEPT.renew(store, "", now, begun_and_finished)


async def begun_and_finished(db: AsyncSession) -> dict[str, tuple[int, int]]:
    """By lesson how many began and finished it."""
    counted = select(
        LessonProgressRow.lesson, func.count(), func.count(LessonProgressRow.finished_at)
    ).group_by(LessonProgressRow.lesson)
    return {code: (begun, done) for code, begun, done in await db.execute(counted)}


async def lesson_results(
    db: AsyncSession, counts: Mapping[str, tuple[int, int]]
) -> list[LessonResult]:
    """Each lesson that was begun, in order of its code; most often missed questions first.

    `counts`: by lesson how many began and finished it.
    """
    answers: dict[str, list[LessonAnswersRow]] = {}
    for row in await db.scalars(select(LessonAnswersRow)):
        answers.setdefault(row.lesson, []).append(row)
    rows = await db.scalars(select(ContentRow).where(ContentRow.kind == ContentKind.LESSON))
    lessons = {row.code: row for row in rows}
    results = []
    for code in sorted(counts.keys() | answers.keys()):
        begun, done = counts.get(code, (0, 0))
        lesson = lessons.get(code)
        prompts = (
            [markdown.plain(one.prompt) for one in lesson_of(lesson.text).questions]
            if lesson
            else []
        )
        worst = sorted(
            (one for one in answers.get(code, []) if one.missed),
            key=lambda one: (-one.missed / one.answered, one.question),
        )
        missed = tuple(
            MissedQuestion(
                one.question + 1,
                prompts[one.question] if one.question < len(prompts) else "",
                one.answered,
                one.missed,
            )
            for one in worst[:MOST]
        )
        results.append(LessonResult(code, lesson.title if lesson else "", begun, done, missed))
    return results
