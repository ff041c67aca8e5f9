"""The league of a station, by its division code, else by the league's name in the list.

Never by its coordinates: an operator of a league must not gain a station by a wrong pin. A station
of no known league belongs to those who see the whole region.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, true

from bot.geo.places import Place, Places
from bot.services.operators.roles import Operator
from bot.store.models.stations import StationRow

LEAGUE_DIGITS = 4
"""Of a division code: those that its league's has, too."""


def leagues(places: Places) -> list[Place]:
    """The leagues of the region, by division code."""
    found = (one for one in places.by_adcode.values() if one.league == one.adcode)
    return sorted(found, key=lambda one: one.adcode)


def league_of(places: Places, adcode: str, name: str) -> str:
    """The league's division code; "" where it is not known."""
    if adcode:
        league = adcode[:LEAGUE_DIGITS] + "00"
        return league if league in places.by_adcode else ""
    found = (one.adcode for one in leagues(places) if name and name in {one.name, one.short})
    return next(found, "")


def visible(places: Places, operator: Operator) -> ColumnElement[bool]:
    """The condition for stations of the operator's leagues."""
    return in_leagues(places, operator.leagues) if operator.leagues else true()


def in_leagues(places: Places, wanted: Collection[str]) -> ColumnElement[bool]:
    """The condition for stations of these leagues, the same as `league_of` finds."""
    conditions: list[ColumnElement[bool]] = []
    for adcode in sorted(wanted):
        digits = adcode[:LEAGUE_DIGITS]
        after = str(int(digits) + 1)
        conditions.append(and_(StationRow.adcode >= digits, StationRow.adcode < after))
        if place := places.by_adcode.get(adcode):
            named = StationRow.league.in_((place.name, place.short))
            conditions.append(and_(StationRow.adcode == "", named))
    return or_(*conditions)
