"""Links that open a station in a map, without a key; they need no app and run in WeChat's browser.

Takes WGS-84 and writes GCJ-02, which both maps expect and which Amap's navigation has no way to
be told otherwise about. Tencent takes latitude first, Amap longitude first.
Sources: lbs.qq.com/webApi/uriV1, lbs.amap.com/api/uri-api.
"""

from urllib.parse import quote

from bot.geo.datum import Datum, from_wgs84
from bot.geo.point import Point

_SOURCE = "yizhan-bot"
# Both maps split a value again after decoding it, so a name must not hold their separators.
_SEPARATORS = str.maketrans({";": "；", ":": "：", ",": "，", "|": "｜"})


def tencent(point: Point, name: str, address: str) -> str:
    """A marker on Tencent's map; without an address the name stands for it, as one is required."""
    lat, lon = from_wgs84(point, Datum.GCJ02)
    marker = f"coord:{lat:.6f},{lon:.6f};title:{_label(name)};addr:{_label(address or name)}"
    return (
        "https://apis.map.qq.com/uri/v1/marker"
        f"?marker={quote(marker, safe=':,')}&coord_type=2&referer={_SOURCE}"
    )


def amap(point: Point, name: str, *, callnative: bool = False) -> str:
    """A marker on Amap; `callnative` opens the app at once, which fails in WeChat's browser."""
    lat, lon = from_wgs84(point, Datum.GCJ02)
    return (
        f"https://uri.amap.com/marker?position={lon:.6f},{lat:.6f}&name={_encoded(name)}"
        f"&src={_SOURCE}&coordinate=gaode&callnative={callnative:d}"
    )


def amap_ride(point: Point, name: str, *, callnative: bool = False) -> str:
    """The way there by bicycle on Amap, from where the phone is."""
    lat, lon = from_wgs84(point, Datum.GCJ02)
    return (
        f"https://uri.amap.com/navigation?to={lon:.6f},{lat:.6f},{_encoded(name)}"
        f"&mode=ride&src={_SOURCE}&callnative={callnative:d}"
    )


def _label(text: str) -> str:
    return " ".join(text.split()).translate(_SEPARATORS)


def _encoded(text: str) -> str:
    return quote(_label(text), safe="")
