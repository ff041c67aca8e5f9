"""Stations listed twice at one place: a new one is compared with all that stand within 20 m."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product
from math import dist
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.geo.ellipsoid import ecef
from bot.geo.point import Point
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.listed import Listed

NEAR: Final = 20.0  # metres
PER_CELL: Final = 8  # a whole list at one point must not be compared pair by pair
_ALIKE: Final = 0.75


@value
class Site:
    """A station that is there already; `row` 0: in the database only."""

    code: str
    name: str
    point: Point
    row: int


def find_neighbours(affected: Iterable[Listed], unaffected: Iterable[Site]) -> Iterator[Problem]:
    """For each affected row at most one: `DUPLICATE_PLACE` for a like name, else `SHARED_PLACE`.

    Affected rows are new, moved or renamed; those that are no more (搬迁, 撤销) should be left out.
    """
    cells: defaultdict[int, list[tuple[tuple[float, float, float], Site]]] = defaultdict(list)

    def add(site: Site) -> None:
        xyz = ecef(site.point.lat, site.point.lon)
        cell = cells[_cell(xyz)]
        if len(cell) < PER_CELL:
            cell.append((xyz, site))

    for site in unaffected:
        add(site)
    for listed in affected:
        entry = listed.entry
        xyz = ecef(listed.point.lat, listed.point.lon)
        near = [
            site
            for cell in map(_cell(xyz).__add__, _AROUND)
            for there, site in cells.get(cell, ())
            if dist(there, xyz) < NEAR and site.code != entry.code
        ]
        duplicate = next((site for site in near if are_alike(entry.name, site.name)), None)
        if duplicate is not None or near:
            site, code = (
                (near[0], StationFault.SHARED_PLACE)
                if duplicate is None
                else (duplicate, StationFault.DUPLICATE_PLACE)
            )
            yield listed.problem(
                "name", code, code=site.code, name=site.name, row=str(site.row or "")
            )
        add(Site(entry.code, entry.name, listed.point, listed.row))


def are_alike(one: str, other: str) -> bool:
    """Whether two names mean one station: the same but for the words that all names have.

    Names that differ in a number are two stations: 1号站, 2号站.
    """
    a, b = _core(one), _core(other)
    if _digits(a) != _digits(b):
        return False
    if a == b:
        return True
    if not a or not b:
        return False
    return a in b or b in a or SequenceMatcher(None, a, b).ratio() >= _ALIKE


@lru_cache(maxsize=4096)
def _core(name: str) -> str:
    return _COMMON.sub("", name.casefold())


def _digits(name: str) -> list[str]:
    return re.findall(r"[0-9]+|[一二三四五六七八九十]+(?=号|分|楼)", name)


def _cell(xyz: tuple[float, float, float]) -> int:
    """The number of the cube of 20 m that holds the place."""
    x, y, z = xyz
    return int(x // NEAR) * _ROW * _ROW + int(y // NEAR) * _ROW + int(z // NEAR)


_ROW: Final = 1 << 21
"""More cubes than the earth is wide."""
_AROUND: Final = tuple(x * _ROW * _ROW + y * _ROW + z for x, y, z in product((-1, 0, 1), repeat=3))
_COMMON: Final = LazyPattern(
    r"户外劳动者|快递小哥|快递员|中国工商银行|工商银行|工行|总工会|工会|爱心|暖心|小哥|职工|"
    r"服务驿站|服务站点|服务站|驿站|站点|示例|[\W_]"
)
