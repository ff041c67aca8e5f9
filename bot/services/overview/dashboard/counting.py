"""Counts all tables of all periods and leagues: a few statements for each, over the whole region.

A league's numbers and the region's come from the same statements, so that 13 views cost little
more than one; only different couriers cannot be added up and are counted for each.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Places
from bot.services.cards.statistics import spreads
from bot.services.overview.dashboard import activity, station_counts
from bot.services.overview.dashboard.activity import WHOLE
from bot.services.overview.dashboard.figures import (
    LEAST,
    PERIODS,
    Cell,
    Count,
    Figure,
    Figures,
    Row,
    masked,
    rounded,
)
from bot.services.stations.administration import leagues as station_leagues
from bot.services.stations.demand import cell_centre

MOST_CELLS: Final = 400
"""On one map, those of most searches."""
MOST_OWNERS: Final = 200
"""Of one table, those with most stations that were not verified for long."""
Tables = dict[Figure, tuple[Row, ...]]


@value
class _Daily:
    """What is counted by day, for the longest period: league → day → counts."""

    searches: Mapping[str, Mapping[str, Sequence[int]]]
    couriers: Mapping[str, Mapping[str, Sequence[int]]]
    trips: Mapping[str, Mapping[str, Sequence[int]]]


async def count(db: AsyncSession, places: Places, now: datetime) -> list[Figures]:
    """The figures of every period and league, of the whole region first. Reads only."""
    longest = _start(now, max(PERIODS))
    daily = _Daily(
        await activity.searches_by_day(db, longest),
        await activity.couriers_by_day(db, longest),
        await station_counts.trips_by_day(db, places, longest),
    )
    stations = await station_counts.stations(db, places, now)
    found = []
    for days in PERIODS:
        start = _start(now, days)
        couriers = await activity.couriers(db, start)
        cells = await activity.cells(db, start)
        beliefs = await station_counts.beliefs(db, places, start, now)
        trainings = await activity.trainings(db, start, now)
        region = {
            Figure.CARDS: await _cards(db, start),
            Figure.DELIVERY: _rows(await activity.deliveries(db, start)),
        }
        for league in (WHOLE, *(one.adcode for one in station_leagues.leagues(places))):
            shown = [_day(now, back) for back in reversed(range(days))]
            tables: Tables = {
                Figure.SEARCHES: _days(daily.searches.get(league, {}), shown, 3),
                Figure.COURIERS: _days(daily.couriers.get(league, {}), shown, 1),
                Figure.TRIPS: _days(daily.trips.get(league, {}), shown, 2),
                Figure.BELIEF: _rows(beliefs.get(league, {})),
                Figure.TRAININGS: _rows(trainings.get(league, {})),
                Figure.FRESHNESS: _owners(stations, league),
                Figure.LEAGUES: tuple(
                    _total(one, daily, shown, couriers.get(one, 0), stations)
                    for one in _totals(places, league)
                ),
            }
            if league == WHOLE:
                tables |= region
            found.append(Figures(days, league, now, tables, _cells(cells, league)))
    return found


def _totals(places: Places, league: str) -> list[str]:
    leagues = [one.adcode for one in station_leagues.leagues(places)]
    return [league] if league else [WHOLE, *leagues]


def _total(
    league: str,
    daily: _Daily,
    days: Iterable[str],
    couriers: int,
    stations: Mapping[str, Mapping[str, Sequence[int]]],
) -> Row:
    """Stations, couriers, searches, of these found and in vain, trips in vain."""
    wanted = set(days)
    outcomes = _sum(daily.searches.get(league, {}), wanted, 3)
    trips = _sum(daily.trips.get(league, {}), wanted, 2)
    theirs = sum(sum(counts) for counts in stations.get(league, {}).values())
    sums = (sum(outcomes), outcomes[0], outcomes[1] + outcomes[2], trips[0])
    return Row(league, (theirs, masked(couriers), *(rounded(one) for one in sums)))


def _sum(by_day: Mapping[str, Sequence[int]], days: set[str], width: int) -> list[int]:
    sums = [0] * width
    for day, counts in by_day.items():
        if day in days:
            sums = [one + more for one, more in zip(sums, counts, strict=True)]
    return sums


def _days(by_day: Mapping[str, Sequence[int]], days: Iterable[str], width: int) -> tuple[Row, ...]:
    nothing = [0] * width
    return tuple(Row(day, tuple(masked(one) for one in by_day.get(day, nothing))) for day in days)


def _rows(by_key: Mapping[str, Sequence[int]]) -> tuple[Row, ...]:
    return tuple(Row(key, tuple(masked(one) for one in counts)) for key, counts in by_key.items())


def _owners(stations: Mapping[str, Mapping[str, Sequence[int]]], league: str) -> tuple[Row, ...]:
    """Nothing is masked: stations are no couriers."""
    rows = [Row(owner, tuple(counts)) for owner, counts in stations.get(league, {}).items()]
    return tuple(sorted(rows, key=_neglect))[:MOST_OWNERS]


def _neglect(row: Row) -> tuple[float, float, str]:
    _, older, stale = (one or 0 for one in row.counts)
    return -stale, -older, row.key


async def _cards(db: AsyncSession, since: datetime) -> tuple[Row, ...]:
    """By stage: cases, median, middle half and ninth tenth in days; too few cases give none."""
    rows = []
    for one in await spreads(db, since):
        days: tuple[Count, ...] = (None,) * 4
        if one.cases >= LEAST:
            days = tuple(round(part, 1) for part in (one.median, one.low, one.high, one.late))
        rows.append(Row(one.code, (masked(one.cases), *days)))
    return tuple(rows)


def _cells(found: Iterable[activity.CellCount], league: str) -> tuple[Cell, ...]:
    by_cell: defaultdict[str, list[activity.CellCount]] = defaultdict(list)
    for one in found:
        if league in (WHOLE, one.league):
            by_cell[one.cell].append(one)
    shown = []
    for cell, parts in by_cell.items():
        couriers = max(one.couriers for one in parts)  # those of two leagues may be the same
        if couriers < LEAST:
            continue
        in_vain = sum(one.in_vain for one in parts if one.couriers_in_vain >= LEAST)
        middle = cell_centre(cell)
        shown.append(
            Cell(
                round(middle.lat, 3),
                round(middle.lon, 3),
                couriers,
                sum(one.searches for one in parts),
                in_vain or None,
            )
        )
    return tuple(sorted(shown, key=lambda one: (-one.searches, one.lat, one.lon))[:MOST_CELLS])


def _start(now: datetime, days: int) -> datetime:
    """The beginning of the first of so many days, today included."""
    first = now.astimezone(CHINA).date() - timedelta(days=days - 1)
    return datetime(first.year, first.month, first.day, tzinfo=CHINA)


def _day(now: datetime, back: int) -> str:
    day: date = now.astimezone(CHINA).date() - timedelta(days=back)
    return day.isoformat()
