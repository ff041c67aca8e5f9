"""Which stations of a snapshot answer a query, in which order, and what to name when none does."""

from datetime import datetime
from typing import Final

from bot.common.values import value
from bot.geo.point import Point
from bot.services.stations.arrival_tables import Stay
from bot.services.stations.evidence.beliefs import BeliefSnapshot
from bot.services.stations.evidence.chances import Chances
from bot.services.stations.on_arrival import OnArrival
from bot.services.stations.reasons import reason_on_page, with_reasons
from bot.services.stations.results import (
    FAR_RIDE,
    LONG_RIDE,
    OUTSIDE,
    PAGE,
    MatchReason,
    SearchOutcome,
    SearchQuery,
    SearchResult,
    StationMatch,
    Travel,
    is_round_the_clock,
    minutes_with_handicap,
)
from bot.services.stations.snapshot import KNOWN, ROUND_THE_CLOCK_BIT, StationSnapshot

EARTH: Final = 20_100_000.0  # metres: no two places lie further apart
LOOK_AHEAD: Final = 60  # how many near stations are asked when they open next
LATE_COMPARED: Final = 30  # how many open ones are compared for the one that closes last
ALIKE: Final = 0.001  # metres: no further away, for distances are rounded
CANDIDATES: Final = 4
"""Of the nearest open ones so many are put in the order in which to try them."""
NOTHING_OBSERVED: Final = BeliefSnapshot()


