"""The column of services in station lists, and the search by service."""

import pytest
from sqlalchemy import select

from bot.common.facilities import SERVICES
from bot.geo.datum import Datum
from bot.services.spreadsheets import reader
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.columns import LIST_COLUMNS, PROSE
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.plan import Plan, plan_import
from bot.store.engine import Store
from bot.store.models.stations import FacilityRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import LIST, TODAY


async def planned(store: Store, text: str) -> Plan:
    table = reader.read(text.encode(), LIST_COLUMNS, prose=PROSE)
    async with store.reading() as db:
        return await plan_import(db, table, Datum.WGS84, TODAY)


async def applied(store: Store, text: str, clock: ManualClock) -> None:
    plan = await planned(store, text)
    assert plan.problems == ()
    async with store.writing() as db:
        await apply(db, plan, clock(), allow_removals=True)


HEAD = "编号,名称,经度,纬度,坐标系,服务设施,业务\n"


def listed(facilities: str, services: str) -> str:
    return f"{HEAD}B1,新城支行,111.67,40.83,wgs84,{facilities},{services}\n"


async def has(store: Store, code: str) -> set[str]:
    async with store.reading() as db:
        found = (
            select(FacilityRow.code)
            .join(StationRow, StationRow.id == FacilityRow.station_id)
            .where(StationRow.code == code)
        )
        return set(await db.scalars(found))


async def test_services_stand_beside_facilities(store: Store, clock: ManualClock) -> None:
    await applied(store, listed("water;bank", "工资卡、贷款、企业融资"), clock)
    assert await has(store, "B1") == {"water", "bank", "payroll", "loan", "financing"}


async def test_a_cell_of_services_names_all_of_them(store: Store, clock: ManualClock) -> None:
    await applied(store, listed("water", "工资卡;贷款"), clock)
    await applied(store, listed("water", "信用卡分期"), clock)
    assert await has(store, "B1") == {"water", "instalment"}


async def test_a_list_with_services_only_leaves_facilities_alone(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, listed("water;bank", ""), clock)
    await applied(store, "编号,业务\nB1,存款、保险\n", clock)
    assert await has(store, "B1") == {"water", "bank", "saving", "insurance"}


@pytest.mark.parametrize("wrong", ["算命", "热水", "贷款=很多"])
async def test_what_is_no_service_is_named_and_nothing_is_written(
    store: Store, clock: ManualClock, wrong: str
) -> None:
    plan = await planned(store, listed("water", wrong))
    assert {one.code for one in plan.problems} == {StationFault.FACILITY}
    assert {one.column for one in plan.problems} == {"业务"}


async def test_lists_without_the_column_say_nothing_of_services(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    assert not await has(store, "A1") & set(SERVICES)
