"""Changes one station by hand: drafted and shown first, then saved against the version it was seen.

The same checks as of a list, the same notices to couriers, a revision of its own. An edit is saved
on what is stored by then: what others changed meanwhile stays, unless it is the same thing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.clock import CHINA
from bot.common.values import value
from bot.hours.doubts import Doubt, doubts
from bot.services.dataset_version import Dataset, dataset_version, lock_version
from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, Record, RevisionKind, Value
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.tables import Difference, Problem
from bot.services.stations.editing import drafting
from bot.services.stations.editing.edit_kinds import (
    Add,
    Close,
    DropDays,
    Edit,
    Reopen,
    SetDays,
    SetFacilities,
    SetFields,
    Verify,
    action_of,
)
from bot.services.stations.editing.errors import (
    EditRefused,
    HoursDoubtful,
    StationEdited,
    StationExists,
    StationUnknown,
)
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.changed import with_changes
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import Changed, Plan
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.recorded import change, whole
from bot.services.stations.importing.stored import Stored, stored
from bot.services.stations.importing.vocabulary import NAMED_FACILITIES
from bot.services.stations.merging.redirects import refuse_merged
from bot.store.models.stations import FavouriteRow

TOLD_FIELDS: Final = PLACE | {"status", "hours", "changes"}
"""Couriers who keep a station are told when one of these changes."""


@value
class Draft:
    """What an edit would do to the station of `version`. Any of `problems` forbids it.

    `doubts`: why the hours that it sets had better be confirmed. `keepers`: how many couriers
    would be told. Without `new` and `changed` it changes nothing.
    """

    code: str
    edit: Edit
    version: int
    new: Listed | None = None
    changed: Changed | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    keepers: int = 0

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Field by field; of a new station those that are not blank."""
        if self.new is not None:
            cells = whole(self.new.entry)
            return tuple(Difference(name, "", cell) for name, cell in cells.items())
        return () if self.changed is None else self.changed.differences

    @property
    def hours(self) -> str | None:
        """The hours that the station would have, as they are stored."""
        if self.new is not None:
            return self.new.entry.hours
        return None if self.changed is None else self.changed.after.hours


async def draft(db: AsyncSession, code: str, edit: Edit, today: date) -> Draft:
    """What the edit would do now. Reads only.

    Raises `StationUnknown`, `StationExists`, and `StationMerged`.
    """
    version = await dataset_version(db, Dataset.STATIONS)
    old = await find(db, code)
    if old is None:
        await refuse_merged(db, code)
    if isinstance(edit, Add):
        if old is not None:
            raise StationExists(code)
        return await _draft_new(db, code, edit, version, today)
    if old is None:
        raise StationUnknown(code)
    return await _draft_change(db, old, edit, version, today)


async def save(
    db: AsyncSession,
    code: str,
    edit: Edit,
    actor: str,
    now: datetime,
    *,
    version: int,
    accept_doubtful: bool = False,
) -> int | None:
    """Does it in the caller's transaction; the number of its revision, None: it changes nothing.

    `version`: of the stations when the operator saw this one (`Draft.version`). Raises
    `StationUnknown`, `StationExists`, `EditRefused`, `HoursDoubtful`, and `StationEdited` where
    somebody changed the same thing since.
    """
    await lock_version(db, Dataset.STATIONS)
    since = await revisions.since_version(db, RevisionKind.STATIONS, code, version)
    meant = await draft(db, code, edit, now.astimezone(CHINA).date())
    meanwhile = [(one, record) for one, record in since if _touches(edit, record)]
    if meanwhile:
        raise StationEdited(code, meanwhile)
    if meant.problems:
        raise EditRefused(meant.problems)
    if meant.doubts and not accept_doubtful:
        raise HoursDoubtful(meant.doubts)
    plan = Plan(
        version=meant.version,
        problems=(),
        warnings=(),
        moved=(),
        new=() if meant.new is None else (meant.new,),
        changed=() if meant.changed is None else (meant.changed,),
        unchanged=0,
        missing=(),
    )
    reason = edit.reason if isinstance(edit, Close | SetDays) else ""
    origin = Origin(actor, action_of(edit), reason)
    return await apply(db, plan, now, allow_moves=True, origin=origin)


