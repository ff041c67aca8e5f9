"""The stations of a snapshot that are open when the courier gets there, the nearest first."""

from datetime import datetime
from typing import Final

from bot.common.values import value
from bot.geo.keep_table import Arrival
from bot.geo.spatial_index import Hit
from bot.hours.compiled import stamp
from bot.services.stations.arrival_tables import Stay
from bot.services.stations.results import PAGE, SearchQuery, StationMatch, Travel
from bot.services.stations.snapshot import StationSnapshot

BRIEF_MOST: Final = 60  # so many of those that close too soon are looked at


@value
class OnArrival:
    """Searches of one snapshot for couriers who travel so."""

    stations: StationSnapshot
    travel: Travel

    def nearest(
        self, query: SearchQuery, mask: int, within: float, count: int, stay: Stay = Stay.ENOUGH
    ) -> list[StationMatch]:
        """Those that are open so long and that the query does not leave out."""
        return self.nearest_and_others(query, mask, within, count, stay)[0]

    def nearest_and_others(
        self, query: SearchQuery, mask: int, within: float, count: int, stay: Stay = Stay.ENOUGH
    ) -> tuple[list[StationMatch], bool]:
        """As `nearest`, and whether there may be others as near that are open for another time.

        False is certain: up to the last of `count`, or up to `within` if there are fewer.
        """
        open_at, schedules = self.stations.compiled_hours.open_at, self.stations.schedules
        index, left_out, start = self.stations.index, query.left_out, stamp(query.at)
        pace, least = self.travel.minutes_a_metre, self.travel.least_minutes
        others, last, alike = False, -1.0, 0

        def keep(row: int, metres: float) -> bool:
            nonlocal others, last, alike
            arrival = start + metres * pace
            if open_at(schedules[row], arrival) is not True:
                return False
            if left_out and index.ids.item(row) in left_out:
                return False
            if stay is not Stay.ANY:
                is_enough = open_at(schedules[row], arrival + least) is True
                if is_enough is not (stay is Stay.ENOUGH):
                    others = True
                    return False
            alike = alike + 1 if metres == last else 1
            last = metres
            if alike == count:  # the index does not ask about more at one place
                others = True
            return True

        def arrival() -> Arrival:
            nonlocal others
            others = True  # they are ruled out unasked
            return self.stations.arrival_tables.arrival(start, pace, stay, least)

        hits = index.nearest(
            query.point, count, mask=mask, keep=keep, within=within, arrival=arrival
        )
        return [self.match(hit, query.at) for hit in hits], others

    def brief(self, query: SearchQuery, within: float) -> list[StationMatch]:
        """The nearest that close before the least stay is over, `BRIEF_MOST` at most."""
        few = self.nearest(query, query.mask, within, PAGE, Stay.TOO_BRIEF)
        if len(few) < PAGE:
            return few
        return self.nearest(query, query.mask, within, BRIEF_MOST, Stay.TOO_BRIEF)

    def left_out(self, query: SearchQuery, mask: int, within: float) -> list[StationMatch]:
        """Those that the query leaves out and that are open, however long."""
        if not query.left_out:
            return []
        open_at, schedules = self.stations.compiled_hours.open_at, self.stations.schedules
        start, pace = stamp(query.at), self.travel.minutes_a_metre

        def keep(row: int, metres: float) -> bool:
            return open_at(schedules[row], start + metres * pace) is True

        hits = self.stations.index.among(
            query.left_out, query.point, mask=mask, keep=keep, within=within
        )
        return [self.match(hit, query.at) for hit in hits]

    def match(self, hit: Hit, at: datetime) -> StationMatch:
        """A station found as one who leaves at `at` finds it."""
        ride = self.travel.ride(hit.metres)
        schedule = self.stations.schedules[hit.row]
        opening = self.stations.compiled_hours.status(schedule, at + ride)
        facilities = int(self.stations.index.facilities[hit.row])
        return StationMatch(hit.id, hit.metres, ride, opening, facilities)
