"""Stations of two leagues for the console's tests."""

from datetime import date

from bot.common.clock import Clock
from bot.services.dataset_version import Dataset, raise_version
from bot.store.engine import Store
from bot.store.models.stations import FacilityRow, StationRow

HOHHOT = "150100"
BAOTOU = "150200"
XSS = "<script>alert(1)</script><b>\"'{{7*7}}"


async def add_stations(store: Store, clock: Clock) -> None:
    """`H1` and `H2` in Hohhot, `B1` in Baotou, `X1` in no known league."""
    rows = [
        _row("H1", "新城区爱心驿站", "150102", clock, verified_at=date(2026, 11, 1)),
        _row("H2", "赛罕区爱心驿站", "", clock, league="呼和浩特市", hours=None),
        _row("B1", "昆都仑区爱心驿站", "150203", clock, status="paused"),
        _row("X1", "不知在哪", "", clock),
    ]
    async with store.writing() as db:
        db.add_all(rows)
        await db.flush()
        db.add(FacilityRow(station_id=rows[0].id, code="water", state="broken"))
        db.add(FacilityRow(station_id=rows[2].id, code="water", state="ok"))


async def add_hostile_station(store: Store, clock: Clock) -> None:
    """`E1`, whose every text is markup."""
    row = _row("E1", XSS, "150102", clock)
    row.address = row.door = row.owner = row.phone = XSS[:40]
    row.entry = row.toilet = row.banner = row.parking = XSS[:40]
    async with store.writing() as db:
        db.add(row)


async def add_far_station(store: Store, clock: Clock) -> None:
    """`F1` in Hohhot's league, 90 km away from the others."""
    row = _row("F1", "远处的驿站", "150104", clock)
    row.lat, row.lon = 40.2, 111.2
    async with store.writing() as db:
        db.add(row)


async def add_duplicate(
    store: Store, clock: Clock, code: str = "H9", adcode: str = "150102"
) -> None:
    """The same station as `H1` in another list: 30 m away, with a phone and other hours."""
    row = _row(code, "爱心驿站（新城区）", adcode, clock, hours="Mo-Su 08:00-20:00")
    row.lat = row.raw_lat = 40.8 + 30 / 111_050
    row.phone, row.address = "0471-12351", "新华大街甲1号"
    async with store.writing() as db:
        db.add(row)
        await raise_version(db, Dataset.STATIONS)


async def add_odd_station(store: Store, clock: Clock) -> None:
    """`O1`, whose name has a character that no font of ours has."""
    async with store.writing() as db:
        db.add(_row("O1", "🦄驿站", "150102", clock))


def _row(
    code: str,
    name: str,
    adcode: str,
    clock: Clock,
    *,
    league: str = "",
    hours: str | None = "Mo-Fr 09:00-17:00",
    status: str = "open",
    verified_at: date | None = None,
) -> StationRow:
    place = {"raw_lat": 40.8, "raw_lon": 111.7, "lat": 40.8, "lon": 111.7, "datum": "wgs84"}
    return StationRow(
        code=code,
        name=name,
        adcode=adcode,
        league=league,
        hours=hours,
        status=status,
        verified_at=verified_at,
        address="新华大街1号",
        updated_at=clock(),
        **place,
    )
