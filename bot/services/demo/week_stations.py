"""What the week's couriers found at the demo stations, and what they reported."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, Source
from bot.common.chunks import pieces
from bot.geo.point import Point
from bot.services.dataset_version import Dataset, raise_version
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.stations.demand import coarse_cell
from bot.services.stations.evidence import beliefs
from bot.services.stations.reports import StationProblem
from bot.services.stations.visits import KEPT
from bot.services.storage import Database, Keys
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.observations import ObservationRow, VisitRow
from bot.store.models.stations import FacilityRow, StationRow

MARK: Final = "示例-week-"
"""Begins the keys of the story's notes."""
SPARED: Final = "150102"
"""The division whose stations the first questions in the chat are about: nothing is told of it."""
STATIONS: Final = 60
VISITS: Final = (3, 8)
"""Of one station, over the week."""
IN_VAIN: Final = 0.2
BROKEN: Final = 0.3
"""Of the facilities that couriers told of."""
WEIGHT: Final = 0.7
LATEST: Final = timedelta(hours=8)
"""Nothing is told of the last hours: it would change what the chat answers now."""
PIECE: Final = 6
"""Stations of one transaction: others wait for a moment only."""
CHECKED: Final = 1
"""Stations that several couriers found closed within two hours."""
REPORTED: Final = (
    (StationProblem.CLOSED, "示例：下午三点门锁着，敲门没人应"),
    (StationProblem.BROKEN, "示例：饮水机没有热水"),
    (StationProblem.REFUSED, "示例：门口的人说只给办业务的用"),
    (StationProblem.MISPLACED, "示例：地图上的位置在马路对面"),
)


class Courier(Protocol):
    """Whoever told it."""

    @property
    def id(self) -> int:
        """Their row."""

    @property
    def league(self) -> str:
        """Where they work (adcode)."""


async def tell(
    store: Database,
    keys: Keys,
    couriers: Sequence[Courier],
    dice: random.Random,
    now: datetime,
) -> None:
    """Visits, what was found there, and some reports that wait for an operator."""
    async with store.reading() as db:
        stations = await _stations(db)
    dice.shuffle(stations)
    for some in pieces(stations[:STATIONS], PIECE):
        async with store.writing() as db:
            await _observe(db, some, couriers, dice, now)
    async with store.writing() as db:
        for station, (problem, text) in zip(stations, REPORTED, strict=False):
            params = {"code": station.code, "name": station.name, "problem": str(problem)}
            at = now - timedelta(hours=dice.randint(3, 60))
            once = f"{MARK}{station.code}"
            await notes.write(db, keys, NoteKind.STATION_PROBLEM, once, params, at, text)
        for station in stations[len(REPORTED) : len(REPORTED) + CHECKED]:
            params = {"code": station.code, "name": station.name, "fact": ENTER}
            at, once = now - timedelta(hours=2), f"{MARK}{station.code}"
            await notes.write(db, keys, NoteKind.STATION_CHECK, once, params, at)


async def remove(db: AsyncSession) -> None:
    """Removes the notes; visits go with their couriers."""
    await db.execute(delete(OperatorNoteRow).where(OperatorNoteRow.dedupe_key.like(f"{MARK}%")))


async def _stations(db: AsyncSession) -> list[Any]:
    """One row for each of some stations, with a facility of theirs."""
    rows = (
        select(
            StationRow.id,
            StationRow.code,
            StationRow.name,
            StationRow.adcode,
            StationRow.lat,
            StationRow.lon,
            FacilityRow.code.label("facility"),
        )
        .join(FacilityRow, FacilityRow.station_id == StationRow.id)
        .where(
            StationRow.is_demo.is_(True),
            ~StationRow.adcode.startswith(SPARED),
            FacilityRow.code.in_(("water", "charge", "toilet")),
        )
        .order_by(StationRow.code, FacilityRow.code)
    )
    return list({row.id: row for row in await db.execute(rows)}.values())


async def _observe(
    db: AsyncSession,
    stations: Sequence[Any],
    couriers: Sequence[Courier],
    dice: random.Random,
    now: datetime,
) -> None:
    version = await raise_version(db, Dataset.BELIEFS)
    for station in stations:
        near = [one for one in couriers if one.league[:4] == station.adcode[:4]]
        if not near:
            continue
        found: list[dict[str, Any]] = []
        for _ in range(dice.randint(*VISITS)):
            at = now - LATEST - timedelta(days=dice.uniform(0.0, 6.5))
            who = dice.choice(near).id
            found.append(_observation(station, ENTER, dice.random() >= IN_VAIN, who, at))
            if now - at < KEPT:
                await db.execute(insert(VisitRow), [_visit(who, station.id, at)])
        at = now - LATEST - timedelta(days=dice.uniform(0.0, 4.0))
        works = dice.random() >= BROKEN
        found.append(_observation(station, station.facility, works, dice.choice(near).id, at))
        await db.execute(insert(ObservationRow), found)
        for fact in (ENTER, station.facility):
            last = max(one["at"] for one in found if one["fact"] == fact)
            await beliefs.recompute(db, station.id, fact, version, now, observed_at=last)


def _observation(
    station: Any, fact: str, positive: bool, courier: int, at: datetime
) -> dict[str, Any]:
    return {
        "station_id": station.id,
        "fact": fact,
        "positive": positive,
        "source": Source.COURIER,
        "at": at.replace(minute=0, second=0, microsecond=0),
        "cell": coarse_cell(Point(station.lat, station.lon)),
        "weight": WEIGHT,
        "courier_id": courier,
    }


def _visit(courier: int, station: int, at: datetime) -> dict[str, Any]:
    """A visit about which nobody is asked any more."""
    return {
        "courier_id": courier,
        "station_id": station,
        "planned_at": at - timedelta(minutes=20),
        "chosen_at": at - timedelta(minutes=20),
        "arrives_at": at,
        "done_at": at + timedelta(minutes=15),
    }
