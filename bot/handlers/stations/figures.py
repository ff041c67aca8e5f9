"""The figures of a search answer as text: distances, riding times, hours. Made once per answer."""

from collections.abc import Mapping
from datetime import datetime

from bot.common.facilities import codes
from bot.common.i18n import Translator
from bot.common.values import value
from bot.handlers import labels
from bot.handlers.stations import facilities
from bot.handlers.stations.remembered import Search
from bot.services.stations.results import SearchResult, StationMatch


@value
class MatchFigures:
    """One station found.

    `opens` is empty if it is open on arrival, `until` and `left` (then) if no closing is known.
    """

    distance: str
    ride: str
    opens: str
    until: str
    left: str


@value
class Figures:
    """A whole answer, its stations by id. `radius` is the one searched.

    `named_radius` is the one the courier asked for, `wanted` the facilities; empty without them.
    """

    matches: Mapping[int, MatchFigures]
    radius: str
    named_radius: str
    wanted: str


def figures_of(t: Translator, search: Search, result: SearchResult, now: datetime) -> Figures:
    """The figures of every station that the answer may name, by station id."""
    companions = (one for one in (result.nearest, result.opens_next) if one is not None)
    named = {one.id: one for one in (*result.listed, *companions, *result.brief)}
    setting_out = search.at or now
    return Figures(
        matches={number: _match(t, one, now, setting_out) for number, one in named.items()},
        radius=labels.kilometres(t, result.within),
        named_radius="" if search.within is None else labels.kilometres(t, search.within),
        wanted=facilities.listed(t, codes(search.mask)),
    )


def _match(
    t: Translator, match: StationMatch, now: datetime, setting_out: datetime
) -> MatchFigures:
    until = match.opening.until
    return MatchFigures(
        distance=labels.kilometres(t, match.metres),
        ride=labels.minutes(t, match.ride),
        opens="" if match.opening.is_open else labels.opens(t, match.opening.opens, now),
        until="" if until is None else labels.open_until(t, until, now),
        left="" if until is None else labels.minutes(t, until - setting_out - match.ride),
    )
