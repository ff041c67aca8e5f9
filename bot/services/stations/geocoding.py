"""Landmarks that couriers type, found by any geopy geocoder; off unless one is set up.

Asked before the turn begins, never inside it, and only for short words about a place: what holds
a longer number could be a phone or an application and is never sent to a third party.
"""

import asyncio
import json
from typing import Any

import structlog
from geopy.adapters import AioHTTPAdapter
from geopy.exc import GeopyError
from geopy.geocoders import get_geocoder_for_service

from bot.common.lazy_pattern import LazyPattern
from bot.geo.datum import Datum, to_wgs84
from bot.geo.point import Point

log = structlog.get_logger()
TIMEOUT = 2.0  # seconds: the courier waits, and WeChat gives five in all
LONGEST = 40
PRIVATE = LazyPattern(r"\d{4}")


class Geocoder:
    """A geopy geocoder by its name, such as `nominatim`, with its options as JSON.

    Raises `ValueError` for a name that geopy does not know or options that it does not take.
    """

    def __init__(self, service: str, options: str, datum: Datum) -> None:
        try:
            given: dict[str, Any] = json.loads(options or "{}")
            kind = get_geocoder_for_service(service)
            self._geocoder = kind(adapter_factory=AioHTTPAdapter, timeout=TIMEOUT, **given)
        except (GeopyError, TypeError, ValueError):
            raise ValueError("no geopy geocoder of that name takes these options") from None
        self._datum = datum

    async def locate(self, text: str) -> Point | None:
        """Where that is; None if it is unknown, private, or the service does not answer in time."""
        words = " ".join(text.split())
        if not words or len(words) > LONGEST or PRIVATE.search(words):
            return None
        try:
            # the adapter's own limit starts anew with each request, as for a redirect
            async with asyncio.timeout(TIMEOUT):
                found = await self._geocoder.geocode(words)
        except (GeopyError, ValueError, TimeoutError) as error:
            log.warning("geocoder.failed", error=type(error).__name__)
            return None
        if found is None:
            return None
        try:
            return to_wgs84(found.latitude, found.longitude, self._datum)
        except ValueError:
            return None

    async def close(self) -> None:
        """Closes its connections."""
        await self._geocoder.__aexit__(None, None, None)
