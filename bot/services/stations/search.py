"""The stations as every replica holds them in memory, and the search for those open on arrival.

The database is the truth; `refresh` rebuilds an immutable snapshot when its version has moved. A
search reads one reference to one snapshot, so a rebuild never disturbs it.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import structlog

from bot.common.clock import CHINA, Clock
from bot.geo.ellipsoid import geodesic
from bot.geo.places import Places
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.hours.opening import Opening, Schedule
from bot.hours.weekly import DayHours
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.stations.alerts import weather
from bot.services.stations.alerts.weather import WeatherMode
from bot.services.stations.evidence.beliefs import BeliefSnapshot
from bot.services.stations.evidence.beliefs import load as load_beliefs
from bot.services.stations.ranking import Ranking
from bot.services.stations.results import SearchQuery, SearchResult, StationMatch, Travel
from bot.services.stations.snapshot import StationSnapshot, load
from bot.store.engine import Store

if TYPE_CHECKING:
    from bot.services.stations.catalogue import DescribedStations

log = structlog.get_logger()


class StationSearch:
    """Finds stations. `refresh()` must have run once; it is cheap to call every few seconds."""

    def __init__(
        self, store: Store, travel: Travel, holidays: Holidays, clock: Clock, *, demo: bool
    ) -> None:
        self._store = store
        self._travel = travel
        self._bundled = holidays
        self._clock = clock
        self._demo = demo
        self._loaded: StationSnapshot | None = None
        self._prepared: date | None = None
        self._weather: tuple[WeatherMode, ...] = ()
        self._beliefs = BeliefSnapshot()

    @property
    def holidays(self) -> Holidays:
        """Bundled and imported public holidays."""
        return self._snapshot().holidays

    @property
    def described(self) -> "DescribedStations":
        """What `describe` has read of this version, for it to read once."""
        return self._snapshot().described

    @property
    def version(self) -> int:
        """The version of the stations that this replica answers from."""
        return self._snapshot().version

    @property
    def size(self) -> int:
        """How many stations this replica answers from."""
        return len(self._snapshot().schedules)

    async def refresh(self) -> bool:
        """Loads the stations again if they changed, and beliefs; whether the stations did."""
        await self.refresh_beliefs()
        async with self._store.reading() as db:
            version = await dataset_version(db, Dataset.STATIONS)
            today = self._clock().astimezone(CHINA).date()
            least = self._travel.least_minutes
            if self._loaded is not None and self._loaded.version == version:
                if self._prepared != today:
                    self._prepared = today
                    await asyncio.to_thread(self._loaded.prepare, today, least)
                return False
            self._weather = await weather.in_force(db, self._clock())
            self._loaded = await load(
                db, version, today, self._bundled, demo=self._demo, least=least
            )
            self._prepared = today
        log.info("stations.loaded", version=version, count=len(self._loaded.schedules))
        return True

    async def refresh_beliefs(self) -> bool:
        """Loads the beliefs that changed; whether any did. Cheap, for it is called most often."""
        async with self._store.reading() as db:
            version = await dataset_version(db, Dataset.BELIEFS)
            if version == self._beliefs.version:
                return False
            self._beliefs = await load_beliefs(db, self._beliefs, version)
        return True

    def observed(self, ids: Iterable[int]) -> list[int]:
        """Those of these stations of which this replica knows that anything was observed."""
        return [one for one in ids if one in self._beliefs.by_station]

    def search(self, query: SearchQuery) -> SearchResult:
        """The nearest that will be open when the courier gets there, else what comes closest."""
        return Ranking(self._snapshot(), self._travel, self._beliefs).search(query)

    def with_preference(self, query: SearchQuery, places: Places) -> SearchQuery:
        """The query with what the weather modes of its league prefer."""
        if not self._weather:
            return query
        league = places.league_of(query.point).adcode
        return replace(query, prefer=weather.preferred(self._weather, league, query.at))

    def schedules_of(self, ids: Iterable[int]) -> dict[int, Schedule]:
        """The hours of those of these stations that are open at all."""
        snapshot = self._snapshot()
        wanted = frozenset(ids)
        rows = zip(snapshot.index.ids.tolist(), snapshot.schedules, strict=True)
        return {station_id: schedule for station_id, schedule in rows if station_id in wanted}

    def around(self, point: Point, at: datetime, mask: int, count: int) -> tuple[StationMatch, ...]:
        """The nearest that have these facilities, at any distance and whether open or not."""
        return Ranking(self._snapshot(), self._travel, self._beliefs).around(point, at, mask, count)

    def arrive(self, there: Point, schedule: Schedule, origin: Point, at: datetime) -> StationMatch:
        """One known place from here, whatever its state on arrival; `id` is 0."""
        metres = geodesic(origin, there)
        ride = self._travel.ride(metres)
        return StationMatch(0, metres, ride, self.state(schedule, at + ride))

    def state(self, schedule: Schedule, at: datetime) -> Opening:
        """Whether a schedule is open at a moment, and until or from when."""
        return self._snapshot().compiled_hours.status(schedule, at)

    def today(self, schedule: Schedule, now: datetime) -> DayHours | None:
        """The hours of this day, holidays and changes counted in; None: unknown."""
        return self.on(schedule, now.astimezone(CHINA).date())

    def on(self, schedule: Schedule, day: date) -> DayHours | None:
        """The hours of a day, holidays and changes counted in; None: unknown."""
        hours = schedule.on(day)
        return None if hours is None else self._snapshot().holidays.row(hours, day)

    def _snapshot(self) -> StationSnapshot:
        if self._loaded is None:
            raise RuntimeError("the stations were searched before their first refresh")
        return self._loaded
