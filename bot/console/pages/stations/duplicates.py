"""Pairs of stations that may be one: looked at, merged, or said to be two."""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console import background
from bot.console.parts import Parts
from bot.console.visits import Visit, get, post
from bot.services.operators.roles import Right
from bot.services.stations.administration import merges
from bot.services.stations.merging import duplicates
from bot.services.storage import address_of

ADDRESS: Final = "/stations/-/duplicates"
SMALL: Final = 5000
"""Stations among which pairs are found in milliseconds; more of them beside, in a process."""
AGAIN_AFTER: Final = timedelta(minutes=10)
"""Among many stations they are not looked for more often."""
_BEGUN: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, datetime]] = WeakKeyDictionary()


async def show(visit: Visit) -> Response:
    """A page of the pairs."""
    is_stale = await look_again(visit)
    async with visit.parts.store.reading() as db:
        page = await merges.pairs(db, visit.parts.places, visit.operator, visit.query("after"))
    names = {one.adcode: one.short for one in visit.parts.places.by_adcode.values()}
    values = {
        "page": page,
        "counted": merges.COUNTED,
        "after": visit.query("after"),
        "league_names": names,
        "is_stale": is_stale,
    }
    return visit.render("stations/duplicates.html", values)


async def keep_apart(visit: Visit) -> Response:
    """They are two stations."""
    async with visit.parts.store.writing() as db:
        done = await merges.keep_apart(
            db, visit.parts.places, visit.operator, visit.field("pair"), visit.now
        )
    t = visit.t
    said = t("Noted: these are two stations.") if done else t("That pair is dealt with already.")
    return visit.redirect(ADDRESS, said)


async def look_again(visit: Visit) -> bool:
    """Has all pairs found anew where the stations changed; whether that is not done yet."""
    async with visit.parts.store.reading() as db:
        if not await duplicates.is_stale(db):
            return False
        is_small = await duplicates.is_small(db, SMALL)
    loop = asyncio.get_running_loop()
    begun = _BEGUN.get(loop)
    if is_small or begun is None or visit.now - begun >= AGAIN_AFTER:
        _BEGUN[loop] = visit.now
        background.start(_find(visit.parts, is_small=is_small))
    return True


async def _find(parts: Parts, *, is_small: bool) -> None:
    if is_small:
        await duplicates.find_all(parts.store)
    else:
        await parts.work(duplicates.run, address_of(parts.store))


ROUTES: Final[list[BaseRoute]] = [
    get(ADDRESS, Right.STATIONS, show),
    post(ADDRESS, Right.STATIONS, keep_apart),
]
