"""The stations as every replica holds them in memory, and the search for those open on arrival.

The database is the truth; `refresh` rebuilds an immutable picture when its version has moved. A
search reads one reference to one picture, so a rebuild never disturbs it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import CHINA, Clock
from bot.facilities import FACILITIES
from bot.geo.ellipsoid import geodesic
from bot.geo.nearest import Snapshot
from bot.geo.point import Point
from bot.hours.calendar import Day, Holidays
from bot.hours.clockwork import Clockwork, stamp
from bot.hours.opening import Change, Opening, Schedule, status
from bot.hours.week import Hours, Row, is_always_open, parse
from bot.store.engine import Store
from bot.store.models import (
    DatasetRow,
    FacilityRow,
    HolidayRow,
    StationChangeRow,
    StationRow,
)

if TYPE_CHECKING:
    from bot.services.stations import Station

log = structlog.get_logger()
ALWAYS = 1 << 40  # beside the facility bits: open round the clock
KNOWN = 1 << 41  # its hours are registered
EARTH = 20_100_000.0  # metres: no two places lie further apart
LOOK_AHEAD = 60  # how many near stations are asked when they open next


@dataclass(frozen=True, slots=True)
class Travel:
    """How a courier gets there: straight metres × `road_factor` at `kmh`."""

    road_factor: float
    kmh: float

    @property
    def minutes_a_metre(self) -> float:
        """Riding minutes for each metre as the crow flies."""
        return self.road_factor * 60 / 1000 / self.kmh

    def ride(self, metres: float) -> timedelta:
        """Riding time for a distance as the crow flies."""
        return timedelta(minutes=metres * self.minutes_a_metre)


@dataclass(frozen=True, slots=True)
class Match:
    """A station found: how far (metres, geodesic), how long to ride, its state on arrival."""

    id: int
    metres: float
    ride: timedelta
    opening: Opening


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for: required facility bits, and how far one would ride (metres)."""

    mask: int
    within: float
    skip: int = 0
    count: int = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What there is. `best` empty: the rest says what to do instead.

    `opens_next` and `round_the_clock` lie within the radius, `unknown_hours` too; `nearest` is the
    nearest station with the wished facilities at any distance, None when there is none at all.
    """

    best: tuple[Match, ...]
    more: bool = False
    opens_next: Match | None = None
    round_the_clock: Match | None = None
    unknown_hours: Match | None = None
    nearest: Match | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One version of all open stations, as columns in the order of their ids."""

    version: int
    snapshot: Snapshot
    schedules: tuple[Schedule, ...]
    holidays: Holidays
    clockwork: Clockwork
    known: "dict[int, Station]"  # those already asked for, whole


