"""Stations are read once for each version of the data, whether asked for by id or by code."""

from sqlalchemy import select, update

from bot.hours.calendar import Holidays
from bot.services.dataset_version import Dataset, raise_version
from bot.services.stations import catalogue
from bot.services.stations.results import Travel
from bot.services.stations.search import StationSearch
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.stations import create_stations


async def names(store: Store, search: StationSearch, station_id: int, code: str) -> set[str]:
    """What the station is called by its code and by its id."""
    async with store.reading() as db:
        by_code = await catalogue.by_code(db, code, search.described)
        by_id = await catalogue.describe(db, [station_id], search.described)
    assert by_code is by_id[station_id]
    return {by_code.name}


async def test_a_station_is_read_again_when_the_stations_have_changed(
    file: Store, clock: ManualClock
) -> None:
    await create_stations(file, clock)
    search = StationSearch(file, Travel(1.3, 18), Holidays({}), clock, demo=False)
    await search.refresh()
    async with file.reading() as db:
        row = (await db.scalars(select(StationRow).order_by(StationRow.id))).first()
        assert row is not None
        assert await catalogue.by_code(db, "nowhere", search.described) is None
        assert await catalogue.by_code(db, "", search.described) is None
    assert await names(file, search, row.id, row.code) == {row.name}
    async with file.writing() as db:
        await db.execute(update(StationRow).where(StationRow.id == row.id).values(name="新名"))
    assert await names(file, search, row.id, row.code) == {row.name}  # nobody said that it changed
    async with file.writing() as db:
        await raise_version(db, Dataset.STATIONS)
    await search.refresh()
    assert await names(file, search, row.id, row.code) == {"新名"}
