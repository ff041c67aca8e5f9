"""The stations as every replica holds them in memory, and the search for those open on arrival.

The database is the truth; `refresh` rebuilds an immutable picture when its version has moved. A
search reads one reference to one picture, so a rebuild never disturbs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.common.clock import CHINA, Clock
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.hours.compiled import stamp
from bot.hours.opening import Opening, Schedule, status
from bot.hours.weekly import Row
from bot.services.dataset_version import stations_version
from bot.services.stations.snapshot import ALWAYS, KNOWN, StationSnapshot, load
from bot.store.engine import Store

if TYPE_CHECKING:
    from bot.services.stations.catalogue import Station

log = structlog.get_logger()
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
class SearchQuery:
    """What is looked for: required facility bits, and how far one would ride (metres)."""

    mask: int
    within: float
    skip: int = 0
    count: int = 3


@dataclass(frozen=True, slots=True)
class SearchResult:
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
        self._picture: StationSnapshot | None = None

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
            today = self._clock().astimezone(CHINA).date()
            self._picture = await load(db, version, today, self._bundled, demo=self._demo)
        log.info("stations.loaded", version=version, count=len(self._picture.schedules))
        return True

    def find(self, point: Point, now: datetime, wish: SearchQuery) -> SearchResult:
        """The nearest that will be open when the courier gets there, else what comes closest."""
        picture = self._now()
        opens = self._open_on_arrival(picture, now)
        wanted = wish.skip + wish.count
        hits = picture.snapshot.nearest(
            point, wanted + 1, mask=wish.mask, keep=opens, within=wish.within
        )
        if len(hits) > wish.skip:
            best = [self._match(picture, hit.row, hit.id, hit.metres, now) for hit in hits]
            return SearchResult(tuple(best[wish.skip : wanted]), more=len(hits) > wanted)
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

    def _open_on_arrival(
        self, picture: StationSnapshot, now: datetime
    ) -> Callable[[int, float], bool]:
        open_at, schedules = picture.clockwork.open_at, picture.schedules
        start, pace = stamp(now), self._travel.minutes_a_metre
        return lambda row, metres: open_at(schedules[row], start + metres * pace) is True

    def _otherwise(
        self, picture: StationSnapshot, point: Point, now: datetime, wish: SearchQuery
    ) -> SearchResult:
        def first(mask: int, within: float) -> Match | None:
            hits = picture.snapshot.nearest(point, 1, mask=mask, within=within)
            one = hits[0] if hits else None
            return self._match(picture, one.row, one.id, one.metres, now) if one else None

        nearest = first(wish.mask, EARTH)
        if nearest is None or nearest.metres > wish.within:
            return SearchResult((), nearest=nearest)
        near = picture.snapshot.nearest(
            point, LOOK_AHEAD, mask=wish.mask | KNOWN, within=wish.within
        )
        later = [self._match(picture, hit.row, hit.id, hit.metres, now) for hit in near]
        waiting = [match for match in later if match.opening.opens is not None]
        unknown = nearest if nearest.opening.is_open is None else None
        return SearchResult(
            (),
            opens_next=min(waiting, key=lambda match: match.opening.opens or now, default=None),
            round_the_clock=first(wish.mask | ALWAYS, wish.within),
            unknown_hours=unknown,
            nearest=nearest,
        )

    def _match(
        self, picture: StationSnapshot, row: int, station_id: int, metres: float, now: datetime
    ) -> Match:
        ride = self._travel.ride(metres)
        opening = status(picture.schedules[row], picture.holidays, now + ride)
        return Match(station_id, metres, ride, opening)

    def _now(self) -> StationSnapshot:
        if self._picture is None:
            raise RuntimeError("the board was asked before its first refresh")
        return self._picture
