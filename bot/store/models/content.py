"""Tables: content that operators supply, its pictures, and lessons that couriers take."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Id, Instant


class ContentRow(Table):
    """An article, lesson, topic or warning in Chinese and, if there is one, in English.

    Texts are Markdown as `bot.services.content.markdown` takes it; `picture` and the pictures
    in a text are names of `content_picture`. `valid_from` and `valid_until` are the first and
    the last day on which it is served, in China; from `review_on` on it is overdue for review.
    `league`: the adcode of the only league that it is meant for, empty: all. `series`: what
    lessons make a certificate together. `tags`: comma-separated words for whoever looks it up.
    """

    __tablename__ = "content"
    __table_args__ = (
        Index("ix_content_kind", "kind", "position"),
        Index("ix_content_review_on", "review_on"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    title: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    picture: Mapped[str] = mapped_column(String(40), default="")
    source: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    review_on: Mapped[date | None]
    league: Mapped[str] = mapped_column(String(12), default="")
    tags: Mapped[str] = mapped_column(String(200), default="")
    minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    series: Mapped[str] = mapped_column(String(60), default="")
    series_en: Mapped[str] = mapped_column(String(120), default="")
    is_sample: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ContentPictureRow(Table):
    """A picture as it is served: encoded by us, without metadata. `name` is made of its hash."""

    __tablename__ = "content_picture"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(16))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(Instant)


class LessonProgressRow(Table):
    """How far a courier came in a lesson, by its code.

    `shown`: the cards that were shown; `answered`: the questions that were answered, `missed` of
    them wrong. `finished_at`: every question was answered; that is the stamp.
    """

    __tablename__ = "lesson_progress"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    lesson: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
    shown: Mapped[int] = mapped_column(SmallInteger, default=0)
    answered: Mapped[int] = mapped_column(SmallInteger, default=0)
    missed: Mapped[int] = mapped_column(SmallInteger, default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class LessonAnswersRow(Table):
    """How often a question of a lesson was answered, and how often wrong: counts, no couriers."""

    __tablename__ = "lesson_answers"

    lesson: Mapped[str] = mapped_column(String(32), primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    answered: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
