"""What is exported imports back unchanged."""

import asyncio
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.geo.datum import Datum
from bot.hours.weekly import parse
from bot.services.spreadsheets import reader, writer
from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.columns import COLUMNS, PROSE
from bot.services.stations.importing.plan import plan_import
from bot.services.stations.importing.reading.dated import DatedHours
from bot.services.stations.importing.stored import export
from bot.store.engine import Store, open_store
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import (
    LIST,
    TODAY,
    applied,
)

MOMENT = datetime(2026, 11, 23, 10, tzinfo=CHINA)


@pytest.fixture
def spare_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A second database, empty."""
    shutil.copyfile(sqlite_template, tmp_path / "spare.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'spare.db'}"


TEXT = st.text(
    st.sampled_from("=+-@'中文（），·1a 站\"") | st.characters(exclude_categories=["Cs"])
)
HOURS = st.sampled_from(
    [
        "24/7",
        "off",
        "Mo-Fr 09:00-17:00; PH off",
        "Mo-Su 18:00-02:00",
        "Sa,Su 10:00-12:00,13:00-15:30",
    ]
).map(lambda text: str(parse(text)))
CHANGES = st.builds(
    DatedHours,
    first=st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    last=st.dates(date(2026, 7, 1), date(2027, 6, 30)),
    hours=st.none() | HOURS.filter(lambda text: text != "off"),
    reason=st.sampled_from(["", "冬季时间", "国庆（含调休）停业", "装修 2 楼"]),
)
ROWS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    name=TEXT.filter(lambda text: bool(clean(text)))
    .map(lambda text: text[:60])
    .filter(lambda text: bool(clean(text))),
    **{name: TEXT.map(lambda text: text[:20]) for name in ("owner", "address", "door", "toilet")},
    phone=st.sampled_from(["", "+86 471 1", "(0471)1-1", "12351"]),
    raw_lat=st.floats(37.5, 53.0),
    raw_lon=st.floats(97.5, 126.0),
    datum=st.sampled_from(["wgs84", "gcj02", "bd09"]),
    geocoded=st.booleans(),
    hours=st.none() | HOURS,
    star=st.none() | st.integers(1, 5),
    verified_at=st.none() | st.dates(date(2020, 1, 1), TODAY),
    status=st.sampled_from(["open", "paused", "moved", "closed"]),
    is_demo=st.booleans(),
)
FACILITY_ROWS = st.dictionaries(
    st.sampled_from(sorted(FACILITIES)), st.sampled_from(["ok", "broken", "empty", "unconfirmed"])
)


@settings(max_examples=40)
@given(
    stations=st.lists(st.tuples(ROWS, FACILITY_ROWS, st.lists(CHANGES, max_size=2)), max_size=5),
    as_csv=st.booleans(),
)
def test_an_export_imports_back_unchanged(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    stations: list[tuple[dict[str, Any], dict[str, str], list[DatedHours]]],
    as_csv: bool,
) -> None:
    path = tmp_path_factory.mktemp("export") / "bot.db"
    path.write_bytes(sqlite_template.read_bytes())

    async def round_trip() -> None:
        store = await open_store(f"sqlite+aiosqlite:///{path}")
        async with store.writing() as db:
            for number, (row, facilities, changes) in enumerate(stations, 1):
                place = {"lat": row["raw_lat"], "lon": row["raw_lon"]}
                values = {"id": number, "code": f"=C-{number}", **row, **place}
                await db.execute(insert(StationRow).values(**values, updated_at=MOMENT))
                for code, state in facilities.items():
                    has = {"station_id": number, "code": code, "state": state, "note": ""}
                    await db.execute(insert(FacilityRow).values(has))
                for one in changes:
                    dated = {"station_id": number, "first": one.first, "last": one.last}
                    hours = {"hours": one.hours, "reason": one.reason}
                    await db.execute(insert(StationChangeRow).values(**dated, **hours))
        async with store.reading() as db:
            rows = await export(db)
            data = writer.csv_bytes(rows) if as_csv else writer.xlsx_bytes("驿站", rows)
            back = reader.read(data, COLUMNS, prose=PROSE)
            plan = await plan_import(db, back, Datum.BD09, TODAY)
        await store.close()
        assert (plan.problems, plan.warnings, plan.moved) == ((), (), ())
        assert (plan.new, plan.changed, plan.unchanged) == ((), (), len(stations))

    asyncio.run(round_trip())


async def test_an_export_fills_an_empty_database_with_the_same(
    store: Store, spare_url: str, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    async with store.reading() as db:
        rows = await export(db)
    other = await open_store(spare_url)
    plan = await applied(other, writer.csv_bytes(rows).decode("utf-8-sig"), clock)
    assert len(plan.new) == 3
    async with other.reading() as db:
        assert await export(db) == rows
    await other.close()
