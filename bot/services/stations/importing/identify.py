"""Codes for rows that have none: those of stations with the same name and place, else new ones.

A new code is the adcode of the banner and a running number, `150102-001`, after those that are
taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.geo.places import Places
from bot.geo.point import Point
from bot.geo.region import in_region
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.importing.distances import MOVED, distance
from bot.services.stations.importing.doubts import stated_league
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.listed import UNCODED, Listed
from bot.services.stations.importing.stored import stored

_REGION: Final = "150000"
_COUNTRY: Final = "100000"
"""Adcode of China, for places of other provinces, whose divisions are not known here."""


@value
class Proposed:
    """The code that a row without one gets; `is_new` False: it is that of a stored station.

    `place` is longitude and latitude as they were read.
    """

    sheet: str
    row: int
    code: str
    name: str
    place: str
    is_new: bool


@value
class _Known:
    code: str
    point: Point
    address: str


async def with_codes(
    db: AsyncSession, listed: Sequence[Listed], codes: Iterable[str]
) -> tuple[list[Listed], list[Proposed], list[Problem]]:
    """The rows with a code each, which codes were found or made up, and the rows that got none.

    `codes` are those of the file.
    """
    names = {_key(one.entry.name) for one in listed if one.entry.code == UNCODED}
    known: defaultdict[str, list[_Known]] = defaultdict(list)
    taken = set(codes)
    async for one in stored(db, merged=True):  # a code that leads elsewhere is taken all the same
        code = clean(one.entry.code)
        taken.add(code)
        if (name := _key(one.entry.name)) in names:
            known[name].append(_Known(code, one.point, _key(one.entry.address)))
    numbers = _Numbers(taken)
    rows: list[Listed] = []
    proposed: list[Proposed] = []
    problems: list[Problem] = []
    for row in listed:
        if row.entry.code != UNCODED:
            rows.append(row)
            continue
        match = _match(row, known.get(_key(row.entry.name), ()))
        if match is None and not row.is_placed:
            problems.append(row.problem("name", StationFault.NO_SUCH_STATION))
            continue
        code = match or numbers.next(_prefix(row))
        rows.append(replace(row, entry=replace(row.entry, code=code)))
        entry = row.entry
        place = f"{entry.lng},{entry.lat}"
        proposed.append(Proposed(row.sheet.name, row.row, code, entry.name, place, match is None))
    return rows, proposed, problems


def _match(row: Listed, known: Sequence[_Known]) -> str | None:
    """The one station of this name within 300 m, else the one of this name and address."""
    if row.is_placed:
        near = sorted(
            (metres, one.code)
            for one in known
            if (metres := distance(row.point, one.point)) <= MOVED
        )
        if near:
            return near[0][1]
    address = _key(row.entry.address)
    same = [one.code for one in known if address and one.address == address]
    return same[0] if len(same) == 1 else None


def _prefix(row: Listed) -> str:
    if row.entry.adcode:
        return row.entry.adcode[:6]
    league, banner = stated_league(row.entry)
    if banner is not None:
        return banner.adcode
    if not in_region(row.point.lat, row.point.lon):
        return _COUNTRY
    nearest = Places.load().nearest_place(row.point)
    if league is not None and nearest.league != league.adcode:
        return league.adcode
    return nearest.adcode or _REGION


class _Numbers:
    """Running numbers behind each prefix."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._last: defaultdict[str, int] = defaultdict(int)
        for code in taken:
            if found := _CODE.fullmatch(code):
                self._last[found[1]] = max(self._last[found[1]], int(found[2]))

    def next(self, prefix: str) -> str:
        self._last[prefix] += 1
        return f"{prefix}-{self._last[prefix]:03d}"


@lru_cache(maxsize=1 << 14)
def _key(text: str) -> str:
    return _MARKS.sub("", clean(text).casefold())


_CODE: Final = LazyPattern(r"([0-9]{6})-([0-9]{3,6})")
_MARKS: Final = LazyPattern(r"[\W_]")
