"""Searches among thousands of stations answer as if every single one were asked about."""

import random
from datetime import date, datetime, timedelta

import pytest

import bot.geo.place_tree as place_tree
from bot.belief.compiled import compiled
from bot.belief.model import ENTER, EXISTS, Belief, components
from bot.common.clock import CHINA
from bot.geo.keep_table import Arrival
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.hours.opening import Change
from bot.hours.weekly import parse
from bot.services.stations.arrival_tables import ArrivalTables, Stay
from bot.services.stations.evidence.beliefs import BeliefSnapshot, StationBeliefs
from bot.services.stations.ranking import Ranking
from bot.services.stations.results import (
    SearchOutcome,
    SearchQuery,
    SearchResult,
    StationMatch,
    Travel,
)
from bot.services.stations.snapshot import StationLine, StationSnapshot
from tests.services.stations.every_station import with_every_station_asked

SIZE = 3_000
TODAY = date(2026, 9, 28)  # a Monday; off from Thursday on, and a Saturday of work after that
TRAVEL = Travel(1.3, 18, 30_000.0)
TOWNS = ((40.84, 111.75), (40.65, 109.84), (49.2, 119.76))
FAR = ((51.5, -0.1), (90.0, 0.0), (-40.8, -68.2), (42.5, 105.0))
WATER, CHARGING, RARE, NONE = 1, 2, 4, 8
HOURS = (
    *(
        f"Mo-Fr {opens:02}:{half:02}-12:00,13:30-{closes}:{half:02}; PH off"
        for opens in (8, 9)
        for half in (0, 30)
        for closes in (16, 17, 18)
    ),
    *(f"Mo-Su 0{opens}:00-{closes}:57" for opens in (7, 8) for closes in (17, 20, 21)),
    *("Mo-Su 09:00-18:00; 2026 Sep 30-2026 Oct 02 off", "Sa-Su 10:00-16:00", "off"),
)
RARELY = ("24/7", "Mo-Su 18:00-02:00", "Mo-Su 06:00-30:00", None)


def snapshot(chance: random.Random, hours: tuple[str | None, ...]) -> StationSnapshot:
    """Most of them in three towns, many at one address, and some shut or open for a few days."""
    lines, changes = [], {}
    for number in range(1, SIZE + 1):
        lat, lon = chance.choice(TOWNS)
        spread = chance.choice([0.01, 0.05, 0.05, 0.2])
        place = lat + chance.gauss(0, spread), lon + chance.gauss(0, spread)
        if chance.random() < 0.4:
            place = round(place[0], 2), round(place[1], 2)
        bits = WATER * (chance.random() < 0.3) | CHARGING * (chance.random() < 0.5)
        bits |= RARE * (chance.random() < 0.002)
        own = chance.choice(RARELY) if chance.random() < 0.01 and None not in hours else ""
        text = chance.choice(hours) if own == "" else own
        lines.append(StationLine(number, *place, text, chance.choice([None, TODAY]), bits))
        if chance.random() < 0.05:
            first = TODAY + timedelta(days=chance.randrange(-1, 4))
            other = chance.choice([None, None, "Mo-Su 10:00-15:00", "Mo-Su 20:00-25:00"])
            until = first + timedelta(days=chance.randrange(3))
            changes[number] = [Change(first, until, None if other is None else parse(other))]
    return StationSnapshot.build(1, lines, changes, Holidays.from_csv(), TODAY)