class Board:
    """Finds stations. `refresh()` must have run once; it is cheap to call every few seconds."""

    def __init__(
        self, store: Store, travel: Travel, holidays: Holidays, clock: Clock, *, demo: bool
    ) -> None:
        self._store = store
        self._travel = travel
        self._bundled = holidays
        self._clock = clock
        self._demo = demo
        self._picture: Picture | None = None

    @property
    def holidays(self) -> Holidays:
        """Bundled and imported public holidays."""
        return self._now().holidays

    @property
    def known(self) -> "dict[int, Station]":
        """What `describe` has read of this version, for it to read once."""
        return self._now().known

    @property
    def version(self) -> int:
        """The version of the stations that this replica answers from."""
        return self._now().version

    @property
    def size(self) -> int:
        """How many stations this replica answers from."""
        return len(self._now().schedules)

    async def refresh(self) -> bool:
        """Loads the stations again if they changed; whether they did."""
        async with self._store.reading() as db:
            version = await stations_version(db)
            if self._picture is not None and self._picture.version == version:
                return False
            self._picture = await self._load(db, version)
        log.info("stations.loaded", version=version, count=len(self._picture.schedules))
        return True

    def find(self, point: Point, now: datetime, wish: Wish) -> Found:
        """The nearest that will be open when the courier gets there, else what comes closest."""
        picture = self._now()
        opens = self._open_on_arrival(picture, now)
        wanted = wish.skip + wish.count
        hits = picture.snapshot.nearest(
            point, wanted + 1, mask=wish.mask, keep=opens, within=wish.within
        )
        if len(hits) > wish.skip:
            best = [self._match(picture, hit.row, hit.id, hit.metres, now) for hit in hits]
            return Found(tuple(best[wish.skip : wanted]), more=len(hits) > wanted)
        return self._otherwise(picture, point, now, wish)

    def around(self, point: Point, now: datetime, bits: int, count: int) -> tuple[Match, ...]:
        """The nearest that have these facilities, at any distance and whether open or not."""
        picture = self._now()
        hits = picture.snapshot.nearest(point, count, mask=bits, within=EARTH)
        return tuple(self._match(picture, hit.row, hit.id, hit.metres, now) for hit in hits)

    def arrive(self, there: Point, schedule: Schedule, origin: Point, now: datetime) -> Match:
        """One known place from here, whatever its state on arrival; `id` is 0."""
        metres = geodesic(origin, there)
        ride = self._travel.ride(metres)
        return Match(0, metres, ride, status(schedule, self._now().holidays, now + ride))

    def state(self, schedule: Schedule, now: datetime) -> Opening:
        """Whether a schedule is open at this moment, and until or from when."""
        return status(schedule, self._now().holidays, now)

    def today(self, schedule: Schedule, now: datetime) -> Row | None:
        """The hours of this day, holidays and changes counted in; None: unknown."""
        day = now.astimezone(CHINA).date()
        hours = schedule.on(day)
        return None if hours is None else self._now().holidays.row(hours, day)

    def _open_on_arrival(self, picture: Picture, now: datetime) -> Callable[[int, float], bool]:
        open_at, schedules = picture.clockwork.open_at, picture.schedules
        start, pace = stamp(now), self._travel.minutes_a_metre
        return lambda row, metres: open_at(schedules[row], start + metres * pace) is True

    def _otherwise(self, picture: Picture, point: Point, now: datetime, wish: Wish) -> Found:
        def first(mask: int, within: float) -> Match | None:
            hits = picture.snapshot.nearest(point, 1, mask=mask, within=within)
            one = hits[0] if hits else None
            return self._match(picture, one.row, one.id, one.metres, now) if one else None

        nearest = first(wish.mask, EARTH)
        if nearest is None or nearest.metres > wish.within:
            return Found((), nearest=nearest)
        near = picture.snapshot.nearest(
            point, LOOK_AHEAD, mask=wish.mask | KNOWN, within=wish.within
        )
        later = [self._match(picture, hit.row, hit.id, hit.metres, now) for hit in near]
        waiting = [match for match in later if match.opening.opens is not None]
        unknown = nearest if nearest.opening.is_open is None else None
        return Found(
            (),
            opens_next=min(waiting, key=lambda match: match.opening.opens or now, default=None),
            round_the_clock=first(wish.mask | ALWAYS, wish.within),
            unknown_hours=unknown,
            nearest=nearest,
        )

    def _match(
        self, picture: Picture, row: int, station_id: int, metres: float, now: datetime
    ) -> Match:
        ride = self._travel.ride(metres)
        opening = status(picture.schedules[row], picture.holidays, now + ride)
        return Match(station_id, metres, ride, opening)

    def _now(self) -> Picture:
        if self._picture is None:
            raise RuntimeError("the board was asked before its first refresh")
        return self._picture

    async def _load(self, db: AsyncSession, version: int) -> Picture:
        today = self._clock().astimezone(CHINA).date()
        bits = func.sum(
            case({code: 1 << one.bit for code, one in FACILITIES.items()}, value=FacilityRow.code)
        ).label("bits")
        working = (
            select(FacilityRow.station_id, bits)
            .where(FacilityRow.state == "ok")
            .group_by(FacilityRow.station_id)
            .subquery()
        )
        stations = (
            select(StationRow.id, StationRow.lat, StationRow.lon, StationRow.hours, working.c.bits)
            .outerjoin(working, working.c.station_id == StationRow.id)
            .where(StationRow.status == "open")
            .order_by(StationRow.id)
        )
        if not self._demo:
            stations = stations.where(StationRow.is_demo.is_(False))
        rows = (await db.execute(stations)).all()
        changes: dict[int, list[Change]] = {}
        ahead = select(StationChangeRow).where(StationChangeRow.last >= today - timedelta(days=2))
        for one in await db.scalars(ahead.order_by(StationChangeRow.id)):
            changes.setdefault(one.station_id, []).append(change_of(one))
        days = {
            row.day: Day(row.name, row.is_off, row.replaces)
            for row in await db.scalars(select(HolidayRow))
        }
        holidays = Holidays({**self._bundled.days, **days})

        def build() -> Picture:
            schedules = tuple(
                schedule_of(row.hours, tuple(changes.get(row.id, ()))) for row in rows
            )
            masks = [
                int(row.bits or 0)
                | (ALWAYS if _is_always(schedule) else 0)
                | (KNOWN if schedule.hours is not None else 0)
                for row, schedule in zip(rows, schedules, strict=True)
            ]
            snapshot = Snapshot.build(
                version,
                [row.id for row in rows],
                [row.lat for row in rows],
                [row.lon for row in rows],
                masks,
            )
            return Picture(version, snapshot, schedules, holidays, Clockwork(holidays), {})

        return await asyncio.to_thread(build)


async def stations_version(db: AsyncSession) -> int:
    """How often the stations or holidays changed, 0 for a new database."""
    found = await db.scalar(select(DatasetRow.version).where(DatasetRow.name == "stations"))
    return found or 0


async def raise_stations_version(db: AsyncSession) -> None:
    """Tells every replica, once this transaction commits, that stations or holidays changed."""
    version = await stations_version(db)
    if version:
        counted = update(DatasetRow).where(DatasetRow.name == "stations")
        await db.execute(counted.values(version=DatasetRow.version + 1))
    else:
        await db.execute(insert(DatasetRow).values(name="stations", version=1))


@lru_cache(maxsize=4096)
def _hours(text: str) -> Hours:
    return parse(text)


@lru_cache(maxsize=4096)
def _plain(text: str | None) -> Schedule:
    return Schedule(None if text is None else _hours(text), ())


def schedule_of(hours: str | None, changes: tuple[Change, ...]) -> Schedule:
    """The stored form as a schedule; equal ones are shared, for 180,000 stations have few."""
    if not changes:
        return _plain(hours)
    return Schedule(None if hours is None else _hours(hours), changes)


def change_of(row: StationChangeRow) -> Change:
    """A dated exception as the hours room knows it."""
    hours = None if row.hours is None else _hours(row.hours)
    return Change(row.first, row.last, hours, row.reason)


def _is_always(schedule: Schedule) -> bool:
    return schedule.hours is not None and not schedule.changes and is_always_open(schedule.hours)
