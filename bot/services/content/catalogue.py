"""Content as couriers get it: in their language, while it is valid, samples in the demo only."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.store.models.content import ContentRow

CHINESE: Final = "zh_CN"


class ContentKind(StrEnum):
    """What a piece of content is; the values are stored."""

    ARTICLE = "article"
    LESSON = "lesson"
    TOPIC = "topic"
    """A subject that couriers ask about, such as a service of the bank."""
    WARNING = "warning"


@value
class Item:
    """A piece of content in one language.

    `text` is Markdown (`markdown.blocks_of`), of a lesson its cards and questions
    (`lessons.lesson_of`). `locale`: that of the text, Chinese where there is no other. `overdue`:
    its review date is over, which whoever shows it says. `minutes`: how long a lesson takes.
    """

    id: int
    code: str
    kind: ContentKind
    locale: str
    title: str
    text: str
    picture: str
    source: str
    league: str
    tags: tuple[str, ...]
    minutes: int
    series: str
    series_title: str
    is_sample: bool
    overdue: bool


async def find(
    db: AsyncSession,
    kind: ContentKind,
    language: str,
    league: str,
    now: datetime,
    *,
    demo: bool = False,
) -> list[Item]:
    """What is served of a kind, in the operators' order.

    `language`: a locale such as `en`. `league`: the courier's adcode; what is meant for another
    league is left out, for "" only what is meant for all is found. `demo`: samples, too.
    """
    wanted = (ContentRow.kind == kind, ContentRow.league.in_({"", league}))
    return await _served(db, wanted, language, now, demo=demo)


async def by_code(
    db: AsyncSession, code: str, language: str, now: datetime, *, demo: bool = False
) -> Item | None:
    """The piece of content with that code, None where none is served."""
    found = await _served(db, (ContentRow.code == code,), language, now, demo=demo)
    return found[0] if found else None


async def titles(db: AsyncSession, codes: Sequence[str], language: str) -> dict[str, str]:
    """The titles of pieces of content by code, expired ones too; those that are gone left out."""
    rows = await db.scalars(select(ContentRow).where(ContentRow.code.in_(codes)))
    return {row.code: in_language(row.title, row.title_en, language) for row in rows}


async def _served(
    db: AsyncSession,
    wanted: Sequence[ColumnElement[bool]],
    language: str,
    now: datetime,
    *,
    demo: bool,
) -> list[Item]:
    today = now.astimezone(CHINA).date()
    rows = select(ContentRow).where(
        *wanted,
        or_(ContentRow.valid_from.is_(None), ContentRow.valid_from <= today),
        or_(ContentRow.valid_until.is_(None), ContentRow.valid_until >= today),
    )
    if not demo:
        rows = rows.where(ContentRow.is_sample.is_(False))
    ordered = rows.order_by(ContentRow.position, ContentRow.code)
    return [item_of(row, language, today) for row in await db.scalars(ordered)]


def item_of(row: ContentRow, language: str, today: date) -> Item:
    """A stored row in one language."""
    translated = bool(row.text_en) and not is_chinese(language)
    return Item(
        id=row.id,
        code=row.code,
        kind=ContentKind(row.kind),
        locale="en" if translated else CHINESE,
        title=in_language(row.title, row.title_en, language),
        text=row.text_en if translated else row.text,
        picture=row.picture,
        source=row.source,
        league=row.league,
        tags=tuple(tag for tag in row.tags.split(",") if tag),
        minutes=row.minutes,
        series=row.series,
        series_title=in_language(row.series, row.series_en, language),
        is_sample=row.is_sample,
        overdue=row.review_on is not None and row.review_on < today,
    )


def in_language(chinese: str, english: str, language: str) -> str:
    """The text in the language, in Chinese where there is no other."""
    return chinese if is_chinese(language) else english or chinese


def is_chinese(language: str) -> bool:
    """Whether a locale is one of Chinese."""
    return language.replace("-", "_").split("_")[0] == "zh"
