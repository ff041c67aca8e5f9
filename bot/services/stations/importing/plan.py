"""A station file against the database: what applying it would change.

A file is applied whole or not at all, unless only its good rows are asked for, and only to the very
stations that it was compared with. Columns that the file does not have are left as they are;
stations that it does not name are reported and kept. When each facility was last looked at, and
notes on it, are not in files: they stay as long as the facility keeps its state.
"""

import asyncio
from datetime import date
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.datum import Datum
from bot.geo.point import Point
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.tables import Table
from bot.services.stations.importing.changed import Changed
from bot.services.stations.importing.columns import as_in_file
from bot.services.stations.importing.compare import Missing, Plan, compare
from bot.services.stations.importing.distances import MOVED, distance
from bot.services.stations.importing.reading.placing import Located, is_placeless
from bot.services.stations.importing.stored import stored
from bot.services.stations.importing.terms import Terms
from bot.services.stations.importing.validate import check

__all__ = ["MOVED", "Changed", "Geocoder", "Missing", "Plan", "distance", "plan_import"]


class Geocoder(Protocol):
    """Finds places by their address."""

    async def locate(self, text: str) -> Point | None:
        """Where that is, None if unknown."""


async def plan_import(
    db: AsyncSession,
    table: Table,
    datum: Datum,
    today: date,
    *,
    terms: Terms = Terms(),  # noqa: B008 - frozen
    places: dict[tuple[str, int], Located] | None = None,
) -> Plan:
    """Compares a file with the stations; see `check` for the arguments. Reads only."""
    checked = await asyncio.to_thread(check, table, datum, today, terms=terms, places=places)
    return await compare(db, checked, terms)


async def locate_missing(
    db: AsyncSession, table: Table, geocoder: Geocoder
) -> dict[tuple[str, int], Located]:
    """Places for the rows without coordinates: those already known for the address, else asked.

    Asks a network service, so the session must be one for look-ups.
    """
    known = {clean(one.entry.code): one async for one in stored(db)}
    places = {}
    for sheet in table.sheets:
        for row, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            if not is_placeless(values):
                continue
            held = known.get(values.get("code", ""))
            if held is not None and as_in_file(held.entry.address, "address") == values.get(
                "address", ""
            ):
                entry = held.entry
                if entry.lat is not None and entry.lng is not None:
                    key = (sheet.name, row)
                    places[key] = Located(entry.lat, entry.lng, entry.datum, entry.geocoded)
                continue
            words = (values.get(name, "") for name in ("league", "banner", "address"))
            text = "".join(words) if values.get("address") else values.get("name", "")
            point = await geocoder.locate(text) if text else None
            if point is not None:
                found = Located(point.lat, point.lon, Datum.WGS84, geocoded=True)
                places[sheet.name, row] = found
    return places
