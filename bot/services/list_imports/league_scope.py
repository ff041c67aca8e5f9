"""What of a plan an operator of single leagues may write: stations of these leagues only."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.outlines import may_be_in
from bot.geo.places import Places
from bot.services.operators.roles import Operator
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.administration.leagues import league_of, visible
from bot.services.stations.importing.changed import Changed
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import Plan
from bot.services.stations.importing.rows import StationEntry
from bot.store.models.stations import StationRow


async def within_leagues(db: AsyncSession, plan: Plan, places: Places, operator: Operator) -> Plan:
    """The plan without the rows of other leagues, which are left out and say so.

    A new station that names no league is in the operator's, where they have one only and it lies
    there. Of missing stations only the operator's are told.
    """
    if not operator.leagues:
        return plan
    left_out = list(plan.left_out)
    new = []
    for one in plan.new:
        own = _own(one, places, operator)
        if own is None:
            left_out.append(_refused(one, places, operator))
        else:
            new.append(own)
    changed = []
    for change in plan.changed:
        before, after = change.before.entry, change.after
        if all(operator.covers(_league(places, entry)) for entry in (before, after)):
            changed.append(change)
        else:
            left_out.append(_refused(change.listed, places, operator))
    theirs = set(await db.scalars(select(StationRow.code).where(visible(places, operator))))
    return replace(
        plan,
        new=tuple(new),
        changed=tuple(changed),
        left_out=tuple(sorted(left_out, key=lambda one: (one.sheet, one.row))),
        missing=tuple(one for one in plan.missing if one.code in theirs),
    )


def leagues_of(places: Places, plan: Plan) -> Iterator[str]:
    """The leagues of the stations that the plan writes, each once."""
    yield from sorted({_league(places, entry) for entry in _entries(plan.new, plan.changed)})


def _entries(new: tuple[Listed, ...], changed: tuple[Changed, ...]) -> Iterator[StationEntry]:
    yield from (one.entry for one in new)
    yield from (one.after for one in changed)


def _league(places: Places, entry: StationEntry) -> str:
    return league_of(places, entry.adcode, entry.league)


def _own(one: Listed, places: Places, operator: Operator) -> Listed | None:
    """The row, with the operator's only league where it names none; None if it is another's."""
    entry = one.entry
    if operator.covers(_league(places, entry)):
        return one
    if entry.adcode or entry.league or len(operator.leagues) != 1:
        return None
    (only,) = operator.leagues
    if not may_be_in(only, one.point):
        return None
    return replace(one, entry=replace(entry, league=places.by_adcode[only].name))


def _refused(one: Listed, places: Places, operator: Operator) -> Problem:
    names = "、".join(places.by_adcode[one].name for one in sorted(operator.leagues))
    said = one.entry.league or one.entry.adcode
    found = one.problem("league", StationFault.NOT_YOUR_LEAGUE)
    return replace(found, value=said, params=MappingProxyType({"leagues": names}))
