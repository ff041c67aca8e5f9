"""Links that open a place, or the ride to it, in a map, without a key; they need no app.

Takes WGS-84 and writes GCJ-02, which all three maps read and which Amap's navigation has no way to
be told otherwise about. Tencent and Baidu take latitude first, Amap longitude first.
Sources: lbs.qq.com/webApi/uriV1, lbs.amap.com/api/uri-api, lbsyun.baidu.com (URI API, web).
"""

from dataclasses import dataclass
from urllib.parse import quote

from bot.geo.datum import Datum, from_wgs84
from bot.geo.point import Point

_SOURCE = "yizhan-bot"
# Both maps split a value again after decoding it, so a name must not hold their separators.
_CALLNATIVE = "&callnative="
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
    """A marker on Amap; `callnative` opens the app at once, see `without_app`."""
    lat, lon = from_wgs84(point, Datum.GCJ02)
    encoded = quote(_label(name), safe="")
    return (
        f"https://uri.amap.com/marker?position={lon:.6f},{lat:.6f}&name={encoded}"
        f"&src={_SOURCE}&coordinate=gaode{_CALLNATIVE}{callnative:d}"
    )


@dataclass(frozen=True, slots=True)
class RideLinks:
    """URLs of the way to one place by bicycle, from where the phone is; see `ride_links`."""

    amap: str
    tencent: str
    baidu: str


def ride_links(point: Point, name: str) -> RideLinks:
    """The way there by bicycle on each map; Amap's link opens its app at once, see `without_app`.

    Baidu's web form needs an origin (我的位置).
    """
    label = _label(name)
    encoded = quote(label, safe="")
    lat, lon = from_wgs84(point, Datum.GCJ02)
    destination = quote(f"latlng:{lat:.6f},{lon:.6f}|name:{label}", safe=":,")
    return RideLinks(
        amap=(
            f"https://uri.amap.com/navigation?to={lon:.6f},{lat:.6f},{encoded}"
            f"&mode=ride&src={_SOURCE}{_CALLNATIVE}1"
        ),
        tencent=(
            "https://apis.map.qq.com/uri/v1/routeplan?type=bike"
            f"&to={encoded}&tocoord={lat:.6f},{lon:.6f}&coord_type=2&referer={_SOURCE}"
        ),
        baidu=(
            "https://api.map.baidu.com/direction?origin=%E6%88%91%E7%9A%84%E4%BD%8D%E7%BD%AE"
            f"&destination={destination}&mode=riding&coord_type=gcj02&output=html&src={_SOURCE}"
        ),
    )


def without_app(url: str) -> str:
    """The link without `callnative`, for WeChat's browser, where calling an app fails."""
    return url.replace(f"{_CALLNATIVE}1", f"{_CALLNATIVE}0")


def _label(text: str) -> str:
    return " ".join(text.split()).translate(_SEPARATORS)
