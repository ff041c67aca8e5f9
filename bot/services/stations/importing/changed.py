"""What a row of a list changes of a station that is stored."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.common.values import value
from bot.geo.datum import Datum, to_wgs84
from bot.geo.point import Point
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.tables import Difference
from bot.services.stations.importing.cells import in_order
from bot.services.stations.importing.columns import COLUMNS, as_in_file
from bot.services.stations.importing.distances import distance
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.reading.dated import by_date
from bot.services.stations.importing.reading.facility_words import Changes
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.rows import StationEntry, cells_of
from bot.services.stations.importing.stored import Stored
from bot.services.stations.importing.terms import Terms
from bot.services.stations.statuses import FacilityStatus

_NEAR: Final = 30.0
"""Metres: a station that another datum brings so close has not moved."""


@value
class Changed:
    """A station that the file changes; `after` is in place at `point`, as `listed` says."""

    before: Stored
    after: StationEntry
    point: Point
    differences: tuple[Difference, ...]
    listed: Listed


def datums_that_stay(old: Stored, change: Changed) -> Iterator[Datum]:
    """The datums in which the coordinates of the list are those of the station."""
    entry = change.listed.entry
    if entry.lat is None or entry.lng is None:
        return
    for datum in Datum:
        if datum is not entry.datum:
            try:
                there = to_wgs84(entry.lat, entry.lng, datum)
            except ValueError:
                continue
            if distance(old.point, there) <= _NEAR:
                yield datum


def with_changes(
    facilities: tuple[tuple[str, FacilityStatus], ...], changes: Changes
) -> tuple[tuple[str, FacilityStatus], ...]:
    """The facilities after changes of single ones."""
    if not changes:
        return facilities
    after = dict(facilities)
    for code, state in changes:
        if state is None:
            after.pop(code, None)
        else:
            after[code] = state
    return in_order(after)


def without_losses(listed: Listed, terms: Terms) -> Listed:
    """The row so that it only adds facilities, where that is wanted."""
    if not terms.keep_facilities or "facilities" not in listed.given:
        return listed
    changes = (*listed.entry.facilities, *listed.changes)
    return replace(listed, given=listed.given - {"facilities"}, changes=changes)


def change_of(old: Stored, listed: Listed) -> Changed | None:
    """What the row changes of a station; fields that the file does not have stay."""
    given = set(listed.given)
    if listed.is_placed:
        given |= PLACE
    was, now = old.entry, listed.entry
    if listed.changes:
        held = now.facilities if "facilities" in given else was.facilities
        now = replace(now, facilities=with_changes(held, listed.changes))
        given.add("facilities")
    fields = [name for name in COLUMNS if name in given and not _same(was, now, name)]
    moves = not PLACE.isdisjoint(fields)
    if moves and was.geocoded and "geocoded" not in given:
        fields.append("geocoded")  # coordinates from a list are no geocoder's any more
    if not fields:
        return None
    after = replace(was, **{name: getattr(now, name) for name in fields})
    before_cells, after_cells = cells_of(was), cells_of(after)
    differences = tuple(Difference(name, before_cells[name], after_cells[name]) for name in fields)
    return Changed(old, after, listed.point if moves else old.point, differences, listed)


def _same(was: StationEntry, now: StationEntry, name: str) -> bool:
    """Whether a file that was written from `was` would say `now`: text in files is clean."""
    before, after = getattr(was, name), getattr(now, name)
    if before == after:
        return True
    if name == "changes":
        folded = [replace(one, reason=clean(one.reason)) for one in was.changes]
        return by_date(folded) == now.changes
    return isinstance(before, str) and as_in_file(before, name) == after