async def find(db: AsyncSession, code: str) -> Stored | None:
    """The station as a list would describe it; None for one that was merged into another."""
    found = [one async for one in stored(db, [code])]
    return found[0] if found else None


async def keepers(db: AsyncSession, changes: Iterable[Changed]) -> int:
    """How many couriers keep one of the stations whose change they are told of."""
    told = [
        one.before.id
        for one in changes
        if not TOLD_FIELDS.isdisjoint(difference.field for difference in one.differences)
    ]
    total: set[int] = set()
    for ids in pieces(told, revisions.PIECE):
        kept = FavouriteRow.station_id.in_(ids)
        total.update(await db.scalars(select(FavouriteRow.courier_id).where(kept)))
    return len(total)


async def _draft_new(db: AsyncSession, code: str, edit: Add, version: int, today: date) -> Draft:
    listed = drafting.checked(code, edit.cells, today, anywhere=edit.anywhere)
    if isinstance(listed, tuple):
        return Draft(code, edit, version, problems=listed)
    neighbours = tuple(await drafting.neighbours(db, listed))
    same = tuple(one for one in neighbours if one.code is StationFault.DUPLICATE_PLACE)
    near = tuple(one for one in neighbours if one.code is not StationFault.DUPLICATE_PLACE)
    doubtful = doubts(edit.cells.get("hours", ""))
    return Draft(code, edit, version, new=listed, problems=same, warnings=near, doubts=doubtful)


async def _draft_change(
    db: AsyncSession, old: Stored, edit: Edit, version: int, today: date
) -> Draft:
    code, was = old.entry.code, old.entry
    doubtful: tuple[Doubt, ...] = ()
    warnings: tuple[Problem, ...] = ()
    after: drafting.Edited
    match edit:
        case Add():
            raise TypeError("a station that is there is not added")
        case SetFields():
            listed = drafting.with_cells(old, edit.cells, today, anywhere=edit.anywhere)
            if isinstance(listed, tuple):
                return Draft(code, edit, version, problems=listed)
            after = replace(was, **{name: getattr(listed.entry, name) for name in edit.cells})
            if listed.changes:  # +water=故障: the others stay
                named = "facilities" in listed.given
                base = listed.entry.facilities if named else was.facilities
                after = replace(after, facilities=with_changes(base, listed.changes))
            if was.geocoded and "geocoded" not in edit.cells and edit.cells.keys() & PLACE:
                after = replace(after, geocoded=False)  # an operator's coordinates are confirmed
            doubtful = doubts(edit.cells.get("hours", ""))
            if edit.cells.keys() & (PLACE | {"name"}):
                warnings = tuple(await drafting.neighbours(db, replace(listed, entry=after)))
        case Close():
            after = drafting.closed(was, edit, today)
        case SetDays():
            after = drafting.with_days(old, edit, today)
            doubtful = doubts(edit.hours)
        case DropDays():
            after = drafting.without_days(was, edit)
        case Reopen():
            after = drafting.reopened(was, edit)
        case Verify():
            after = drafting.verified(was, edit, today)
        case SetFacilities():
            after = drafting.with_facilities(old, edit, today)
    if isinstance(after, tuple):
        return Draft(code, edit, version, problems=after)
    changed = change(old, after)
    told = 0 if changed is None else await keepers(db, [changed])
    return Draft(code, edit, version, None, changed, (), warnings, doubtful, told)


def _touches(edit: Edit, record: Record) -> bool:
    """Whether a revision changed the very thing that the edit is about."""
    fields = record.fields()
    if record.before is None or record.after is None:
        return True
    match edit:
        case Add():
            return True
        case SetFields():
            return not fields.isdisjoint(edit.cells) or bool(
                fields & PLACE and edit.cells.keys() & PLACE
            )
        case SetDays() | DropDays():
            return "changes" in fields
        case Close() | Reopen():
            return not fields.isdisjoint({"status", "changes"})
        case Verify():
            return "verified_at" in fields
        case SetFacilities():
            names = {NAMED_FACILITIES.get(clean(name).casefold()) for name in edit.states}
            was, now = (_facilities(cells) for cells in (record.before, record.after))
            return any(was.get(one) != now.get(one) for one in names if one is not None)


def _facilities(cells: Mapping[str, Value]) -> dict[str, str]:
    items = str(cells.get("facilities", "")).split(";")
    return {code: state for code, _, state in (item.partition("=") for item in items) if code}
