"""Column types that mean the same on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

Id = BigInteger().with_variant(Integer, "sqlite")
"""A growing identifier; SQLite grows only plain INTEGER keys."""
NAIVE = "a moment needs its time zone"
WITHOUT_ZONE = len("2026-01-31 23:59:59.000000")
_last: tuple[datetime | None, str] = (None, "")
"""The moment that was written last, and its text."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. Raises `ValueError` for a naive one: it has no meaning."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object] | None:
        """As SQLAlchemy's; the text that SQLite keeps is made in one go, for each turn makes it."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """As SQLAlchemy's, in one step for SQLite."""
        if dialect.name == "sqlite":
            return _from_text
        return super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(NAIVE)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC; PostgreSQL gives aware ones."""
        return None if value is None else value.astimezone(UTC)


def _as_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    global _last  # noqa: PLW0603 - one turn writes one moment several times
    known, text = _last
    if known is not moment:
        if moment.tzinfo is None:
            raise ValueError(NAIVE)
        text = moment.astimezone(UTC).isoformat(" ", "microseconds")[:WITHOUT_ZONE]
        _last = moment, text
    return text


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