@value
class Ranking:
    """The stations of one snapshot, ranked for couriers who travel so."""

    stations: StationSnapshot
    travel: Travel
    beliefs: BeliefSnapshot = NOTHING_OBSERVED

    @property
    def _on_arrival(self) -> OnArrival:
        return OnArrival(self.stations, self.travel)

    def search(self, query: SearchQuery) -> SearchResult:
        """Those near that will be open when the courier gets there, else what comes closest.

        In the order that leads to a usable one soonest, as far as can be expected: `Chances`.
        Those that close before the least stay is over are not listed while others are, nor those
        an hour's ride away while nearer ones are: the result says that they were passed over.
        """
        within = min(query.within or self.travel.radius, self.travel.radius)
        wanted = query.skip + PAGE
        count = max(wanted + 1, CANDIDATES)
        if query.round_the_clock:
            near = self._on_arrival.nearest(query, query.mask, within, LATE_COMPARED, Stay.ANY)
            found, others = self._round_the_clock(query, within, near, count), False
        else:
            found, others = self._on_arrival.nearest_and_others(query, query.mask, within, count)
            near = found
        if len(found) > query.skip:
            return self._page(query, within, found, brief=others)
        if query.skip:
            return SearchResult(SearchOutcome.NO_MORE, within)
        return self._nothing(query, within, near)

    def around(
        self,
        point: Point,
        at: datetime,
        mask: int,
        count: int,
        within: float = EARTH,
        left_out: frozenset[int] = frozenset(),
    ) -> tuple[StationMatch, ...]:
        """The nearest that have these facilities, whether open or not."""
        hits = self.stations.index.nearest(point, count + len(left_out), mask=mask, within=within)
        return tuple(self._on_arrival.match(hit, at) for hit in hits if hit.id not in left_out)[
            :count
        ]

    def _round_the_clock(
        self, query: SearchQuery, within: float, near: list[StationMatch], count: int
    ) -> list[StationMatch]:
        """Those open round the clock, and those near that only a far-off change will ever shut."""
        round_the_clock = self._on_arrival.nearest(
            query, query.mask | ROUND_THE_CLOCK_BIT, within, max(count, LATE_COMPARED)
        )
        late = [one for one in near if is_round_the_clock(one.opening, query.at)]
        both = {one.id: one for one in (*round_the_clock, *late)}
        return sorted(both.values(), key=lambda one: (one.metres, one.id))

    def _in_order(
        self, query: SearchQuery, found: list[StationMatch]
    ) -> tuple[list[StationMatch], dict[int, float]]:
        """The first candidates in the order in which to try them, then the others by distance.

        And by id the certainty of those that were compared. Nobody is sent on a far ride for the
        sake of a better chance.
        """
        candidates = found[:CANDIDATES]
        near = [one for one in candidates if one.metres <= FAR_RIDE]
        near = near or [one for one in candidates if one.ride < LONG_RIDE]
        if not near:
            return found, {}
        ids = [one.id for one in near]
        index = self.stations.index
        rows = index.ids.searchsorted(ids).tolist()
        minutes = [minutes_with_handicap(one, query.prefer) for one in near]
        chances = Chances(index.lat, index.lon, self.stations.verified, self.beliefs)
        pace = self.travel.minutes_a_metre
        positions, usable = chances.order(ids, rows, minutes, query.mask, query.at, pace)
        first = [near[number] for number in positions]
        return [*first, *found[len(near) :]], dict(zip(ids, usable, strict=True))

    def _page(
        self, query: SearchQuery, within: float, nearest: list[StationMatch], *, brief: bool
    ) -> SearchResult:
        """Of these, which are in the order of their distance. brief: some may close too soon."""
        found, certainties = self._in_order(query, nearest)
        page = found[query.skip : query.skip + PAGE]
        if query.within is None:
            page = [one for one in page if one.ride < LONG_RIDE] or page
        outcome, opens_next, relaxed = SearchOutcome.FOUND, None, list[StationMatch]()
        usual = not query.skip and not query.round_the_clock and query.within is None
        if usual and page[0].metres > FAR_RIDE:
            outcome = SearchOutcome.FAR_RIDE
            opens_next = self._opens_next(query, FAR_RIDE)
            if query.mask:
                relaxed = self._on_arrival.nearest(query, 0, FAR_RIDE, PAGE - 1)
                page = page[: PAGE - len(relaxed)]
        end = query.skip + len(page)
        more = len(found) > end
        first_of = None if query.skip else nearest[0]
        listed = [
            one.described(
                reason_on_page(page, number, first_of, query.prefer), certainties.get(one.id)
            )
            for number, one in enumerate(page)
        ]
        after = max((one.metres for one in found[: query.skip]), default=-1.0)
        reach = min(within, max(one.metres for one in found[:end]) + ALIKE) if more else within
        unlisted = self._unlisted(
            query,
            {one.id for one in (*relaxed, *listed)},
            after,
            reach,
            self._on_arrival.brief(query, reach) if brief else [],
        )
        return SearchResult(
            outcome,
            within,
            (*relaxed, *listed),
            more,
            first_of or page[0].described(None, certainties.get(page[0].id)),
            opens_next,
            len(relaxed),
            more and query.within is None and page[-1].ride < LONG_RIDE <= found[end].ride,
            *unlisted,
            plain_nearest=None if first_of is None or page[0].id == first_of.id else first_of,
        )

    def _unlisted(
        self,
        query: SearchQuery,
        listed: set[int],
        after: float,
        reach: float,
        brief: list[StationMatch],
    ) -> tuple[tuple[StationMatch, ...], tuple[StationMatch, ...]]:
        """Of `brief`, and of those that the query leaves out and that are open on arrival, the ones
        from `after` to `reach` metres away that are not listed.
        """
        mask = query.mask | ROUND_THE_CLOCK_BIT if query.round_the_clock else query.mask
        both = (brief, self._on_arrival.left_out(query, mask, reach))
        first, second = (
            tuple(one for one in some if one.metres > after + ALIKE and one.id not in listed)
            for some in both
        )
        return first, second

    def _nothing(self, query: SearchQuery, within: float, near: list[StationMatch]) -> SearchResult:
        """No station qualifies: why, and which to name instead. `near`: open, but not for long."""
        at, point, left_out = query.at, query.point, query.left_out
        anything = next(iter(self.around(point, at, 0, 1)), None)
        if anything is None:
            return SearchResult(SearchOutcome.NO_STATION, within)
        if anything.metres > OUTSIDE:
            return SearchResult(SearchOutcome.DOUBTFUL_POSITION, within, nearest=anything)
        nearest: StationMatch | None = anything
        if query.mask & ~anything.facilities or anything.id in left_out:
            nearest = next(iter(self.around(point, at, query.mask, 1, EARTH, left_out)), None)
        brief = [] if query.round_the_clock else self._on_arrival.brief(query, within)
        own: list[StationMatch] = []
        if query.round_the_clock:
            outcome = SearchOutcome.NONE_ROUND_THE_CLOCK
            latest = max(near, key=lambda one: one.opening.until or at, default=None)
            own = with_reasons([(latest, MatchReason.OPEN_LATEST)])
        elif brief:
            outcome = SearchOutcome.TOO_BRIEF
            own = with_reasons([(one, MatchReason.TOO_BRIEF) for one in brief[:PAGE]])
        elif nearest is None:
            hidden = self.around(point, at, query.mask, 1)
            outcome = SearchOutcome.NONE_OPEN if hidden else SearchOutcome.NO_STATION
        elif nearest.metres > within:
            outcome = SearchOutcome.NONE_NEAR
            own = with_reasons([(nearest, MatchReason.NEAREST)])
        else:
            outcome = SearchOutcome.NONE_OPEN
            own = self._closed(query, within, nearest)
        relaxed = self._relaxed(query, within, to_any_hours=not own)
        own = [one for one in own if one.id not in {other.id for other in relaxed}]
        if relaxed:
            own = [one for one in own if one.metres <= OUTSIDE]
        relaxed = relaxed[: PAGE - min(1, len(own))]
        own = own[: PAGE - len(relaxed)]
        listed = (*own, *relaxed) if query.round_the_clock else (*relaxed, *own)
        unlisted = self._unlisted(query, {one.id for one in listed}, -1.0, within, brief)
        return SearchResult(
            outcome,
            within,
            listed,
            nearest=nearest,
            relaxed=len(relaxed),
            brief=unlisted[0],
            left_out=unlisted[1],
        )

    def _relaxed(
        self, query: SearchQuery, within: float, *, to_any_hours: bool
    ) -> list[StationMatch]:
        """Stations that are open, were it not for the filters: as few of them dropped as possible.

        `to_any_hours`: stations that close are an answer to who wants one round the clock.
        """
        if not query.is_filtered:
            return []
        always = ROUND_THE_CLOCK_BIT if query.round_the_clock else 0
        usual = self.travel.radius
        ways = [(always, within), (query.mask | always, usual), (always, usual)]
        if to_any_hours:
            ways.append((0, usual))
        for mask, radius in ways:
            if (mask, radius) == (query.mask | always, within):
                continue
            found = self._on_arrival.nearest(query, mask, radius, PAGE)
            if ordinary := [one for one in found if one.ride < LONG_RIDE]:
                return ordinary
        return []

    def _closed(
        self, query: SearchQuery, within: float, nearest: StationMatch
    ) -> list[StationMatch]:
        """All near are closed: the first to open, one round the clock, one of unknown hours."""
        round_the_clock = self.around(
            query.point, query.at, query.mask | ROUND_THE_CLOCK_BIT, 1, within, query.left_out
        )
        unknown = nearest if nearest.opening.is_open is None else None
        companions = with_reasons(
            [
                (self._opens_next(query, within), MatchReason.OPENS_NEXT),
                (next(iter(round_the_clock), None), MatchReason.NEAREST_ROUND_THE_CLOCK),
                (unknown, MatchReason.UNKNOWN_HOURS),
            ]
        )
        return companions or with_reasons([(nearest, MatchReason.NEAREST)])

    def _opens_next(self, query: SearchQuery, within: float) -> StationMatch | None:
        mask, count = query.mask | KNOWN, LOOK_AHEAD + len(query.left_out)
        hits = self.stations.index.nearest(query.point, count, mask=mask, within=within)
        closed: list[StationMatch] = []
        opens: dict[int, datetime] = {}
        for hit in [one for one in hits if one.id not in query.left_out][:LOOK_AHEAD]:
            # before a nearer one of the same hours opens, this one does not, either
            hours = id(self.stations.schedules[hit.row])
            if hours not in opens or opens[hours] <= query.at + self.travel.ride(hit.metres):
                match = self._on_arrival.match(hit, query.at)
                if match.opening.opens is not None:
                    opens[hours] = match.opening.opens
                    closed.append(match)
        return min(closed, key=lambda one: one.opening.opens or query.at, default=None)
