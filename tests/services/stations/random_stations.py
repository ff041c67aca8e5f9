"""Stations and queries by chance, the same ones for the same seed."""

import random
from datetime import date, datetime, timedelta

from sqlalchemy import insert

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.geo.point import Point
from bot.services.dataset_version import Dataset, raise_version
from bot.services.stations.results import SearchQuery
from bot.store.engine import Store
from bot.store.models.observations import BeliefRow
from bot.store.models.stations import FacilityRow, StationRow

HOURS = (
    "24/7",
    "Mo-Fr 09:00-12:00,13:30-17:00",
    "Mo-Su 08:00-20:00",
    "Mo-Su 18:00-02:00",
    "Sa-Su 10:00-16:00",
    None,
)
VERIFIED = (date(2026, 11, 3), date(2025, 3, 1), None)
CODES = ("water", "charge", "microwave")
CENTRE = (40.84, 111.75)
STATIONS = 25


async def create_random_stations(store: Store, chance: random.Random) -> None:
    """Stations around one town with hours and facilities by chance."""
    async with store.writing() as db:
        for number in range(1, STATIONS + 1):
            lat = CENTRE[0] + chance.gauss(0, 0.12)
            lon = CENTRE[1] + chance.gauss(0, 0.15)
            await db.execute(
                insert(StationRow).values(
                    id=number,
                    code=f"S{number}",
                    name=f"站{number}",
                    raw_lat=lat,
                    raw_lon=lon,
                    datum="wgs84",
                    lat=lat,
                    lon=lon,
                    hours=chance.choice(HOURS),
                    verified_at=chance.choice(VERIFIED),
                    updated_at=datetime(2026, 11, 3, tzinfo=CHINA),
                )
            )
            for code in chance.sample(CODES, chance.randrange(3)):
                await db.execute(
                    insert(FacilityRow).values(station_id=number, code=code, state="ok", note="")
                )
        await raise_version(db, Dataset.STATIONS)


async def create_random_beliefs(store: Store, chance: random.Random, now: datetime) -> None:
    """What couriers found at two thirds of the stations, some of them waiting for a check."""
    async with store.writing() as db:
        version = await raise_version(db, Dataset.BELIEFS)
        for number in chance.sample(range(1, STATIONS + 1), STATIONS * 2 // 3):
            for component in ("exists", "enter", *chance.sample(CODES, 1)):
                doubted = (
                    now + timedelta(days=chance.choice([3, 8])) if chance.random() < 0.3 else None
                )
                values = {
                    "station_id": number,
                    "component": component,
                    "logit": chance.uniform(-6.0, 2.0),
                    "at": now - timedelta(hours=chance.randrange(30)),
                    "people": 1,
                    "by_keeper": False,
                    "doubted_until": doubted,
                    "version": version,
                }
                await db.execute(insert(BeliefRow).values(values))


def random_query(chance: random.Random, ids: list[int]) -> SearchQuery:
    """Any place, hour, filters and reported stations."""
    point = Point(CENTRE[0] + chance.gauss(0, 0.15), CENTRE[1] + chance.gauss(0, 0.2))
    at = datetime(2026, 11, 23, tzinfo=CHINA) + timedelta(minutes=chance.randrange(7 * 1440))
    bits = 0
    for code in chance.sample(CODES, chance.choice([0, 0, 1, 2])):
        bits |= 1 << FACILITIES[code].bit
    return SearchQuery(
        point,
        at,
        bits,
        within=chance.choice([None, None, 2_000.0, 15_000.0]),
        round_the_clock=chance.random() < 0.15,
        left_out=frozenset(chance.sample(ids, chance.choice([0, 0, 1, 4]))),
    )
