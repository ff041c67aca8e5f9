"""Changes one training by hand: drafted and shown first, then saved against what was seen.

The same checks as of a list, the same notices to couriers, a revision of its own. The version of a
training is the number of its newest revision. An edit is saved on what is stored by then: what
others changed meanwhile stays, unless it is the same thing.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import field, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Places
from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, Record, RevisionKind
from bot.services.spreadsheets.cells import clean, clean_prose
from bot.services.spreadsheets.tables import Problem
from bot.services.trainings import catalogue
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.catalogue import Training, count_registrations
from bot.services.trainings.editing.announced import old_values
from bot.services.trainings.editing.edit_kinds import (
    MOST_WEEKS,
    Add,
    Cancel,
    Edit,
    SetFields,
    action_of,
)
from bot.services.trainings.editing.errors import EditRefused, TrainingEdited
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.importing.apply import apply
from bot.services.trainings.importing.columns import COLUMNS, PROSE
from bot.services.trainings.importing.faults import Fault
from bot.services.trainings.importing.plan import (
    NOTIFIED_FIELDS,
    Changed,
    Plan,
    check_change,
    differences,
    differing,
)
from bot.services.trainings.importing.recorded import STATUS, recorded
from bot.services.trainings.importing.rows import EntryReader, TrainingEntry, entry_of
from bot.services.trainings.statuses import (
    LIVE,
    RegistrationStatus,
    TrainingRefusal,
    TrainingStatus,
)
from bot.store.models.trainings import TrainingRow

WEEK: Final = timedelta(days=7)
TOLD_FIELDS: Final = NOTIFIED_FIELDS | {"title", STATUS}
"""A cancelled training's notice is another one when one of these changes."""


@value
class Draft:
    """What an edit would do to the training as of `version`. Any of `problems` forbids it.

    `told`: how many couriers of each status are told, none where nobody is; `old`: the values that
    the notice of a change names; `offered`: how many of the waitlist are offered a seat.
    """

    training: Training
    edit: Edit
    version: int
    changed: Changed | None = None
    problems: tuple[Problem, ...] = ()
    told: Mapping[RegistrationStatus, int] = field(default_factory=lambda: MappingProxyType({}))
    old: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    offered: int = 0

    @property
    def after(self) -> Training:
        """The training as it would be, as couriers read it."""
        if isinstance(self.edit, Cancel):
            return replace(self.training, status=TrainingStatus.CANCELLED)
        if self.changed is None:
            return self.training
        return described(self.changed.after, self.training)


async def draft_new(
    db: AsyncSession, places: Places, edit: Add, now: datetime
) -> tuple[TrainingEntry, ...] | tuple[Problem, ...]:
    """The trainings that it would add, soonest first, or all that is wrong. Reads only."""
    needed = ("title", "starts_at", "ends_at", "capacity")
    cells = {"code": "?", **dict.fromkeys(needed, ""), **_clean(edit.cells)}
    found = EntryReader(places, None, anywhere=edit.anywhere).read(cells, None)
    faults = found if isinstance(found, list) else check_change(found, None, now)
    if isinstance(found, list) or faults:
        return tuple(_problems(cells, faults))
    weeks = min(max(edit.weeks, 1), MOST_WEEKS)
    repeated = [_later(found, number * WEEK) for number in range(weeks)]
    return tuple([replace(one, code=await _free_code(db, one)) for one in repeated])


async def add(
    db: AsyncSession,
    places: Places,
    edit: Add,
    administration: TrainingAdministration,
    actor: str,
    now: datetime,
) -> list[int]:
    """Adds them in the caller's transaction, as one revision; their ids. Raises `EditRefused`."""
    new = await draft_new(db, places, edit, now)
    entries = [one for one in new if isinstance(one, TrainingEntry)]
    if len(entries) < len(new):
        raise EditRefused([one for one in new if isinstance(one, Problem)])
    origin = Origin(actor, action_of(edit))
    await apply(db, Plan(new=entries), administration, now, origin=origin)
    codes = [one.code for one in entries]
    rows = select(TrainingRow.id).where(TrainingRow.code.in_(codes))
    return list(await db.scalars(rows.order_by(TrainingRow.starts_at, TrainingRow.id)))


async def draft(
    db: AsyncSession, places: Places, training_id: int, edit: Edit, now: datetime
) -> Draft:
    """What the edit would do now. Reads only. Raises `TrainingRefused` (`GONE`, `CANCELLED`)."""
    row = await _row(db, training_id)
    training = await catalogue.get_training(db, training_id)
    if training is None:
        raise TrainingRefused(TrainingRefusal.GONE, training_id)
    version = await version_of(db, row.code)
    live = {
        status: count
        for status in LIVE[::-1]
        if (count := (await count_registrations(db, (status,), [row.id])).get(row.id, 0))
    }
    match edit:
        case Cancel():
            if row.status != TrainingStatus.PLANNED:
                raise TrainingRefused(TrainingRefusal.CANCELLED, training_id)
            return Draft(training, edit, version, told=live)
        case SetFields():
            return _draft_fields(places, row, training, edit, version, live, now)


