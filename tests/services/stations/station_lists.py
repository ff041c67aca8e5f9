"""A short list of stations, and how tests plan and apply it."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from bot.geo.datum import Datum
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.spreadsheets import reader
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.columns import COLUMNS, PROSE
from bot.services.stations.importing.plan import Plan, plan_import
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock

TODAY = date(2026, 11, 23)
LIST = """编号,名称,经度,纬度,坐标系,服务时间,服务设施,电话,星级,状态,例外安排
A1,新城支行驿站,111.6659,40.8264,gcj02,周一至周五9:00-12:00 13:30-17:00,\
热水;充电=故障,04711,五星,营业,
A2,鼓楼驿站,111.7000,40.8000,gcj02,24小时,seat、卫生间,12351,,暂停,\
2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间;2026-10-01 closed 国庆停业
A3,没登记时间驿站,118.9,42.26,gcj02,,,,,,
"""


def table(text: str) -> reader.Table:
    return reader.read(text.encode(), COLUMNS, prose=PROSE)


async def planned(store: Store, text: str, **options: Any) -> Plan:
    async with store.reading() as db:
        return await plan_import(db, table(text), Datum.WGS84, TODAY, **options)


async def applied(store: Store, text: str, clock: ManualClock, **options: Any) -> Plan:
    plan = await planned(store, text)
    assert plan.problems == ()
    async with store.writing() as db:
        await apply(db, plan, clock(), **options)
    return plan


async def count(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(StationRow)) or 0


async def version(store: Store) -> int:
    async with store.reading() as db:
        return await dataset_version(db, Dataset.STATIONS)
