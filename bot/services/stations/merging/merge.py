"""Merges one station into another: compared field by field first, then done against that version.

The merge is one revision of both: the station that stays has other values, the other one is
removed. `bot.services.stations.editing.undo` takes it back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.dataset_version import Dataset, dataset_version, lock_version, raise_version
from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, Record, RevisionAction, RevisionKind
from bot.services.stations.editing import edits
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.cells import in_order
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.distances import distance
from bot.services.stations.importing.plan import Changed, Plan
from bot.services.stations.importing.reading.dated import by_date
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.recorded import change, records, whole
from bot.services.stations.importing.rows import StationEntry, cells_of
from bot.services.stations.importing.stored import Stored
from bot.services.stations.merging import rows
from bot.services.stations.merging.errors import MergeOutdated, MergeRefusal, MergeRefused
from bot.services.stations.merging.redirects import refuse_merged
from bot.services.stations.merging.rows import Belongings

PLACED: Final = "place"
"""Longitude, latitude, datum and whether they are confirmed, which are chosen together."""
TOGETHER: Final = PLACE | {"geocoded"}
FIXED: Final = frozenset({"code", "is_demo"})
SEVERAL: Final = frozenset({"facilities", "changes"})
"""Fields with several values each, of which those of both can be kept."""


class Pick(StrEnum):
    """Whose value of a field the merged station has."""

    OWN = "own"
    OTHER = "other"
    BOTH = "both"
    """Those of both, its own first; of `SEVERAL` only."""


@value
class Choice:
    """A field that differs, as cells of a list; that of the place is `PLACED`, its cells blank."""

    field: str
    own: str
    other: str


@value
class Merge:
    """What merging `other` into `kept` means, at a version of the stations. `metres` apart."""

    kept: Stored
    other: Stored
    version: int
    metres: float
    choices: tuple[Choice, ...]
    moves: Belongings


async def preview(db: AsyncSession, kept: str, other: str, now: datetime) -> Merge:
    """Compares the two stations of these codes. Reads only.

    Raises `StationUnknown`, `StationMerged` and `MergeRefused`.
    """
    if kept == other:
        raise MergeRefused(MergeRefusal.SAME)
    version = await dataset_version(db, Dataset.STATIONS)
    one, two = await _find(db, kept), await _find(db, other)
    if one.entry.is_demo is not two.entry.is_demo:
        raise MergeRefused(MergeRefusal.SAMPLE)
    moves = await rows.belongings(db, two.id, one.id, now)
    metres = distance(one.point, two.point)
    return Merge(one, two, version, metres, tuple(_choices(one.entry, two.entry)), moves)


async def merge(
    db: AsyncSession,
    kept: str,
    other: str,
    picks: Mapping[str, Pick],
    actor: str,
    now: datetime,
    *,
    version: int,
) -> int:
    """Does it in the caller's transaction; the number of its revision.

    `picks` by field; what is not named stays as the kept station has it. Raises as `preview`, and
    `MergeOutdated` where one of the two was changed after `version`.
    """
    await lock_version(db, Dataset.STATIONS)
    meanwhile = [
        (code, revision, record)
        for code in (kept, other)
        for revision, record in await revisions.since_version(
            db, RevisionKind.STATIONS, code, version
        )
    ]
    found = await preview(db, kept, other, now)
    if meanwhile:
        raise MergeOutdated(meanwhile)
    changed = change(found.kept, _merged(found.kept.entry, found.other.entry, picks))
    plan = _plan(found.version, changed)
    if changed is None:
        await raise_version(db, Dataset.STATIONS)
    else:
        await apply(db, plan, now, allow_moves=True, origin=None)
    done = list(records(plan)) or [Record(kept, {}, {})]
    removed = Record(other, whole(found.other.entry), None)
    origin = Origin(actor, RevisionAction.MERGE, f"{other} {found.other.entry.name}")
    number = await revisions.record(
        db, RevisionKind.STATIONS, origin, [*done, removed], now, version=found.version + 1
    )
    await rows.move(db, found.other.id, found.kept.id, number, now)
    return number


async def _find(db: AsyncSession, code: str) -> Stored:
    found = await edits.find(db, code)
    if found is None:
        await refuse_merged(db, code)
        raise StationUnknown(code)
    return found


def _choices(own: StationEntry, other: StationEntry) -> Iterator[Choice]:
    was, theirs = cells_of(own), cells_of(other)
    for name in COLUMNS:
        if name == "lng" and any(was[one] != theirs[one] for one in PLACE):
            yield Choice(PLACED, "", "")
        if name not in FIXED | TOGETHER and was[name] != theirs[name]:
            yield Choice(name, was[name], theirs[name])


def _merged(own: StationEntry, other: StationEntry, picks: Mapping[str, Pick]) -> StationEntry:
    """The station that stays, with what was picked."""
    taken: set[str] = set()
    for field, pick in picks.items():
        if pick is Pick.OTHER and field == PLACED:
            taken |= TOGETHER
        elif pick is Pick.OTHER and field in COLUMNS and field not in FIXED | TOGETHER:
            taken.add(field)
    entry = replace(own, **{name: getattr(other, name) for name in taken})
    if picks.get("facilities") is Pick.BOTH:
        entry = replace(entry, facilities=in_order(dict(other.facilities) | dict(own.facilities)))
    if picks.get("changes") is Pick.BOTH:
        dates = {(one.first, one.last) for one in own.changes}
        more = [one for one in other.changes if (one.first, one.last) not in dates]
        entry = replace(entry, changes=by_date([*own.changes, *more]))
    return entry


def _plan(version: int, changed: Changed | None) -> Plan:
    return Plan(
        version=version,
        problems=(),
        warnings=(),
        moved=(),
        new=(),
        changed=() if changed is None else (changed,),
        unchanged=0,
        missing=(),
    )
