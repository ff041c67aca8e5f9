"""Which stations of a snapshot answer a query, in which order, and what to name when none does."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.common.facilities import FACILITIES
from bot.geo.point import Point
from bot.geo.spatial_index import Hit
from bot.hours.compiled import stamp
from bot.hours.opening import status
from bot.services.stations.results import (
    DOUBTFUL,
    FAR_RIDE,
    PAGE,
    MatchReason,
    SearchOutcome,
    SearchQuery,
    SearchResult,
    StationMatch,
    Travel,
    is_round_the_clock,
)
from bot.services.stations.snapshot import KNOWN, ROUND_THE_CLOCK_BIT, StationSnapshot

EARTH: Final = 20_100_000.0  # metres: no two places lie further apart
LOOK_AHEAD: Final = 60  # how many near stations are asked when they open next
LATE_COMPARED: Final = 30  # how many open ones are compared for the one that closes last
WATER: Final = 1 << FACILITIES["water"].bit


@dataclass(frozen=True, slots=True)
class Ranking:
    """The stations of one snapshot, ranked for couriers who travel so."""

    stations: StationSnapshot
    travel: Travel

    def search(self, query: SearchQuery) -> SearchResult:
        """The nearest that will be open when the courier gets there, else what comes closest."""
        within = min(query.within or self.travel.radius, self.travel.radius)
        wanted = query.skip + PAGE
        if query.round_the_clock:
            near = self._open_on_arrival(query, query.mask, within, LATE_COMPARED)
            found = self._round_the_clock(query, within, near, wanted + 1)
        else:
            near = found = self._open_on_arrival(query, query.mask, within, wanted + 1)
        page = found[query.skip : wanted]
        if page:
            return self._page(query, within, page, more=len(found) > wanted)
        if query.skip:
            return SearchResult(SearchOutcome.NO_MORE, within)
        return self._nothing(query, within, near)

    def around(
        self, point: Point, at: datetime, mask: int, count: int, within: float = EARTH
    ) -> tuple[StationMatch, ...]:
        """The nearest that have these facilities, whether open or not."""
        hits = self.stations.index.nearest(point, count, mask=mask, within=within)
        return tuple(self._match(hit, at) for hit in hits)

    def _open_on_arrival(
        self, query: SearchQuery, mask: int, within: float, count: int
    ) -> list[StationMatch]:
        open_at, schedules = self.stations.compiled_hours.open_at, self.stations.schedules
        start, pace = stamp(query.at), self.travel.minutes_a_metre

        def keep(row: int, metres: float) -> bool:
            return open_at(schedules[row], start + metres * pace) is True

        hits = self.stations.index.nearest(query.point, count, mask=mask, keep=keep, within=within)
        return [self._match(hit, query.at) for hit in hits]

    def _round_the_clock(
        self, query: SearchQuery, within: float, near: list[StationMatch], count: int
    ) -> list[StationMatch]:
        """Those open round the clock, and those near that only a far-off change will ever shut."""
        round_the_clock = self._open_on_arrival(
            query, query.mask | ROUND_THE_CLOCK_BIT, within, max(count, LATE_COMPARED)
        )
        late = [one for one in near if is_round_the_clock(one.opening, query.at)]
        both = {one.id: one for one in (*round_the_clock, *late)}
        return sorted(both.values(), key=lambda one: (one.metres, one.id))

    def _page(
        self, query: SearchQuery, within: float, page: list[StationMatch], *, more: bool
    ) -> SearchResult:
        nearest, outcome, opens_next = page[0], SearchOutcome.FOUND, None
        usual = not query.skip and not query.round_the_clock and query.within is None
        if usual and nearest.metres > FAR_RIDE:
            outcome = SearchOutcome.FAR_RIDE
            opens_next = self._opens_next(query, FAR_RIDE)
        listed = tuple(
            replace(one, reason=_reason(page, number, first_page=not query.skip))
            for number, one in enumerate(page)
        )
        return SearchResult(outcome, within, listed, more, nearest, opens_next)

    def _nothing(self, query: SearchQuery, within: float, near: list[StationMatch]) -> SearchResult:
        """No station qualifies: why, and which to name instead. `near`: open, but not for long."""
        nearest = next(iter(self.around(query.point, query.at, query.mask, 1)), None)
        if nearest is None:
            return SearchResult(SearchOutcome.NO_STATION, within)
        listed: list[StationMatch] = []
        if nearest.metres > DOUBTFUL:
            outcome = SearchOutcome.DOUBTFUL_POSITION
        elif query.round_the_clock:
            outcome = SearchOutcome.NONE_ROUND_THE_CLOCK
            latest = max(near, key=lambda one: one.opening.until or query.at, default=None)
            listed = _with_reasons([(latest, MatchReason.OPEN_LATEST)])
        elif nearest.metres > within:
            outcome = SearchOutcome.NONE_NEAR
            listed = _with_reasons([(nearest, MatchReason.NEAREST)])
        else:
            outcome = SearchOutcome.NONE_OPEN
            listed = self._closed(query, within, nearest)
        return SearchResult(outcome, within, tuple(listed), nearest=nearest)

    def _closed(
        self, query: SearchQuery, within: float, nearest: StationMatch
    ) -> list[StationMatch]:
        """All near are closed: the first to open, one round the clock, one of unknown hours."""
        round_the_clock = self.around(
            query.point, query.at, query.mask | ROUND_THE_CLOCK_BIT, 1, within
        )
        unknown = nearest if nearest.opening.is_open is None else None
        companions = _with_reasons(
            [
                (self._opens_next(query, within), MatchReason.OPENS_NEXT),
                (next(iter(round_the_clock), None), MatchReason.NEAREST_ROUND_THE_CLOCK),
                (unknown, MatchReason.UNKNOWN_HOURS),
            ]
        )
        return companions or _with_reasons([(nearest, MatchReason.NEAREST)])

    def _opens_next(self, query: SearchQuery, within: float) -> StationMatch | None:
        near = self.around(query.point, query.at, query.mask | KNOWN, LOOK_AHEAD, within)
        closed = [one for one in near if one.opening.opens is not None]
        return min(closed, key=lambda one: one.opening.opens or query.at, default=None)

    def _match(self, hit: Hit, at: datetime) -> StationMatch:
        ride = self.travel.ride(hit.metres)
        opening = status(self.stations.schedules[hit.row], self.stations.holidays, at + ride)
        facilities = int(self.stations.index.facilities[hit.row])
        return StationMatch(hit.id, hit.metres, ride, opening, facilities)


def _with_reasons(
    found: list[tuple[StationMatch | None, MatchReason]],
) -> list[StationMatch]:
    """Those that there are, each station once, for the first of its reasons."""
    listed: dict[int, StationMatch] = {}
    for one, reason in found:
        if one is not None:
            listed.setdefault(one.id, replace(one, reason=reason))
    return list(listed.values())


def _reason(page: list[StationMatch], number: int, *, first_page: bool) -> MatchReason | None:
    """Why the station at this place of the page is worth a longer ride than the first."""
    here = page[number]
    if number == 0:
        return MatchReason.NEAREST if first_page else None
    if here.facilities & WATER and not page[0].facilities & WATER:
        return MatchReason.HAS_WATER
    ends = [one.opening.until for one in page]
    end = here.opening.until
    if end is None:
        return MatchReason.ROUND_THE_CLOCK if ends.count(None) == 1 else None
    known = [one for one in ends if one is not None]
    is_latest = len(known) == len(ends) and end == max(known) and known.count(end) == 1
    return MatchReason.OPEN_LATEST if is_latest else None
