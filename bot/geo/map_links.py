"""Links that open a place, or the way to it, in a map, without a key; they need no app.

Takes WGS-84 and writes GCJ-02, which all three maps read and which Amap's navigation has no way to
be told otherwise about. Tencent and Baidu take latitude first, Amap longitude first.

Of the web forms only Amap's has cycling (`mode=ride`, on phones). Tencent's `routeplan` has bus,
drive and walk, Baidu's `direction` transit, driving and walking; cycling they have in the schemes
of their apps only, which no channel may open. Their links show the way on foot: a bicycle can take
it, and either app changes to cycling with a tap.
Sources: lbs.amap.com/api/uri-api/guide/travel/route (2025-03-03),
lbs.qq.com/webApi/uriV1/uriGuide/uriWebRoute,
lbsyun.baidu.com/docs/webapi?title=mapadjustment/uri/web (2026-03-20).
"""

from urllib.parse import quote

from bot.common.values import value
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


def amap(point: Point, name: str) -> str:
    """A marker on Amap, in the browser."""
    lat, lon = from_wgs84(point, Datum.GCJ02)
    return (
        f"https://uri.amap.com/marker?position={lon:.6f},{lat:.6f}"
        f"&name={quote(_label(name), safe='')}&coordinate=gaode&src={_SOURCE}{_CALLNATIVE}0"
    )


@value
class RouteLinks:
    """URLs of the way to one place, from where the phone is; see `route_links`."""

    amap: str
    tencent: str
    baidu: str


def route_links(point: Point, name: str) -> RouteLinks:
    """The way there: by bicycle on Amap, whose app opens at once (see `without_app`), else on foot.

    Baidu's web form needs an origin (我的位置) and a source of three parts.
    """
    label = _label(name)
    encoded = quote(label, safe="")
    lat, lon = from_wgs84(point, Datum.GCJ02)
    destination = quote(f"latlng:{lat:.6f},{lon:.6f}|name:{label}", safe=":,")
    return RouteLinks(
        amap=(
            f"https://uri.amap.com/navigation?to={lon:.6f},{lat:.6f},{encoded}"
            f"&mode=ride&src={_SOURCE}{_CALLNATIVE}1"
        ),
        tencent=(
            "https://apis.map.qq.com/uri/v1/routeplan?type=walk"
            f"&to={encoded}&tocoord={lat:.6f},{lon:.6f}&coord_type=2&referer={_SOURCE}"
        ),
        baidu=(
            "https://api.map.baidu.com/direction?origin=%E6%88%91%E7%9A%84%E4%BD%8D%E7%BD%AE"
            f"&destination={destination}&mode=walking&coord_type=gcj02&output=html&src=webapp.yizhan.bot"
        ),
    )


def without_app(url: str) -> str:
    """The link without `callnative`: the browsers of WeChat and QQ can call no app."""
    return url.replace(f"{_CALLNATIVE}1", f"{_CALLNATIVE}0")


def _label(text: str) -> str:
    return " ".join(text.split()).translate(_SEPARATORS)
