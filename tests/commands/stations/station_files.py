"""How tests import a list of stations from the command line and look at what came of it."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from bot.commands.stations.importing import run_import
from bot.store.engine import Store
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow
from tests.commands.stations.test_import import arguments, say

LISTS: Final = Path(__file__).parents[2] / "data" / "lists"


async def imported(store: Store, path: Path, *words: str, datum: str = "gcj02") -> int:
    """The exit code of an import; `words` are further options."""
    return await run_import(arguments("import", path, "--datum", datum, *words), store, say)


async def stations(store: Store) -> dict[str, StationRow]:
    """All stations by code."""
    async with store.reading() as db:
        found = await db.scalars(select(StationRow).order_by(StationRow.code))
        return {one.code: one for one in found}


async def column(store: Store, name: str) -> dict[str, Any]:
    """One column of all stations by code."""
    return {code: getattr(row, name) for code, row in (await stations(store)).items()}


async def facilities(store: Store, code: str) -> dict[str, str]:
    """The facilities of a station with their states."""
    query = (
        select(FacilityRow.code, FacilityRow.state)
        .join(StationRow, StationRow.id == FacilityRow.station_id)
        .where(StationRow.code == code)
    )
    async with store.reading() as db:
        return {one.code: one.state for one in await db.execute(query)}


async def changes(store: Store) -> list[StationChangeRow]:
    """All dated exceptions."""
    async with store.reading() as db:
        return list(await db.scalars(select(StationChangeRow).order_by(StationChangeRow.first)))
