"""Links of one station: the ride there in each map app, its public page, its phone."""

from functools import lru_cache
from typing import Final

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.replies import Link
from bot.geo import map_links
from bot.services.stations.catalogue import Station
from bot.services.stations.public_codes import public_code

PHONES_SHOWN: Final = 2
STATIONS_HELD: Final = 2048
"""So many stations' unchanging parts of answers are kept, about 6 MB."""
_PHONE: Final = LazyPattern(
    r"(?<![0-9])(?:\+?86[- ]?)?(?:(0[0-9]{2,3})[- ]?([0-9]{7,8})|(1[3-9][0-9]{9})"
    r"|(400)[- ]?([0-9]{3})[- ]?([0-9]{4}))(?![0-9])"
)


@lru_cache(maxsize=STATIONS_HELD)
def rides(t: Translator, station: Station) -> tuple[Link, ...]:
    """The way there in each map app: the ride in Amap, which opens at once where it can."""
    urls = map_links.route_links(station.point, station.name)
    return (
        Link(t("Ride with Amap"), urls.amap),
        Link(t("Tencent"), urls.tencent),
        Link(t("Baidu"), urls.baidu),
    )


def page(t: Translator, station: Station, public_url: str) -> tuple[Link, ...]:
    """The station's public page, which has all map apps; nothing without a public address."""
    if not public_url:
        return ()
    return (Link(t("Details"), page_url(station.code, public_url)),)


def page_url(code: str, public_url: str) -> str:
    """`https://…/s/CODE`."""
    return f"{public_url.rstrip('/')}/s/{public_code(code)}"


def shortest_way(t: Translator, station: Station, public_url: str) -> tuple[Link, ...]:
    """One link: the public page where there is one, as it is short, else the ride on Amap."""
    if not public_url:
        return rides(t, station)[:1]
    return (Link(t("Way there"), page_url(station.code, public_url)),)


def phones(phone: str) -> tuple[Link, ...]:
    """The numbers in a phone field to tap, at most two; an extension is dialled by hand.

    Labelled with the country code, which Telegram needs to see a number in a text.
    """
    found = []
    for one in _PHONE.finditer(phone):
        area, local, mobile, *hotline = one.groups()
        if mobile:
            found.append(Link(f"+86 {mobile}", f"tel:+86{mobile}"))
        elif area:
            found.append(Link(f"+86 {area[1:]} {local}", f"tel:+86{area[1:]}{local}"))
        else:  # not reachable with a country code
            found.append(Link("-".join(hotline), "tel:" + "".join(hotline)))
    return tuple(found[:PHONES_SHOWN])
