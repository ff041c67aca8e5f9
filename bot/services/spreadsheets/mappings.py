"""The answers about headings that are kept, so that the next list of a source needs none."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.spreadsheets.tables import Answers, Sheet
from bot.store.models.administration.lists import ListMappingRow

LONGEST: Final = 200
"""Characters of a heading that is kept."""


class ListKind(StrEnum):
    """Whose headings they are."""

    STATIONS = "stations"
    CARDS = "cards"
    TRAININGS = "trainings"
    HOLIDAYS = "holidays"
    HONOURS = "honours"


async def remembered(db: AsyncSession, kind: ListKind) -> dict[str, Answers]:
    """All answers about lists of that kind, by the fingerprint of their headings."""
    found: dict[str, dict[str, str | None]] = {}
    query = select(ListMappingRow.fingerprint, ListMappingRow.heading, ListMappingRow.field)
    for source, heading, field in await db.execute(query.where(ListMappingRow.kind == kind)):
        found.setdefault(source, {})[heading] = field
    return dict(found)


async def remember(
    db: AsyncSession, kind: ListKind, sheets: Iterable[Sheet], now: datetime
) -> None:
    """Keeps the answers that decided columns of these sheets, in place of older ones."""
    answers = {one.fingerprint: one.answers for one in sheets if one.answers}
    for source, given in answers.items():
        await forget(db, kind, [source])
        rows = [
            {
                "kind": kind.value,
                "fingerprint": source,
                "heading": heading,
                "field": field,
                "at": now,
            }
            for heading, field in given.items()
            if len(heading) <= LONGEST
        ]
        if rows:
            await db.execute(insert(ListMappingRow), rows)


async def forget(db: AsyncSession, kind: ListKind, fingerprints: Iterable[str]) -> None:
    """Drops the answers about lists with these headings."""
    await db.execute(
        delete(ListMappingRow).where(
            ListMappingRow.kind == kind, ListMappingRow.fingerprint.in_(list(fingerprints))
        )
    )
