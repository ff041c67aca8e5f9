"""Where the codes and ids of merged stations lead to. A merge is one step: none leads to another.

What was printed or sent before a merge (posters, links, buttons) keeps working this way.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.common.values import value
from bot.services.errors import DomainError
from bot.store.models.merging import StationMergeRow
from bot.store.models.stations import StationRow


@value
class Target:
    """The station into which another one was merged."""

    code: str
    name: str


class StationMerged(DomainError):
    """The station with that code was merged into another one, which is changed instead."""

    def __init__(self, code: str, into: Target) -> None:
        super().__init__(code)
        self.code = code
        self.into = into


MERGED: Final[Select[int]] = select(StationMergeRow.station_id)
"""Ids of the stations that lists and pages leave out, for they are another one now."""
_OLD: Final = aliased(StationRow)


async def successors(db: AsyncSession, ids: Collection[int]) -> dict[int, int]:
    """By id, the station into which each of these was merged; others are no keys."""
    rows = select(StationMergeRow.station_id, StationMergeRow.into_id)
    found = await db.execute(rows.where(StationMergeRow.station_id.in_(ids)))
    return {row.station_id: row.into_id for row in found}


async def targets(db: AsyncSession, ids: Collection[int]) -> set[int]:
    """Those of these stations into which others were merged."""
    held = select(StationMergeRow.into_id).where(StationMergeRow.into_id.in_(ids)).distinct()
    return set(await db.scalars(held)) if ids else set()


async def target_of(db: AsyncSession, code: str) -> Target | None:
    """Where this code leads; None for one that was not merged."""
    found = (await db.execute(_targets().where(_OLD.code == code))).one_or_none()
    return None if found is None else Target(found.code, found.name)


async def merged_codes(db: AsyncSession) -> dict[str, Target]:
    """All codes of merged stations, and where each leads."""
    return {row.old: Target(row.code, row.name) for row in await db.execute(_targets())}


async def refuse_merged(db: AsyncSession, code: str) -> None:
    """Raises `StationMerged` for the code of a station that was merged."""
    into = await target_of(db, code)
    if into is not None:
        raise StationMerged(code, into)


def _targets() -> Select[str, str, str]:
    return (
        select(_OLD.code.label("old"), StationRow.code, StationRow.name)
        .join(StationMergeRow, StationMergeRow.station_id == _OLD.id)
        .join(StationRow, StationRow.id == StationMergeRow.into_id)
    )
