"""An import is applied whole or not at all, also beside another one."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import func, select

from bot.services.dataset_version import Dataset, dataset_version, raise_version
from bot.services.demo import stations as demo_stations
from bot.services.demo.stations import has_demo, remove_demo, seed_demo
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.stations.errors import StationsChanged
from bot.services.stations.importing.apply import apply
from bot.services.stations.statuses import StationStatus
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import (
    LIST,
    applied,
    count,
    planned,
    version,
)


async def test_a_plan_is_good_for_the_stations_it_was_made_for(
    store: Store, clock: ManualClock
) -> None:
    plan = await planned(store, LIST)
    other = "code,name,lng,lat\nC1,其他驿站,112,41\n"
    await applied(store, other, clock)
    with pytest.raises(StationsChanged):
        async with store.writing() as db:
            await apply(db, plan, clock())
    assert await count(store) == 1


async def test_of_two_imports_at_once_one_is_told_to_try_again(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, "code,name,lng,lat\nC1,其他驿站,112,41\n", clock)
    plan = await planned(store, LIST)

    async def attempt() -> bool:
        try:
            async with store.writing() as db:
                await apply(db, plan, clock())
        except StationsChanged:
            return False
        return True

    assert sorted(await asyncio.gather(attempt(), attempt())) == [False, True]
    assert (await count(store), await version(store)) == (4, 2)


async def test_one_bad_row_and_nothing_is_written(file: Store, clock: ManualClock) -> None:
    plan = await planned(file, LIST.replace("111.7000,40.8000", "40.8000,111.7000"))
    assert [(one.row, one.value, one.code) for one in plan.problems] == [
        (3, "40.8,111.7", "swapped")
    ]
    assert len(plan.new) == 2
    async with file.writing() as db:
        with pytest.raises(PlanRefused):
            await apply(db, plan, clock())
    assert await count(file) == 0


async def test_what_fails_midway_leaves_nothing_behind(store: Store, clock: ManualClock) -> None:
    plan = await planned(store, LIST)
    first, *rest = plan.new
    unknown = cast(StationStatus, "?")
    torn = replace(plan, new=(*rest, replace(first, entry=replace(first.entry, status=unknown))))
    with pytest.raises(Exception, match=r"ck_station_status|CHECK constraint"):
        async with store.writing() as db:
            await apply(db, torn, clock())
    assert (await count(store), await version(store)) == (0, 0)


async def test_demo_stations_are_imported_like_others_and_removed_again(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    for _ in range(2):
        async with store.writing() as db:
            await seed_demo(db, clock())
        assert await version(store) == 2
    async with store.reading() as db:
        assert await has_demo(db)
        demo = select(func.count()).select_from(StationRow).where(StationRow.is_demo.is_(True))
        held = await db.scalar(demo) or 0
        assert held == await count(store) - 3
        unmarked = ~StationRow.name.contains("示例") & StationRow.is_demo.is_(True)
        assert (await db.scalars(select(StationRow.name).where(unmarked))).all() == []
    plan = await planned(store, LIST)
    assert (plan.unchanged, plan.missing) == (3, ())
    async with store.writing() as db:
        assert await remove_demo(db) == held
        assert await remove_demo(db) == 0
    assert (await count(store), await version(store)) == (3, 3)
    async with store.reading() as db:
        assert not await has_demo(db)


async def test_demo_stations_are_brought_in_again_where_their_file_changed_or_they_were_removed(
    store: Store, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def seeded() -> int:
        async with store.writing() as db:
            await seed_demo(db, clock())
        return await version(store)

    assert await seeded() == 1
    newer = tmp_path / "demo_stations.csv"
    newer.write_text(demo_stations.FILE.read_text().replace("示例·", "示例新·", 1))
    monkeypatch.setattr(demo_stations, "FILE", newer)
    assert [await seeded(), await seeded()] == [2, 2]
    held = await count(store)
    async with store.writing() as db:
        await remove_demo(db)
    assert (await seeded(), await count(store)) == (4, held)


async def test_two_first_lists_at_once_count_as_two(store: Store) -> None:
    async def other() -> None:
        async with store.writing() as db:
            await raise_version(db, Dataset.STATIONS)

    async with store.writing() as db:
        await raise_version(db, Dataset.STATIONS)
        waiting = asyncio.create_task(other())
        await asyncio.sleep(0.2)  # time to find the table as empty as it still looks from outside
    await waiting
    async with store.reading() as db:
        assert await dataset_version(db, Dataset.STATIONS) == 2
