"""Which league or banner a courier means, and where its seat lies.

A text is read in three steps. It is folded (NFKC, lower case, no tones) into letters without
spaces, while the places where a word began or ended are remembered, so that "lin he", "Línhé" and
"LINHE" are one. Then every known name in it is taken, the longest first, from left to right. Last,
names are weighed against each other: a banner beats its league, and a league decides between
banners of one name (赤峰 左旗 is 巴林左旗).

Names that ordinary sentences contain too (回民, 青山, 海南, 东河) are *weak*: they count only
beside their league, or where a word begins and nothing but a place may follow. A name followed by
"street" is a street: 鄂尔多斯大街 is in 呼和浩特.

The table is `bot/data/places.csv`, written by `tools/build_places.py`. A seat is the town that
people go to, within about 4 km (10 at worst); it is no boundary and decides no membership.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import cos, inf, radians
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from bot.common.values import value
from bot.data import DATA
from bot.geo.place_text import DECOYS, Folded, fold, is_other_word, landmark, stands_alone
from bot.geo.point import Point

TABLE: Final = DATA / "places.csv"


class Kind(StrEnum):
    """Level of a division: 盟 and 地级市, or 旗, 县, 区 and 县级市 below them."""

    LEAGUE = "league"
    BANNER = "banner"


@value
class Place:
    """A division of Inner Mongolia; `point` is its seat in WGS-84, `league` the adcode above it.

    `adcode` has six digits (GB/T 2260); a league's `league` is its own adcode. `short` is the name
    without 市, 旗, 区 …, as people say it.
    """

    adcode: str
    name: str
    short: str
    kind: Kind
    league: str
    point: Point


@value
class Found:
    """What a text names, best first, and the words left over: perhaps a landmark, often "".

    More than one place: the text does not say which (前旗), or names several.
    """

    places: tuple[Place, ...]
    rest: str


@value
class _Name:
    """All places called so; `weak` if it needs support from its surroundings."""

    places: tuple[Place, ...]
    weak: bool


@value
class _Hit:
    """A name at letters `start:end` of the folded text."""

    start: int
    end: int
    name: _Name


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The divisions and all their names. Immutable; one is shared by the whole process."""

    by_adcode: Mapping[str, Place]
    _names: Mapping[str, _Name]
    _longest: int
    _seats: tuple[tuple[float, float, Place], ...]
    """Latitude and longitude of each banner, in the order of the table."""

    @staticmethod
    def load() -> "Places":
        """The table that the package ships, read once: 12 leagues and 103 banners."""
        return _bundled()

    @classmethod
    def from_csv(cls, path: Path) -> Self:
        """Reads a table as `tools/build_places.py` writes it; KeyError or ValueError if it is not.

        Of two places with one name the one whose short name it is comes first, then by adcode.
        """
        places: dict[str, Place] = {}
        called: dict[str, list[tuple[bool, Place]]] = {}
        weak: set[str] = set()
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                place = Place(
                    adcode=row["adcode"],
                    name=row["name"],
                    short=row["short"],
                    kind=Kind(row["kind"]),
                    league=row["league"],
                    point=Point(float(row["lat"]), float(row["lon"])),
                )
                places[place.adcode] = place
                alone = [fold(word).letters for word in row["weak"].split("|") if word]
                weak.update(alone)
                own = {place.name, place.short}
                words = (*own, *row["aliases"].split("|"), *row["pinyin"].split("|"))
                keys = {fold(word).letters for word in words} | set(alone)
                for key in keys - {""}:
                    called.setdefault(key, []).append((key not in own, place))
        names = {
            key: _Name(
                tuple(p for _, p in sorted(found, key=lambda f: (f[0], f[1].adcode))), key in weak
            )
            for key, found in called.items()
        }
        names.update((decoy, _Name((), weak=False)) for decoy in DECOYS)
        seats = tuple(
            (place.point.lat, place.point.lon, place)
            for place in places.values()
            if place.kind is Kind.BANNER
        )
        longest = max(map(len, names))
        return cls(MappingProxyType(places), MappingProxyType(names), longest, seats)

    def find(self, text: str) -> list[Place]:
        """The places that a text names, best first; [] if it names none that is known here."""
        return list(self.read(text).places)

    def read(self, text: str) -> Found:
        """The places that a text names, and what else it says (海拉尔火车站旁边: 火车站)."""
        folded = fold(text)
        hits = self._supported(folded, self._hits(folded))
        taken = {at for hit in hits for at in range(hit.start, hit.end)}
        return Found(_choose(hits), landmark(folded, taken))

    def called(self, letters: str) -> tuple[Place, ...]:
        """The places with this name, alias or pinyin, folded as by `place_text.fold`."""
        name = self._names.get(letters)
        return () if name is None else name.places

    def is_weak(self, name: str) -> bool:
        """Whether ordinary sentences contain this name too."""
        found = self._names.get(name)
        return found is not None and found.weak

    def nearest_place(self, point: Point) -> Place:
        """The banner whose seat is nearest: a label for statistics, never a boundary.

        Flat-earth distance, good to a few per cent in this region; ties go to the lower adcode.
        """
        lat, lon, shrink = point.lat, point.lon, cos(radians(point.lat))
        nearest, least = self._seats[0][2], inf
        for seat_lat, seat_lon, place in self._seats:
            square = (seat_lat - lat) ** 2
            if square < least:
                east = (seat_lon - lon + 180.0) % 360.0 - 180.0
                square += (east * shrink) ** 2
                if square < least:
                    nearest, least = place, square
        return nearest

    def league_of(self, point: Point) -> Place:
        """The league of the nearest banner; as coarse as that."""
        return self.by_adcode[self.nearest_place(point).league]

    def _hits(self, folded: Folded) -> list[_Hit]:
        hits: list[_Hit] = []
        at, size = 0, len(folded.letters)
        after_name = False
        while at < size:
            hit = None
            if after_name or folded.edges[at] or not folded.letters[at].isascii():
                hit = self._hit(folded, at)
            after_name = hit is not None
            if hit is None:
                at += 1
            else:
                if hit.name.places:
                    hits.append(hit)
                at = hit.end
        return hits

    def _hit(self, folded: Folded, at: int) -> _Hit | None:
        """The longest name that begins at letter `at`."""
        letters, edges = folded.letters, folded.edges
        latin = letters[at].isascii()
        for end in range(min(len(letters), at + self._longest), at, -1):
            name = self._names.get(letters[at:end])
            if name is None:
                continue
            if not name.places:
                return _Hit(at, end, name)
            if latin:
                if edges[end] or self._joined(folded, end):
                    return _Hit(at, end, name)
            elif not is_other_word(letters, end):
                return _Hit(at, end, name)
        return None

    def _joined(self, folded: Folded, at: int) -> bool:
        """Whether a name runs from `at` to the end of the word (hushi|xinchengqu)."""
        ends = range(min(len(folded.letters), at + self._longest), at, -1)
        return any(folded.edges[end] and folded.letters[at:end] in self._names for end in ends)

    def _supported(self, folded: Folded, hits: list[_Hit]) -> list[_Hit]:
        """Without the weak names that nothing supports."""
        leagues = {
            place.adcode
            for hit in hits
            for place in hit.name.places
            if place.kind is Kind.LEAGUE and not hit.name.weak
        }
        kept: list[_Hit] = []
        for hit in hits:
            beside = any(place.league in leagues for place in hit.name.places)
            if not hit.name.weak or beside or stands_alone(folded, hit.start, hit.end):
                kept.append(hit)
        return kept


@cache
def _bundled() -> Places:
    return Places.from_csv(TABLE)


def _choose(hits: Iterable[_Hit]) -> tuple[Place, ...]:
    """Banners before leagues; a league in the text decides between banners of one name."""
    named = [place for hit in hits for place in hit.name.places]
    groups = [hit.name.places for hit in hits]
    leagues = {places[0].adcode: places[0] for places in groups if places[0].kind is Kind.LEAGUE}
    banners: list[Place] = []
    stray = False
    for places in groups:
        if places[0].kind is Kind.LEAGUE:
            continue
        inside = [place for place in places if place.league in leagues]
        stray = stray or (bool(leagues) and not inside)
        banners.extend(inside or places)
    if not banners:
        return tuple(dict.fromkeys(named))
    # 呼市 东胜: one of the two is a slip, and the courier is asked which
    return tuple(dict.fromkeys([*banners, *leagues.values()] if stray else banners))
