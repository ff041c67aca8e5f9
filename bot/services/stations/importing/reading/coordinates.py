"""Coordinates as people write them: decimal, in minutes and seconds, both in a cell, a map link.

Longitudes and latitudes of China never overlap, so of two numbers it is plain which is which.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.geo.datum import Datum
from bot.geo.region import in_china, in_region


@value
class Pair:
    """Longitude and latitude of one cell; `datum` where it is a link to a map that says so."""

    lng: float
    lat: float
    datum: Datum | None = None


@lru_cache(maxsize=1 << 14)
def read_degrees(text: str) -> float | None:
    """Degrees with or without minutes, seconds, sign and letter; None for anything else.

    `111.6659`, `111,6659`, `E111.67`, `东经111°39′57″`, `111度39.95分`. Whole degrees with a mark
    and nothing behind it are no place.
    """
    found = _DECIMAL.fullmatch(text) or _COMMA.fullmatch(text)
    if found is not None:
        return float(found[1].replace(",", "."))
    found = _MINUTES.fullmatch(text.strip())
    if found is None:
        return None
    degrees, minutes, seconds = found[1], found[2], found[3]
    if minutes is None and "." not in degrees:
        return None
    if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return None
    size = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -size if degrees.startswith("-") else size


@lru_cache(maxsize=1 << 14)
def read_pair(text: str) -> Pair | None:
    """Both coordinates of one cell, in whichever order; None if there are not two.

    `111.70,40.85`, `40.85 111.70`, `东经111°39′57″ 北纬40°49′`, `111,70;40,85`,
    `POINT (111.70 40.85)`, a link to a map.
    """
    if "://" in text or _HOST.match(text):
        return _of_link(text)
    text = _WKT.sub("", text)
    if found := _COMMAS.fullmatch(text.strip(" ()[]")):
        first, second = (float(one.replace(",", ".")) for one in found.groups())
        return _ordered(first, second, latitude_first=False)
    bare = _LABEL.sub(" ", text)
    parts = list(_TOKEN.finditer(bare))
    if len(parts) != 2 or _SEPARATORS.fullmatch(_TOKEN.sub("", bare)) is None:
        return None
    first_degrees, second_degrees = (read_degrees(part[0].strip()) for part in parts)
    if first_degrees is None or second_degrees is None:
        return None
    north, east = _NORTH.search(text), _EAST.search(text)
    latitude_first = north is not None and (east is None or north.start() < east.start())
    return _ordered(first_degrees, second_degrees, latitude_first=latitude_first)


def _ordered(first: float, second: float, *, latitude_first: bool) -> Pair:
    if latitude_first or in_china(first, second):
        return Pair(second, first)
    return Pair(first, second)


def _of_link(text: str) -> Pair | None:
    """The first place of the region that a link names, in the datum of its map."""
    url = unquote(text)
    datum = next((datum for host, datum in _MAPS if host in url), None)
    if datum is None:
        return None
    said = _COORD_TYPE.search(url)
    if said is not None:
        datum = _COORD_TYPES.get(said[1].lower(), datum)
    lat, lng = _named(url, "lat|latitude"), _named(url, "lng|lon|longitude")
    if lat is not None and lng is not None:
        return Pair(lng, lat, datum)
    if found := _GOOGLE.search(url):
        return Pair(float(found[2]), float(found[1]), datum)
    for found in _NUMBERS.finditer(url):
        first, second = float(found[1]), float(found[2])
        if in_region(first, second) or in_region(second, first):
            pair = _ordered(first, second, latitude_first=False)
            return Pair(pair.lng, pair.lat, datum)
    return None


def _named(url: str, names: str) -> float | None:
    found = re.search(rf"[?&#](?:{names})=(-?\d+\.\d+)", url)
    return None if found is None else float(found[1])


_DECIMAL: Final = LazyPattern(r"([+-]?[0-9]{1,3}(?:\.[0-9]*)?(?:[eE]-?[0-9]{1,2})?) ?°?[NE]?")
_COMMA: Final = LazyPattern(r"([+-]?[0-9]{1,3},[0-9]{2,})")
_MINUTES: Final = LazyPattern(
    r"(?:东经|北纬|[ENen])?\s*[:]?\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*"
    r"(?:[°度º˚:]\s*(?:([0-9]{1,2}(?:\.[0-9]+)?)\s*(?:['′’‘分:]\s*"
    r"(?:([0-9]{1,2}(?:\.[0-9]+)?)\s*(?:''|′′|″|\"|”|“|’’|秒)?)?)?)?)?\s*[ENen]?"
)
_WKT: Final = LazyPattern(r"^point ?(?=\()", re.IGNORECASE)
_HOST: Final = LazyPattern(r"[a-z.]*\.(?:com|cn)/")
_LABEL: Final = LazyPattern(
    r"(?:经纬度|坐标|东经|北纬|[经纬]度|经(?=[:\d])|纬(?=[:\d])|lng|lat|lon|[ENen])\s*[:=]?",
    re.IGNORECASE,
)
_NORTH: Final = LazyPattern("北纬|纬|[Nn](?!g)|lat")
_EAST: Final = LazyPattern("东经|经(?!纬)|[Ee]|l[no]")
_TOKEN: Final = LazyPattern(
    r"-?\d{1,3}(?:\.\d+)?(?:\s*[°度º˚:]\s*(?:\d{1,2}(?:\.\d+)?\s*(?:['′’‘分:]\s*"
    r"(?:\d{1,2}(?:\.\d+)?(?![\d.]*\s*[°度º˚])\s*(?:''|′′|″|\"|”|“|’’|秒)?)?)?)?)?"
)
_SEPARATORS: Final = LazyPattern(r"[\s,;/|、()\[\]【】]*")
_COMMAS: Final = LazyPattern(r"(\d{2,3},\d{2,})\s*[;/|\s]\s*(\d{2,3},\d{2,})")
_NUMBERS: Final = LazyPattern(r"(?<![\d.])(\d{2,3}\.\d{2,})\s*[,;/|]\s*(\d{2,3}\.\d{2,})")
_GOOGLE: Final = LazyPattern(r"!3d(\d+\.\d+)!4d(\d+\.\d+)")
_MAPS: Final = (
    ("map.baidu.com", Datum.BD09),
    ("amap.com", Datum.GCJ02),
    ("map.qq.com", Datum.GCJ02),
    ("google.", Datum.GCJ02),
    ("goo.gl", Datum.GCJ02),
    ("tianditu", Datum.WGS84),
    ("openstreetmap.org", Datum.WGS84),
)
_COORD_TYPE: Final = LazyPattern(
    r"(?:coord_type|coordinate|coord)=(wgs84|gps|gcj02|gaode|bd09ll|bd09)"
)
_COORD_TYPES: Final = {
    "wgs84": Datum.WGS84, "gps": Datum.WGS84, "gcj02": Datum.GCJ02, "gaode": Datum.GCJ02,
    "bd09ll": Datum.BD09, "bd09": Datum.BD09,
}  # fmt: skip