def beliefs(chance: random.Random, now: datetime) -> BeliefSnapshot:
    """About half of the stations; some wait for a check."""
    names = (EXISTS, *components(ENTER, now), "water")
    by_station = {}
    for number in chance.sample(range(1, SIZE + 1), SIZE // 2):
        since = now - timedelta(hours=chance.uniform(0, 30))
        found = {name: compiled(name, Belief(chance.uniform(-5, 2), since)) for name in names}
        doubted = {ENTER: now + timedelta(hours=3)} if chance.random() < 0.2 else {}
        by_station[number] = StationBeliefs(found, doubted)
    return BeliefSnapshot(1, by_station)


def queries(chance: random.Random, found: StationSnapshot, point: Point) -> list[SearchQuery]:
    """At a dozen moments, most of them where stations open or close; with and without filters."""
    near = [hit.id for hit in found.index.nearest(point, 12, within=20_100_000.0)]
    edges = [0, 3 * 60, 8 * 60 + 20, 9 * 60, 11 * 60 + 50, 15 * 60, 17 * 60 + 45, 18 * 60, 23 * 60]
    asked = []
    for _ in range(16):
        minute = chance.choice(edges) + chance.uniform(-10, 15)
        at = datetime(2026, 9, 28, tzinfo=CHINA) + timedelta(
            days=chance.randrange(6), minutes=round(minute, 2)
        )
        asked.append(
            SearchQuery(
                point,
                at,
                chance.choice([0, 0, 0, WATER, WATER | CHARGING, RARE, NONE]),
                within=chance.choice([None, None, None, 2_000.0, 60_000.0]),
                skip=chance.choice([0, 0, 0, 3, 6, 60]),
                round_the_clock=chance.random() < 0.15,
                left_out=frozenset(chance.sample(near, chance.choice([0, 0, 1, 6]))),
                prefer=chance.choice([0, 0, CHARGING]),
            )
        )
    return asked


def match_in_short(one: StationMatch | None) -> object:
    """All that is told of it; distances to a millimetre, for they are computed in two ways."""
    if one is None:
        return None
    certainty = None if one.certainty is None else round(one.certainty, 6)
    return one.id, round(one.metres, 2), one.opening, one.facilities, one.reason, certainty


def in_short(result: SearchResult) -> list[object]:
    told = (result.outcome, result.within, result.more, result.relaxed, result.farther)
    singles = (result.nearest, result.opens_next, result.plain_nearest)
    several = (result.listed, result.brief, result.left_out)
    return [
        told,
        [match_in_short(one) for one in singles],
        [[match_in_short(one) for one in some] for some in several],
    ]


@pytest.mark.parametrize("tree", ["k-d tree", "numpy"])
@pytest.mark.parametrize(
    "hours",
    [HOURS, ("Mo-Su 09:00-18:00",), ("off",), (None,)],
    ids=["many hours", "all close at once", "nearly all shut", "all unknown"],
)
def test_a_search_answers_as_if_every_station_were_asked_about(
    monkeypatch: pytest.MonkeyPatch, hours: tuple[str | None, ...], tree: str
) -> None:
    if tree == "k-d tree":
        monkeypatch.setattr(place_tree, "FEW", 100)
    tables: list[Stay] = []
    arrival = ArrivalTables.arrival

    def counted(
        self: ArrivalTables, start: float, pace: float, stay: Stay, least: float
    ) -> Arrival:
        tables.append(stay)
        return arrival(self, start, pace, stay, least)

    monkeypatch.setattr(ArrivalTables, "arrival", counted)
    chance = random.Random(f"{hours} {tree}")
    found = snapshot(chance, hours)
    every = with_every_station_asked(found)
    outcomes = set()
    places = [*((lat + 0.001, lon - 0.02) for lat, lon in TOWNS), chance.choice(FAR)]
    places.append((found.index.lat.item(7), found.index.lon.item(7)))
    for place in places:
        point = Point(*place)
        for query in queries(chance, found, point):
            observed = beliefs(chance, query.at) if chance.random() < 0.3 else BeliefSnapshot()
            result = Ranking(found, TRAVEL, observed).search(query)
            wanted = Ranking(every, TRAVEL, observed).search(query)
            assert in_short(result) == in_short(wanted), query
            outcomes.add(result.outcome)
    assert len(tables) > 10  # they were reached
    assert (SearchOutcome.FOUND if hours == HOURS else SearchOutcome.NONE_OPEN) in outcomes
