"""A handful of stations in Hohhot whose hours and facilities a story can count on."""

from datetime import date, datetime

from sqlalchemy import insert

from bot.common.clock import CHINA, Clock
from bot.services.dataset_version import Dataset, raise_version
from bot.store.engine import Store
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow

HERE = (40.8424, 111.7500)  # where the stories' courier stands
GOBI = (41.9000, 104.5000)  # in the middle of nowhere
NOON = datetime(2026, 11, 23, 10, tzinfo=CHINA)  # a Monday on which most are open
NIGHT_OWL = "如意路驿站"

# code, name, metres north of HERE, hours, facilities (code or code=state)
STATIONS = (
    ("S1", "新城支行驿站", 300, "Mo-Fr 09:00-12:00,13:30-17:00", "seat water charge toilet"),
    ("S2", "鼓楼驿站", 900, "Mo-Su 08:00-20:00", "seat charge hvac water=broken"),
    ("S3", "中山路驿站", 1500, "Mo-Su 09:00-18:00; PH off", "seat water microwave hvac toilet"),
    ("S4", NIGHT_OWL, 2600, "24/7", "seat water charge"),
    ("S5", "车站驿站", 4000, "Mo-Fr 09:00-17:00", "seat water microwave"),
    ("S6", "没登记时间驿站", 600, None, "seat water"),
)


async def create_stations(store: Store, clock: Clock) -> None:
    """Writes them, and S5's closure on 1 December."""
    async with store.writing() as db:
        for number, (code, name, north, hours, has) in enumerate(STATIONS, 1):
            lat, lon = HERE[0] + north / 111_050, HERE[1]
            await db.execute(
                insert(StationRow).values(
                    id=number,
                    code=code,
                    name=name,
                    league="呼和浩特市",
                    banner="新城区",
                    adcode="150102",
                    address=f"新城区测试路{number}号",
                    phone="0471-0000000",
                    raw_lat=lat,
                    raw_lon=lon,
                    datum="wgs84",
                    lat=lat,
                    lon=lon,
                    hours=hours,
                    entry="直接进入",
                    door="临街正门,红色“爱心驿站”牌子",
                    parking="门口可停",
                    toilet="站内",
                    verified_at=date(2026, 11, 3),
                    updated_at=clock(),
                )
            )
            for item in has.split():
                facility, _, state = item.partition("=")
                await db.execute(
                    insert(FacilityRow).values(
                        station_id=number, code=facility, state=state or "ok", note=""
                    )
                )
        day = date(2026, 12, 1)
        await db.execute(
            insert(StationChangeRow).values(
                station_id=5, first=day, last=day, hours=None, reason="盘点"
            )
        )
        await raise_version(db, Dataset.STATIONS)
