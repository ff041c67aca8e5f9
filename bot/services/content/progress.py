"""How far couriers came in lessons: on any channel, between two orders, pressed twice or late.

The steps of a lesson are its cards and then its questions, counted from 0. A step is open once the
one before it was shown or answered; whoever presses an old button sees its step again, and nothing
is counted twice. The courier's row is locked by the turn, so that two presses wait for each other.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.content.catalogue import ContentKind
from bot.services.content.lessons import Lesson
from bot.store.models.content import ContentRow, LessonAnswersRow, LessonProgressRow
from bot.store.upsert import upsert


@value
class Progress:
    """How far a courier came: cards shown, questions answered, and how many of them wrong."""

    lesson: str
    shown: int = 0
    answered: int = 0
    missed: int = 0
    finished_at: datetime | None = None

    @property
    def begun(self) -> bool:
        """Whether any of it was seen, and not yet all of it."""
        return self.finished_at is None and self.shown > 0

    def next_step(self, lesson: Lesson) -> int:
        """The step to go on with; the number of steps once the lesson is finished."""
        cards, questions = len(lesson.cards), len(lesson.questions)
        if self.finished_at is not None:
            return cards + questions
        if self.shown < cards:
            return max(self.shown - 1, 0)  # the card that was last seen, to find one's place
        return cards + min(self.answered, questions - 1)

    def share_left(self, lesson: Lesson) -> float:
        """What part of the lesson is still to come, from 0 to 1."""
        steps = len(lesson.cards) + len(lesson.questions)
        return 1 - self.next_step(lesson) / steps


@value
class Answered:
    """What an answer led to. `first`: it counted; `finished`: it was the last one, just now."""

    progress: Progress
    first: bool
    finished: bool


@value
class LessonStamp:
    """A finished lesson in the book of stamps; `title` is the code where the lesson is gone."""

    code: str
    title: str
    minutes: int
    at: datetime


@value
class FinishedSeries:
    """A series of which every lesson was finished, the last at `at`; `codes`: its lessons."""

    series: str
    codes: tuple[str, ...]
    minutes: int
    at: datetime


async def progress_of(db: AsyncSession, courier_id: int) -> dict[str, Progress]:
    """The courier's progress by the code of the lesson, the latest first."""
    rows = select(LessonProgressRow).where(LessonProgressRow.courier_id == courier_id)
    ordered = rows.order_by(LessonProgressRow.at.desc())
    found = await db.scalars(ordered.execution_options(populate_existing=True))
    return {row.lesson: _progress(row) for row in found}


async def show_card(
    db: AsyncSession, courier_id: int, code: str, card: int, now: datetime
) -> Progress:
    """Notes that a card was shown, if it is open; the progress then.

    A card that is not open yet, as from a forged button, changes nothing.
    """
    row = upsert(db, LessonProgressRow).values(
        courier_id=courier_id, lesson=code, shown=0, answered=0, missed=0, started_at=now, at=now
    )
    await db.execute(row.on_conflict_do_nothing())
    mine = _own(courier_id, code)
    changed = update(LessonProgressRow).where(*mine, LessonProgressRow.shown >= card)
    furthest = func.greatest if db.get_bind().dialect.name == "postgresql" else func.max
    values = {"shown": furthest(LessonProgressRow.shown, card + 1), "at": now}
    await db.execute(changed.values(values))
    return await _read(db, courier_id, code)


