"""Rows of a list against the stations of the database: new, changed, unchanged and doubtful."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.datum import Datum
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.importing.changed import (
    Changed,
    change_of,
    datums_that_stay,
    with_changes,
    without_losses,
)
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.distances import MOVED, distance
from bot.services.stations.importing.doubts import of_row
from bot.services.stations.importing.duplicates import Site, find_neighbours
from bot.services.stations.importing.faults import StationDoubt, StationFault
from bot.services.stations.importing.identify import Proposed, with_codes
from bot.services.stations.importing.listed import UNCODED, Checked, Listed, about_sheet
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.stored import Stored, stored
from bot.services.stations.importing.terms import Terms
from bot.services.stations.merging.listed_rows import without_merged
from bot.services.stations.statuses import StationStatus

_GONE: Final = frozenset({StationStatus.MOVED, StationStatus.CLOSED})
_RENEWING: Final = PLACE | {"name"}
_MANY: Final = 3


@value
class Missing:
    """A station of the database that the file does not name."""

    code: str
    name: str


@value
class Plan:
    """What applying a file would do to the stations of `version`.

    Any of `problems` forbids it, and so does what is `doubtful` and not confirmed; `moved` (over
    300 m, each with params `metres`) and `removals` (of facilities) must be allowed; `warnings` do
    not. With good rows only, `left_out` says why rows are not among those to be written and
    `unread` which cells stay as they are. `accepted` are the doubts that were confirmed, `hours`
    the texts of hours with how many rows have each.
    """

    version: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    moved: tuple[Problem, ...]
    new: tuple[Listed, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    missing: tuple[Missing, ...]
    doubtful: tuple[Problem, ...] = ()
    accepted: int = 0
    removals: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()
    unread: tuple[Problem, ...] = ()
    proposed: tuple[Proposed, ...] = ()
    hours: tuple[tuple[str, int], ...] = ()


async def compare(db: AsyncSession, checked: Checked, terms: Terms) -> Plan:
    """What the rows would change. Reads only."""
    version = await dataset_version(db, Dataset.STATIONS)
    proposed: list[Proposed] = []
    if any(one.entry.code == UNCODED for one in checked.listed):
        checked.listed, proposed, unknown = await with_codes(db, checked.listed, checked.codes)
        checked.codes.update(one.code for one in proposed)
        (checked.left_out if terms.good_rows else checked.problems).extend(unknown)
        _refuse_twins(checked, terms)
    comparison = _Comparison(await without_merged(db, checked), terms)
    async for old in stored(db):
        comparison.meet(old)
    return comparison.plan(version, proposed)


def _refuse_twins(checked: Checked, terms: Terms) -> None:
    """Two rows that were taken for one station."""
    first: dict[str, Listed] = {}
    kept = []
    for one in checked.listed:
        twin = first.setdefault(one.entry.code, one)
        if twin is one:
            kept.append(one)
            continue
        where = {"sheet": twin.sheet.name, "row": str(twin.row)}
        found = one.problem("name", StationFault.DUPLICATE_CODE, **where)
        (checked.left_out if terms.good_rows else checked.problems).append(found)
    checked.listed = kept


class _Comparison:
    """Meets the stored stations one after the other."""

    def __init__(self, checked: Checked, terms: Terms) -> None:
        self._checked = checked
        self._terms = terms
        self._unmatched = {one.entry.code: one for one in checked.listed}
        self._changed: list[Changed] = []
        self._moved: list[Problem] = []
        self._removals: list[Problem] = []
        self._missing: list[Missing] = []
        self._unaffected: list[Site] = []
        self._affected: list[Listed] = []
        self._unchanged = 0
        self._doubtful: list[Problem] = []
        self._accepted = 0
        self._unread = list(checked.unread)
        self._left_out = list(checked.left_out)
        self._datums: Counter[Datum] = Counter()
        self._known: set[str] = set()

    def meet(self, old: Stored) -> None:
        """Compares one station of the database with the row about it."""
        code, name = clean(old.entry.code), old.entry.name
        listed = self._unmatched.pop(code, None)
        if listed is None:
            if code not in self._checked.codes and not old.entry.is_demo:
                self._missing.append(Missing(code, name))
            self._stays(old, code, 0)
            return
        self._known.add(listed.sheet.name)
        listed, change = self._certain(without_losses(listed, self._terms), old)
        if change is None:
            self._unchanged += 1
            self._stays(old, code, listed.row)
            return
        refused = [*self._moves(old, change), *self._removes(change)]
        if refused and self._terms.good_rows:
            self._left_out += refused
            self._stays(old, code, listed.row)
            return
        self._changed.append(change)
        if {one.field for one in change.differences} & _RENEWING:
            self._affected.append(replace(listed, entry=change.after, point=change.point))
        else:
            self._stays(old, code, listed.row)

    def _stays(self, old: Stored, code: str, row: int) -> None:
        if old.entry.status not in _GONE:
            self._unaffected.append(Site(code, old.entry.name, old.point, row))

    def _certain(self, listed: Listed, old: Stored) -> tuple[Listed, Changed | None]:
        """The row and its change without what is doubtful, where only good rows are wanted."""
        change = change_of(old, listed)
        if change is None:
            return listed, None
        kept = self._confirmed(listed, [one.field for one in change.differences])
        if kept is listed:
            return listed, change
        return (listed, None) if kept is None else (kept, change_of(old, kept))

    def _confirmed(self, listed: Listed, fields: Collection[str]) -> Listed | None:
        """The row as it may be written: without doubtful hours; None where it is left out."""
        found = list(of_row(listed, fields))
        if not found:
            return listed
        if self._terms.accepts(listed.row):
            self._accepted += len(found)
            return listed
        if not self._terms.good_rows:
            self._doubtful += found
            return listed
        if any(one.code != StationDoubt.HOURS for one in found):
            self._left_out += found
            return None
        self._unread += found
        entry = replace(listed.entry, hours=None)
        return replace(listed, entry=entry, given=listed.given - {"hours"}, hours="")

    def _moves(self, old: Stored, change: Changed) -> list[Problem]:
        """That the station moves far, unless that is allowed and only good rows are wanted."""
        metres = distance(old.point, change.point)
        if metres <= MOVED:
            return []
        self._datums.update(datums_that_stay(old, change))
        found = change.listed.problem("lng", StationFault.MOVED, metres=str(round(metres)))
        if self._terms.good_rows:
            return [] if self._terms.allow_moves else [found]
        self._moved.append(found)
        return []

    def _removes(self, change: Changed) -> list[Problem]:
        """That facilities go because a list does not name them."""
        if "facilities" not in change.listed.given:
            return []
        had, has = dict(change.before.entry.facilities), dict(change.after.facilities)
        gone = [
            code for code in had if code not in has and (code, None) not in change.listed.changes
        ]
        if not gone:
            return []
        names = " ".join(gone)
        found = change.listed.problem(
            "facilities", StationFault.REMOVES, count=str(len(gone)), names=names
        )
        if self._terms.good_rows:
            return [] if self._terms.allow_removals else [found]
        self._removals.append(found)
        return []

    def plan(self, version: int, proposed: Sequence[Proposed]) -> Plan:
        """What came of it. What is left of the rows is new, in the order of the file."""
        checked, terms = self._checked, self._terms
        problems = list(checked.problems)
        new = self._new(problems)
        affected = [*self._affected, *new]
        neighbours = list(
            find_neighbours(
                (one for one in affected if one.entry.status not in _GONE), self._unaffected
            )
        )
        duplicates = [one for one in neighbours if one.code is StationFault.DUPLICATE_PLACE]
        changed = self._changed
        if terms.good_rows and duplicates:
            at = {(one.sheet, one.row) for one in duplicates}
            self._left_out += duplicates
            new = [one for one in new if (one.sheet.name, one.row) not in at]
            changed = [one for one in changed if (one.listed.sheet.name, one.listed.row) not in at]
        elif not terms.good_rows:
            problems += duplicates
        doubtful = [*self._other_datum(), *checked.doubtful, *self._doubtful]
        if terms.accept_all:
            self._accepted += len(doubtful)
            doubtful = []
        return Plan(
            version=version,
            problems=_in_order(problems),
            warnings=(
                *checked.warnings,
                *(one for one in neighbours if one.code is not StationFault.DUPLICATE_PLACE),
            ),
            moved=tuple(self._moved),
            new=tuple(new),
            changed=tuple(changed),
            unchanged=self._unchanged,
            missing=tuple(self._missing),
            doubtful=tuple(doubtful),
            accepted=self._accepted,
            removals=tuple(self._removals),
            left_out=_in_order(self._left_out),
            unread=_in_order(self._unread),
            proposed=tuple(proposed),
            hours=tuple(checked.hours.most_common()),
        )

    def _new(self, problems: list[Problem]) -> list[Listed]:
        """The new stations; a list without their names or places has none."""
        lacking = self._checked.lacking
        for sheet in {one.sheet.name: one.sheet for one in self._unmatched.values()}.values():
            if sheet.name in lacking and sheet.name not in self._known:
                codes = (one.entry.code for one in self._unmatched.values() if one.sheet is sheet)
                code = next((one for one in codes if one != UNCODED), "")
                problems += [
                    about_sheet(sheet, COLUMNS[name][0], TableFault.MISSING_COLUMN, {"code": code})
                    for name in lacking[sheet.name]
                ]
        new = []
        for one in self._unmatched.values():
            if needs := lacking.get(one.sheet.name):
                if one.sheet.name in self._known:
                    columns = "、".join(COLUMNS[name][0] for name in needs)
                    found = one.problem("code", StationFault.NEEDS_COLUMNS, columns=columns)
                    (self._left_out if self._terms.good_rows else problems).append(found)
                continue
            listed = one
            if one.changes:
                facilities = with_changes(one.entry.facilities, one.changes)
                listed = replace(one, entry=replace(one.entry, facilities=facilities))
            if (kept := self._confirmed(listed, listed.given)) is not None:
                new.append(kept)
        return new

    def _other_datum(self) -> list[Problem]:
        """That the stations would stay where they are if the list had another datum."""
        for datum, count in self._datums.most_common(1):
            if count >= _MANY and count * 2 > sum(self._datums.values()):
                sheets = [one.sheet.name for one in self._checked.listed]
                params = {"datum": datum.value, "count": str(count)}
                return [Problem(sheets[0], 0, "", "", StationDoubt.OTHER_DATUM, params)]
        return []


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda one: (one.sheet, one.row)))
