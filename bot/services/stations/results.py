"""A search for stations as values: the query, how couriers travel, and the result."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.common.values import value
from bot.geo.point import Point
from bot.hours.opening import Opening

PAGE: Final = 3  # stations of one answer
FAR_RIDE: Final = 10_000.0  # metres: at night and in the cold no answer without a warning
LONG_RIDE: Final = timedelta(hours=1)  # from here on a station is no ordinary choice
PREFERENCE: Final = 4.0  # minutes of riding that a preferred facility is worth
MINUTE: Final = timedelta(minutes=1)
SLACK: Final = 0.01  # minutes
OUTSIDE: Final = 100_000.0  # metres to the nearest: another region, or a wrong position
ROUND_THE_CLOCK: Final = timedelta(hours=36)  # whatever is announced for next week


class SearchOutcome(StrEnum):
    """What a search came to."""

    FOUND = "found"
    FAR_RIDE = "far_ride"  # the nearest open one is over 10 km away
    NO_MORE = "no_more"  # all were on earlier pages
    TOO_BRIEF = "too_brief"  # those open on arrival close before the least stay is over
    NONE_OPEN = "none_open"  # some are near, none is open on arrival
    NONE_ROUND_THE_CLOCK = "none_round_the_clock"
    NONE_NEAR = "none_near"  # the nearest is outside of the radius
    DOUBTFUL_POSITION = "doubtful_position"  # the nearest station is over 100 km away
    NO_STATION = "no_station"  # none anywhere has these facilities


class MatchReason(StrEnum):
    """Why a station is in the answer."""

    NEAREST = "nearest"
    SUITS_WEATHER = "suits_weather"  # has more of what the query prefers than the nearest
    HAS_WATER = "has_water"  # which the nearest has not
    ROUND_THE_CLOCK = "round_the_clock"  # the only one of the page
    OPEN_LATEST = "open_latest"
    OPENS_NEXT = "opens_next"
    NEAREST_ROUND_THE_CLOCK = "nearest_round_the_clock"
    UNKNOWN_HOURS = "unknown_hours"
    TOO_BRIEF = "too_brief"  # open on arrival, and closed before the least stay is over
    SURER = "surer"  # not the nearest, but a usable one is expected sooner by way of it


@value
class Travel:
    """How a courier gets there: straight metres × `road_factor` at `kmh`, `radius` at most (m).

    `least_stay`: a rest shorter than this is not worth the ride.
    """

    road_factor: float
    kmh: float
    radius: float = 30_000.0
    least_stay: timedelta = timedelta(minutes=15)

    @property
    def minutes_a_metre(self) -> float:
        """Riding minutes for each metre as the crow flies."""
        return self.road_factor * 60 / 1000 / self.kmh

    @property
    def least_minutes(self) -> float:
        """Minutes of the least stay, less a little: one that ends at closing is long enough."""
        return max(0.0, self.least_stay / MINUTE - SLACK)

    def ride(self, metres: float) -> timedelta:
        """Riding time for a distance as the crow flies."""
        return timedelta(minutes=metres * self.minutes_a_metre)


@value
class SearchQuery:
    """Stations with all facility bits of `mask`, reachable from `point` by who leaves at `at`.

    `within` is the radius that the courier named (metres), None for the usual one. `skip` are the
    matches of earlier pages. `round_the_clock`: only stations that do not close. `left_out`: ids of
    stations that this courier reported and is not sent to. `prefer`: facility bits that are worth
    `PREFERENCE` minutes of riding each; they exclude nothing.
    """

    point: Point
    at: datetime
    mask: int = 0
    within: float | None = None
    skip: int = 0
    round_the_clock: bool = False
    left_out: frozenset[int] = frozenset()
    prefer: int = 0

    @property
    def is_filtered(self) -> bool:
        """Whether anything but place and time restricts what qualifies."""
        return bool(self.mask) or self.within is not None or self.round_the_clock


@value
class StationMatch:
    """A station found: how far (metres, geodesic), how long to ride, its state on arrival.

    `facilities` are the bits of those in working order; `reason` is None where it is in the answer
    for no other reason than being the next in order. `certainty`: the chance that one gets in
    and finds what was asked for, None where it played no part.
    """

    id: int
    metres: float
    ride: timedelta
    opening: Opening
    facilities: int = 0
    reason: MatchReason | None = None
    certainty: float | None = None

    def described(self, reason: MatchReason | None, certainty: float | None) -> "StationMatch":
        """The same with these two."""
        if reason is None and certainty is None:
            return self
        return StationMatch(
            self.id, self.metres, self.ride, self.opening, self.facilities, reason, certainty
        )


@value
class SearchResult:
    """What to answer: `listed` in this order, and whether a further page has `more`.

    `within` is the radius that was searched (metres). `nearest` is the nearest that is open on
    arrival, of a further page its first, else the nearest with the facilities at any distance, None
    when there is none at all. `plain_nearest` is the nearest open one where another comes first.
    `opens_next` is the first nearby to open where the nearest open one is a far ride.

    `relaxed`: how many of `listed` are open, but do not meet the filters of the query. `farther`:
    what the further pages have is `LONG_RIDE` or more away. `brief` and `left_out` are the stations
    that are open on arrival and not listed, up to the distance that the listed ones reach: they
    close before the least stay is over, or were left out by the query.
    """

    outcome: SearchOutcome
    within: float
    listed: tuple[StationMatch, ...] = ()
    more: bool = False
    nearest: StationMatch | None = None
    opens_next: StationMatch | None = None
    relaxed: int = 0
    farther: bool = False
    brief: tuple[StationMatch, ...] = ()
    left_out: tuple[StationMatch, ...] = ()
    plain_nearest: StationMatch | None = None

    @property
    def mentioned(self) -> list[int]:
        """Ids of all stations that the answer names."""
        companions = [one for one in (self.opens_next, self.plain_nearest) if one is not None]
        unlisted = (*self.brief[:PAGE], *self.left_out[:PAGE])
        return list(dict.fromkeys(one.id for one in (*self.listed, *companions, *unlisted)))


def minutes_with_handicap(one: StationMatch, prefer: int) -> float:
    """The ride, longer by `PREFERENCE` for each of the preferred facilities that is missing."""
    return one.ride / MINUTE + (prefer & ~one.facilities).bit_count() * PREFERENCE


def is_round_the_clock(opening: Opening, at: datetime) -> bool:
    """Whether an open station stays open for longer than anybody rests, counted from `at`."""
    return opening.until is None or opening.until - at > ROUND_THE_CLOCK