async def save(
    db: AsyncSession,
    places: Places,
    training_id: int,
    edit: Edit,
    administration: TrainingAdministration,
    actor: str,
    now: datetime,
    *,
    version: int,
) -> int | None:
    """Does it in the caller's transaction; how many couriers are told, None: it changes nothing.

    `version`: of the training when the operator saw it. Raises `TrainingRefused`, `EditRefused`,
    and `TrainingEdited` where somebody changed the same thing since.
    """
    row = await administration.seating.lock(db, training_id, now)
    since = await _since(db, row.code, version)
    meanwhile = [(one, record) for one, record in since if _touches(edit, record)]
    if meanwhile:
        raise TrainingEdited(row.code, meanwhile)
    origin = Origin(actor, action_of(edit))
    if isinstance(edit, Cancel):
        return await recorded(
            db, training_id, lambda one: administration.cancel(one, training_id, now), origin, now
        )
    meant = await draft(db, places, training_id, edit, now)
    if meant.problems:
        raise EditRefused(meant.problems)
    if meant.changed is None:
        return None
    return await apply(db, Plan(changed=[meant.changed]), administration, now, origin=origin)


async def version_of(db: AsyncSession, code: str) -> int:
    """The number of the newest revision of the training, 0 without any."""
    newest = await revisions.history(db, RevisionKind.TRAININGS, code, 1)
    return newest[0][0].id if newest else 0


def described(entry: TrainingEntry, like: Training | None = None) -> Training:
    """The entry as couriers read it; what a list does not say is that of `like`, else new."""
    row = TrainingRow(
        **{one.name: getattr(entry, one.name) for one in fields(entry)},
        id=like.id if like else 0,
        taken=like.taken if like else 0,
        status=like.status if like else TrainingStatus.PLANNED,
        sequence=like.sequence if like else 0,
        checkin_code=like.checkin_code if like else "",
    )
    row.deadline = entry.deadline or entry.starts_at
    return catalogue.training_of(row, like.waiting if like else 0)


def _draft_fields(
    places: Places,
    row: TrainingRow,
    training: Training,
    edit: SetFields,
    version: int,
    live: Mapping[RegistrationStatus, int],
    now: datetime,
) -> Draft:
    before, cells = entry_of(row), _clean(edit.cells)
    after = EntryReader(places, None, anywhere=edit.anywhere).read(cells, before)
    faults = after if isinstance(after, list) else check_change(after, row, now)
    if isinstance(after, list) or faults:
        return Draft(training, edit, version, problems=tuple(_problems(cells, faults)))
    names = differing(before, after)
    if not names:
        return Draft(training, edit, version)
    told = live if NOTIFIED_FIELDS.intersection(names) else {}
    changed = Changed(row.id, before, after, differences(before, after, places), sum(told.values()))
    free = after.capacity - max(row.taken, before.capacity)
    offered = max(0, min(free, live.get(RegistrationStatus.WAITLIST, 0)))
    return Draft(training, edit, version, changed, (), told, old_values(before, after), offered)


async def _since(
    db: AsyncSession, code: str, version: int
) -> list[tuple[revisions.Revision, Record]]:
    """What was done to the training after that revision, the oldest first."""
    done = await revisions.history(db, RevisionKind.TRAININGS, code)
    return [one for one in reversed(done) if one[0].id > version]


def _touches(edit: Edit, record: Record) -> bool:
    """Whether a revision changed the very thing that the edit is about."""
    fields = {"lng" if name == "lon" else name for name in record.fields()}
    match edit:
        case SetFields():
            return not fields.isdisjoint(edit.cells) or STATUS in fields
        case Cancel():
            return not fields.isdisjoint(TOLD_FIELDS)


def _later(entry: TrainingEntry, by: timedelta) -> TrainingEntry:
    deadline = None if entry.deadline is None else entry.deadline + by
    return replace(
        entry, starts_at=entry.starts_at + by, ends_at=entry.ends_at + by, deadline=deadline
    )


async def _free_code(db: AsyncSession, entry: TrainingEntry) -> str:
    """The day and four digits at random that no training of that day has."""
    day = f"{entry.starts_at.astimezone(CHINA):%Y%m%d}"
    while True:
        code = f"{day}-{secrets.randbelow(10_000):04d}"
        if await db.scalar(select(TrainingRow.id).where(TrainingRow.code == code)) is None:
            return code


async def _row(db: AsyncSession, training_id: int) -> TrainingRow:
    found = select(TrainingRow).where(TrainingRow.id == training_id)
    row = (await db.scalars(found.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise TrainingRefused(TrainingRefusal.GONE, training_id)
    return row


def _clean(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: (clean_prose if name in PROSE else clean)(cell) for name, cell in cells.items()}


def _problems(cells: Mapping[str, str], faults: Iterable[Fault]) -> Iterable[Problem]:
    """Each fault of a field once."""
    for one in dict.fromkeys((fault.column, fault.code) for fault in faults):
        params = next(fault.params for fault in faults if (fault.column, fault.code) == one)
        column, code = one
        given = MappingProxyType(dict(params))
        yield Problem("", 0, COLUMNS[column][0], cells.get(column, ""), code, given)
