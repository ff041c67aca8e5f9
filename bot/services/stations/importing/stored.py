"""The stations of the database as a list would describe them: to compare with, and to export."""

from collections.abc import AsyncIterator, Collection
from functools import lru_cache

from sqlalchemy import and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.datum import Datum
from bot.geo.point import Point
from bot.services.stations.importing.cells import in_order
from bot.services.stations.importing.columns import FIELDS, as_in_file
from bot.services.stations.importing.reading.dated import DatedHours, by_date
from bot.services.stations.importing.rows import StationEntry, cells_of
from bot.services.stations.merging.redirects import MERGED
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow


@value
class Stored:
    """A station of the database as a file would describe it."""

    id: int
    entry: StationEntry
    point: Point


async def export(db: AsyncSession) -> list[tuple[str, ...]]:
    """All stations as rows that import back unchanged, the headings first.

    Coordinates are those of the original list, each with its datum.
    """
    rows = [tuple(field.headings[0] for field in FIELDS)]
    return rows + [
        tuple(as_in_file(text, name) for name, text in cells_of(one.entry).items())
        async for one in stored(db)
    ]


async def stored(
    db: AsyncSession, codes: Collection[str] | None = None, *, merged: bool = False
) -> AsyncIterator[Stored]:
    """Every station in the order of its id, read in pieces; with `codes`, those only.

    `merged`: those too that were merged into others.
    """
    text = func.aggregate_strings(FacilityRow.code + "=" + FacilityRow.state, ";")
    lists = select(FacilityRow.station_id, text).group_by(FacilityRow.station_id)
    chosen = and_(
        true() if codes is None else StationRow.code.in_(codes),
        true() if merged else StationRow.id.not_in(MERGED),
    )
    ids = select(StationRow.id).where(chosen)
    if codes is not None:
        lists = lists.where(FacilityRow.station_id.in_(ids))
    facilities = {row[0]: _facilities(row[1]) for row in await db.execute(lists)}
    changes: dict[int, list[DatedHours]] = {}
    dated = select(
        StationChangeRow.station_id,
        StationChangeRow.first,
        StationChangeRow.last,
        StationChangeRow.hours,
        StationChangeRow.reason,
    )
    if codes is not None:
        dated = dated.where(StationChangeRow.station_id.in_(ids))
    for one in await db.execute(dated):
        change = DatedHours(one.first, one.last, one.hours, one.reason)
        changes.setdefault(one.station_id, []).append(change)
    held = {field.name: getattr(StationRow, field.column) for field in FIELDS if field.column}
    columns = [StationRow.id, StationRow.lat, StationRow.lon, *held.values()]
    rows = await db.stream(
        select(*columns).where(chosen).order_by(StationRow.id).execution_options(yield_per=1000)
    )
    async for row in rows:
        station_id, lat, lon, *cells = row
        values = dict(zip(held, cells, strict=True))
        values |= {
            "datum": Datum(values["datum"]),
            "status": StationStatus(values["status"]),
            "facilities": facilities.get(station_id, ()),
            "changes": by_date(changes.get(station_id, [])),
        }
        yield Stored(station_id, StationEntry(**values), Point(lat, lon))


@lru_cache(maxsize=1 << 14)
def _facilities(text: str) -> tuple[tuple[str, FacilityStatus], ...]:
    pairs = (item.partition("=") for item in text.split(";"))
    return in_order({code: FacilityStatus(state) for code, _, state in pairs})
