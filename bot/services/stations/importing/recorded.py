"""Stations in revisions: fields as cells of a list, which operators can read and imports read back.

A station that is added or removed is kept with all its cells that are not blank.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from bot.geo.datum import to_wgs84
from bot.services.operators.revisions import Record, Value
from bot.services.spreadsheets.tables import Difference, Sheet
from bot.services.stations.importing.columns import FIELDS
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import Changed, Plan
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.rows import StationEntry, cells_of, read_entry
from bot.services.stations.importing.stored import Stored

NO_SHEET: Final = Sheet("", (), MappingProxyType({}), ())
"""Where a row stands that is in no file."""


def records(plan: Plan) -> Iterator[Record]:
    """What a plan changes, as a revision keeps it."""
    for one in plan.new:
        yield Record(one.entry.code, None, whole(one.entry))
    for change in plan.changed:
        before = {one.field: one.before for one in change.differences}
        after = {one.field: one.after for one in change.differences}
        if not PLACE.isdisjoint(before):  # a place is one thing: half of it is another place
            before |= _place(change.before.entry)
            after |= _place(change.after)
        yield Record(change.before.entry.code, before, after)


def _place(entry: StationEntry) -> dict[str, str]:
    cells = cells_of(entry)
    return {name: cells[name] for name in sorted(PLACE)}


def whole(entry: StationEntry) -> dict[str, str]:
    """All cells of a station that are not blank."""
    cells = {}
    for field, value in zip(FIELDS, _VALUES(entry), strict=True):
        if value:  # 0 is nowhere a value: no station has such coordinates or such a rank
            cells[field.name] = value if field.to_cell is None else field.to_cell(value)
    return cells


_VALUES: Final = attrgetter(*(field.name for field in FIELDS))


def change(old: Stored, after: StationEntry) -> Changed | None:
    """The change from a stored station to `after`, None where they are the same."""
    was, now = cells_of(old.entry), cells_of(after)
    differences = tuple(
        Difference(name, was[name], now[name]) for name in was if was[name] != now[name]
    )
    if not differences:
        return None
    point = old.point
    if not PLACE.isdisjoint(one.field for one in differences):
        if after.lat is None or after.lng is None:
            raise ValueError("a station has coordinates")
        point = to_wgs84(after.lat, after.lng, after.datum)
    given = frozenset(one.field for one in differences)
    return Changed(old, after, point, differences, Listed(NO_SHEET, 0, after, point, given))


def with_cells(entry: StationEntry, cells: Mapping[str, Value]) -> StationEntry | None:
    """The entry with these fields as they were recorded; None if they cannot be read any more."""
    needed = {"code": entry.code, "name": entry.name, "datum": entry.datum.value}
    read = read_entry(needed | {name: str(cell) for name, cell in cells.items()})
    if not isinstance(read, StationEntry):
        return None
    return replace(entry, **{name: getattr(read, name) for name in cells})


def from_whole(cells: Mapping[str, Value]) -> StationEntry | None:
    """A station from all its cells; None if they cannot be read any more."""
    read = read_entry({name: str(cell) for name, cell in cells.items()})
    return read if isinstance(read, StationEntry) else None
