"""What an edit makes of one station: the checks of a list, applied to a single row."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.datum import Datum
from bot.services.spreadsheets.cells import clean, clean_prose
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem, Table
from bot.services.stations.editing.edit_kinds import (
    Close,
    DropDays,
    Reopen,
    SetDays,
    SetFacilities,
    Verify,
)
from bot.services.stations.editing.errors import EditFault
from bot.services.stations.importing.cells import in_order
from bot.services.stations.importing.columns import COLUMNS, PROSE
from bot.services.stations.importing.duplicates import Site, find_neighbours
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.reading.dated import DatedHours, by_date
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.recorded import NO_SHEET
from bot.services.stations.importing.rows import StationEntry, cells_of
from bot.services.stations.importing.stored import Stored
from bot.services.stations.importing.terms import Terms
from bot.services.stations.importing.validate import check
from bot.services.stations.statuses import StationStatus
from bot.store.models.stations import StationRow

NEAR: Final = 0.001
"""Degrees around a place in which a station that is the same one may stand: over 80 m."""
DAY: Final = timedelta(days=1)
REASON_LENGTH: Final = 120
"""Characters; the width of the column."""
GONE: Final = frozenset({StationStatus.MOVED, StationStatus.CLOSED})
_NONE: Final = frozenset({"", "无", "没有", "none", "no"})
NEEDED: Final = ("name", "lng", "lat")
"""What a new station must have."""

Checked: TypeAlias = Listed | tuple[Problem, ...]
Edited: TypeAlias = StationEntry | tuple[Problem, ...]


def checked(code: str, cells: Mapping[str, str], today: date, *, anywhere: bool) -> Checked:
    """The cells as a row of a list, or all that is wrong with them."""
    if lacking := [name for name in NEEDED if not cells.get(name)]:
        return tuple(_problem(name, "", TableFault.REQUIRED) for name in lacking)
    given = {
        name: clean_prose(cell) if name in PROSE else clean(cell) for name, cell in cells.items()
    }
    if given.keys() & {"lng", "lat"}:
        given.setdefault("datum", "")  # never guessed
    sheet = replace(NO_SHEET, fields=("code", *given), rows=((0, (code, *given.values())),))
    table = Table((sheet,), (), ())
    terms = Terms(anywhere=anywhere)
    found = check(table, Datum.WGS84, today, terms=terms, needs_datum=True)
    return found.listed[0] if found.listed else tuple(found.problems)


def with_cells(old: Stored, cells: Mapping[str, str], today: date, *, anywhere: bool) -> Checked:
    """The station with these cells, or what is wrong with them."""
    was = cells_of(old.entry)
    moves = not PLACE.isdisjoint(cells)
    kept = ("name",) if moves else ("name", "lng", "lat", "datum")
    held = {name: was[name] for name in kept}
    return checked(old.entry.code, {**held, **cells}, today, anywhere=anywhere or not moves)


def closed(was: StationEntry, edit: Close, today: date) -> Edited:
    """Closed on the dates; without dates paused, or given up."""
    if edit.for_good:
        return replace(was, status=StationStatus.CLOSED)
    if edit.first is None and edit.last is None:
        return replace(was, status=StationStatus.PAUSED)
    first, last = edit.first or today, edit.last
    if last is None:
        return (_problem("changes", str(first), EditFault.NO_END),)
    return _dated(was, DatedHours(first, last, None, clean(edit.reason)), today)


def with_days(old: Stored, edit: SetDays, today: date) -> Edited:
    """With other hours on the dates."""
    listed = with_cells(old, {"hours": edit.hours}, today, anywhere=True)
    if isinstance(listed, tuple):
        return listed
    if listed.entry.hours is None:
        return (_problem("hours", "", TableFault.REQUIRED),)
    dated = DatedHours(edit.first, edit.last, listed.entry.hours, clean(edit.reason))
    return _dated(old.entry, dated, today)


def without_days(was: StationEntry, edit: DropDays) -> StationEntry:
    """Without what was set for exactly these dates."""
    dates = (edit.first, edit.last)
    return replace(was, changes=tuple(one for one in was.changes if (one.first, one.last) != dates))


def _dated(was: StationEntry, dated: DatedHours, today: date) -> Edited:
    """With it instead of what was set for exactly these dates, which are not over."""
    first, last = dated.first, dated.last
    text = f"{first}..{last}"
    if last < first:
        return (_problem("changes", text, StationFault.CHANGES_ORDER, text=text),)
    if last < today:
        return (_problem("changes", text, EditFault.PAST),)
    if len(dated.reason) > REASON_LENGTH:
        most = str(REASON_LENGTH)
        return (_problem("changes", dated.reason, TableFault.TOO_LONG, max_length=most),)
    others = [one for one in was.changes if (one.first, one.last) != (first, last)]
    return replace(was, changes=by_date([*others, dated]))


def reopened(was: StationEntry, edit: Reopen) -> StationEntry:
    """A closure that began before is cut short, so that it stays true of the days that passed."""
    kept: list[DatedHours] = []
    last = edit.first if edit.last is None else edit.last
    for one in was.changes:
        if one.hours is not None or one.last < edit.first or one.first > last:
            kept.append(one)
            continue
        if one.first < edit.first:
            kept.append(replace(one, last=edit.first - DAY))
        if edit.last is not None and one.last > edit.last:
            kept.append(replace(one, first=edit.last + DAY))
    return replace(was, status=StationStatus.OPEN, changes=by_date(kept))


def verified(was: StationEntry, edit: Verify, today: date) -> Edited:
    """Verified on that day, which has come."""
    if edit.day > today:
        given = {"today": str(today)}
        return (_problem("verified_at", str(edit.day), TableFault.FUTURE_DATE, **given),)
    return replace(was, verified_at=edit.day)


def with_facilities(old: Stored, edit: SetFacilities, today: date) -> Edited:
    """The states as they were but for those that are given."""
    has = dict(old.entry.facilities)
    wrong: list[Problem] = []
    for name, state in edit.states.items():
        gone = clean(state).casefold() in _NONE
        cell = name if gone else f"{name}={state}"
        listed = with_cells(old, {"facilities": cell}, today, anywhere=True)
        if isinstance(listed, tuple):
            wrong += listed
            continue
        for code, found in listed.entry.facilities:
            if gone:
                has.pop(code, None)
            else:
                has[code] = found
    return tuple(wrong) or replace(old.entry, facilities=in_order(has))


async def neighbours(db: AsyncSession, listed: Listed) -> Iterator[Problem]:
    """Stations within 20 m of it."""
    here = listed.point
    rows = select(StationRow.code, StationRow.name, StationRow.lat, StationRow.lon).where(
        StationRow.lat.between(here.lat - NEAR, here.lat + NEAR),
        StationRow.lon.between(here.lon - 2 * NEAR, here.lon + 2 * NEAR),
        StationRow.status.not_in(GONE),
    )
    sites = [
        Site(code, name, replace(here, lat=lat, lon=lon), 0)
        for code, name, lat, lon in await db.execute(rows)
    ]
    return find_neighbours([listed], sites)


def _problem(field: str, value: str, code: str, **params: str) -> Problem:
    return Problem("", 0, COLUMNS[field][0], value, code, MappingProxyType(params))