async def answer(
    db: AsyncSession,
    courier_id: int,
    code: str,
    lesson: Lesson,
    question: int,
    option: int,
    now: datetime,
) -> Answered | None:
    """Counts the first answer to the question that is open.

    An answer to an earlier question counts no more; None for one that is not open yet.
    """
    before = (await progress_of(db, courier_id)).get(code, Progress(code))
    if before.shown < len(lesson.cards) or question > before.answered:
        return None
    last = question + 1 == len(lesson.questions)
    # A lesson may have become shorter since: its last question then finishes it all the same.
    if before.finished_at is not None or (question < before.answered and not last):
        return Answered(before, first=False, finished=False)
    wrong = int(option != lesson.questions[question].right)
    changed = update(LessonProgressRow).where(
        *_own(courier_id, code), LessonProgressRow.answered >= question
    )
    await db.execute(
        changed.values(
            answered=question + 1,
            missed=LessonProgressRow.missed + wrong,
            at=now,
            finished_at=now if last else None,
        )
    )
    counted = upsert(db, LessonAnswersRow).values(
        lesson=code, question=question, answered=1, missed=wrong
    )
    key = [LessonAnswersRow.lesson, LessonAnswersRow.question]
    more = {
        "answered": LessonAnswersRow.answered + 1,
        "missed": LessonAnswersRow.missed + wrong,
    }
    await db.execute(counted.on_conflict_do_update(index_elements=key, set_=more))
    return Answered(await _read(db, courier_id, code), first=True, finished=last)


async def stamps(db: AsyncSession, courier_id: int) -> list[LessonStamp]:
    """The finished lessons, the oldest first; their titles are Chinese."""
    rows = (
        select(
            LessonProgressRow.lesson,
            LessonProgressRow.finished_at,
            ContentRow.title,
            ContentRow.minutes,
        )
        .outerjoin(ContentRow, ContentRow.code == LessonProgressRow.lesson)
        .where(LessonProgressRow.courier_id == courier_id)
        .where(LessonProgressRow.finished_at.is_not(None))
        .order_by(LessonProgressRow.finished_at, LessonProgressRow.lesson)
    )
    return [
        LessonStamp(row.lesson, row.title or row.lesson, row.minutes or 0, row.finished_at)
        for row in await db.execute(rows)
    ]


async def finished_series(
    db: AsyncSession, courier_id: int, *, demo: bool = False
) -> list[FinishedSeries]:
    """Every series whose lessons the courier has all finished, in order of its name."""
    rows = (
        select(
            ContentRow.series, ContentRow.code, ContentRow.minutes, LessonProgressRow.finished_at
        )
        .outerjoin(
            LessonProgressRow,
            (LessonProgressRow.lesson == ContentRow.code)
            & (LessonProgressRow.courier_id == courier_id),
        )
        .where(ContentRow.kind == ContentKind.LESSON, ContentRow.series != "")
    )
    if not demo:
        rows = rows.where(ContentRow.is_sample.is_(False))
    found: dict[str, list[tuple[str, int, datetime | None]]] = {}
    ordered = rows.order_by(ContentRow.series, ContentRow.code)
    for series, code, minutes, at in await db.execute(ordered):
        found.setdefault(series, []).append((code, minutes, at))
    done: list[FinishedSeries] = []
    for series, lessons in found.items():
        codes = tuple(code for code, _, _ in lessons)
        moments = [at for _, _, at in lessons if at is not None]
        if len(moments) == len(lessons):
            whole = sum(minutes for _, minutes, _ in lessons)
            done.append(FinishedSeries(series, codes, whole, max(moments)))
    return done


async def join(db: AsyncSession, old: int, into: int, _now: datetime) -> None:
    """Before courier `old` is merged into `into`: of two progresses in one lesson the further
    stays.
    """
    mine, theirs = await progress_of(db, into), await progress_of(db, old)
    for code in sorted(mine.keys() & theirs.keys()):
        weaker = into if _furthest(theirs[code]) > _furthest(mine[code]) else old
        await db.execute(delete(LessonProgressRow).where(*_own(weaker, code)))


def _furthest(one: Progress) -> tuple[bool, int, int]:
    return one.finished_at is not None, one.answered, one.shown


def _own(courier_id: int, code: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (LessonProgressRow.courier_id == courier_id, LessonProgressRow.lesson == code)


async def _read(db: AsyncSession, courier_id: int, code: str) -> Progress:
    return (await progress_of(db, courier_id))[code]


def _progress(row: LessonProgressRow) -> Progress:
    return Progress(row.lesson, row.shown, row.answered, row.missed, row.finished_at)


NOTHING: Final = Progress("")
"""Of a lesson that was not begun."""
