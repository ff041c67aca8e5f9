"""A station file against the database: what applying it would change.

A file is applied whole or not at all, and only to the very stations that it was compared with.
Columns that the file does not have are left as they are; stations that it does not name are
reported and kept. When each facility was last looked at, and notes on it, are not in files: they
stay as long as the facility keeps its state.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import date
from math import dist
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.datum import Datum
from bot.geo.ellipsoid import ecef, longest
from bot.geo.point import Point
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.reader import Difference, Problem, Table
from bot.services.stations.importing.cells import by_date
from bot.services.stations.importing.columns import COLUMNS, as_in_file
from bot.services.stations.importing.duplicates import Site, find_neighbours
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.rows import StationEntry, cells_of
from bot.services.stations.importing.stored import Stored, stored
from bot.services.stations.importing.validate import (
    PLACE,
    Checked,
    Listed,
    Located,
    check,
    is_placeless,
)
from bot.services.stations.statuses import StationStatus

MOVED: Final = 300.0
"""Metres: a station that moves farther must be meant to."""
_GONE: Final = frozenset({StationStatus.MOVED, StationStatus.CLOSED})


class Geocoder(Protocol):
    """Finds places by their address."""

    async def locate(self, text: str) -> Point | None:
        """Where that is, None if unknown."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A station that the file changes; `after` is in place at `point`."""

    before: Stored
    after: StationEntry
    point: Point
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A station of the database that the file does not name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a file would do to the stations of `version`.

    Any of `problems` forbids it; `moved` (over 300 m, each with params `metres`) must be allowed;
    `warnings` do not.
    """

    version: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    moved: tuple[Problem, ...]
    new: tuple[Listed, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    missing: tuple[Missing, ...]


async def plan_import(
    db: AsyncSession,
    table: Table,
    datum: Datum,
    today: date,
    *,
    anywhere: bool = False,
    places: dict[tuple[str, int], Located] | None = None,
) -> Plan:
    """Compares a file with the stations; see `check` for the arguments. Reads only."""
    checked = await asyncio.to_thread(check, table, datum, today, anywhere=anywhere, places=places)
    return await _compare(db, checked)


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


async def _compare(db: AsyncSession, checked: Checked) -> Plan:
    version = await dataset_version(db, Dataset.STATIONS)
    unmatched = {one.entry.code: one for one in checked.listed}
    changed: list[Changed] = []
    moved: list[Problem] = []
    missing: list[Missing] = []
    unaffected: list[Site] = []
    affected: list[Listed] = []
    unchanged = 0
    async for old in stored(db):
        code, name = clean(old.entry.code), old.entry.name
        listed = unmatched.pop(code, None)
        if listed is None:
            if code not in checked.codes and not old.entry.is_demo:
                missing.append(Missing(code, name))
            if old.entry.status not in _GONE:
                unaffected.append(Site(code, name, old.point, 0))
            continue
        change = _change(old, listed)
        if change is None:
            unchanged += 1
        else:
            changed.append(change)
            metres = distance(old.point, change.point)
            if metres > MOVED:
                moved.append(listed.problem("lng", StationFault.MOVED, metres=str(round(metres))))
        if change is not None and {one.field for one in change.differences} & _RENEWING:
            affected.append(listed)
        elif old.entry.status not in _GONE:
            unaffected.append(Site(code, name, old.point, listed.row))
    # What is left of `unmatched` is new; in the order of the file, as are the lines on neighbours.
    affected = [*affected, *unmatched.values()]
    neighbours = list(
        find_neighbours((one for one in affected if one.entry.status not in _GONE), unaffected)
    )
    duplicates = [one for one in neighbours if one.code is StationFault.DUPLICATE_PLACE]
    return Plan(
        version=version,
        problems=tuple(
            sorted([*checked.problems, *duplicates], key=lambda one: (one.sheet, one.row))
        ),
        warnings=(
            *checked.warnings,
            *(one for one in neighbours if one.code is not StationFault.DUPLICATE_PLACE),
        ),
        moved=tuple(moved),
        new=tuple(unmatched.values()),
        changed=tuple(changed),
        unchanged=unchanged,
        missing=tuple(missing),
    )


_RENEWING: Final = PLACE | {"name"}


def _change(old: Stored, listed: Listed) -> Changed | None:
    """What the row changes of a station; fields that the file does not have stay."""
    given = listed.given | PLACE
    was, now = old.entry, listed.entry
    fields = [name for name in COLUMNS if name in given and not _same(was, now, name)]
    moves = not PLACE.isdisjoint(fields)
    if moves and was.geocoded and "geocoded" not in given:
        fields.append("geocoded")  # coordinates from a list are no geocoder's any more
    if not fields:
        return None
    after = replace(was, **{name: getattr(now, name) for name in fields})
    before_cells, after_cells = cells_of(was), cells_of(after)
    differences = tuple(Difference(name, before_cells[name], after_cells[name]) for name in fields)
    return Changed(old, after, listed.point if moves else old.point, differences)


def _same(was: StationEntry, now: StationEntry, name: str) -> bool:
    """Whether a file that was written from `was` would say `now`: text in files is clean."""
    before, after = getattr(was, name), getattr(now, name)
    if before == after:
        return True
    if name == "changes":
        folded = [replace(one, reason=clean(one.reason)) for one in was.changes]
        return by_date(folded) == now.changes
    return isinstance(before, str) and as_in_file(before, name) == after


def distance(a: Point, b: Point) -> float:
    """Metres, to a part in 10,000 at the distances that matter."""
    return 0.0 if a == b else longest(dist(ecef(a.lat, a.lon), ecef(b.lat, b.lon)))
