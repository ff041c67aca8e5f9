"""What the preview of a station list shows: counts in the summary, and the rows of each tab."""

from datetime import date
from typing import Final

from bot.services.list_imports.faulty_cells import Cells
from bot.services.list_imports.states import Tab
from bot.services.list_imports.summaries import NOTES, JsonRow, Summary, as_row
from bot.services.spreadsheets.tables import Table
from bot.services.stations.importing.changed import Changed
from bot.services.stations.importing.distances import MOVED, distance
from bot.services.stations.importing.faults import StationDoubt, StationFault
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import Plan
from bot.services.stations.importing.recorded import whole
from bot.services.stations.statuses import StationStatus

HOURS: Final = 100
_ACCEPTABLE: Final = frozenset({*StationDoubt, StationFault.MOVED, StationFault.REMOVES})
"""What the operator may say is right."""
_SHOWN: Final = ("league", "banner", "address", "hours", "facilities")
"""Fields of a new station that its row shows."""


def count(summary: Summary, plan: Plan, table: Table, told: int, today: date) -> None:
    """Adds what the plan says to the summary. `told`: couriers who get a notice."""
    blocking = [one for one in plan.problems if one not in plan.doubtful]
    acceptable = [one for one in plan.left_out if one.code in _ACCEPTABLE]
    summary.new, summary.changed = len(plan.new), len(plan.changed)
    summary.unchanged, summary.missing = plan.unchanged, len(plan.missing)
    summary.moved = sum(1 for one in plan.changed if _metres(one) > MOVED)
    summary.closing = sum(1 for one in plan.changed if _closes(one, today))
    summary.told = told
    summary.left_rows = len({(one.sheet, one.row) for one in plan.left_out})
    summary.unread, summary.accepted = len(plan.unread), plan.accepted
    summary.moves = sum(1 for one in acceptable if one.code == StationFault.MOVED)
    summary.removals = sum(1 for one in acceptable if one.code == StationFault.REMOVES)
    summary.blocking = [as_row(one) for one in blocking[:NOTES]]
    summary.doubts = [as_row(one) for one in plan.doubtful[:NOTES]]
    notes = [*plan.warnings, *table.notes, *table.filled]
    summary.notes = [as_row(one) for one in notes[:NOTES]]
    summary.hours = list(plan.hours[:HOURS])


def rows(plan: Plan, table: Table) -> dict[Tab, list[JsonRow]]:
    """The rows of each tab."""
    wrong = [*plan.left_out, *plan.unread]
    cells = Cells(table, "name", apart=_ACCEPTABLE)
    return {
        Tab.NEW: [_new(one) for one in plan.new],
        Tab.CHANGED: [_changed(one) for one in plan.changed],
        Tab.FAULTY: cells.grouped(one for one in wrong if one.code not in _ACCEPTABLE),
        Tab.DOUBTFUL: cells.grouped(one for one in wrong if one.code in _ACCEPTABLE),
        Tab.MISSING: [{"code": one.code, "name": one.name} for one in plan.missing],
    }


def _new(one: Listed) -> JsonRow:
    cells = whole(one.entry)
    return {
        "row": one.row,
        "code": one.entry.code,
        "name": one.entry.name,
        "fields": [[name, cells[name]] for name in _SHOWN if name in cells],
    }


def _changed(one: Changed) -> JsonRow:
    return {
        "row": one.listed.row,
        "code": one.after.code,
        "name": one.after.name,
        "metres": round(_metres(one)),
        "fields": [[of.field, of.before, of.after] for of in one.differences],
    }


def _metres(one: Changed) -> float:
    return distance(one.before.point, one.point)


def _closes(one: Changed, today: date) -> bool:
    """Whether couriers will see the station closed who do not see it so yet."""
    was, now = one.before.entry, one.after
    if was.status is StationStatus.OPEN and now.status is not StationStatus.OPEN:
        return True
    fresh = set(now.changes) - set(was.changes)
    return any(of.hours is None and of.last >= today for of in fresh)
