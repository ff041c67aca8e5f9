"""Imports as they are kept: uploads, states, answers and previews, each operator's own.

Who sees the whole region sees all imports of the kinds that they may import themselves. Every
change names the state that it expects, so that of two requests, or of a request and a worker, one
only is carried out.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.list_imports import kinds, sealing
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.sealing import ROWS_PLACE, SUMMARY_PLACE
from bot.services.list_imports.states import (
    OPEN,
    WORKING,
    ImportChanged,
    ImportState,
    ImportUnknown,
    Tab,
    UploadRefused,
)
from bot.services.list_imports.summaries import PAGE, Summary
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Right
from bot.services.spreadsheets.mappings import ListKind
from bot.services.spreadsheets.reader import MAX_BYTES
from bot.services.storage import Keys
from bot.store.models.administration.list_imports import (
    ListFileRow,
    ListImportPageRow,
    ListImportRow,
)

NAME_LENGTH: Final = 200
"""Characters of a file's name; the width of the column."""
STUCK_AFTER: Final = timedelta(minutes=30)
"""A worker that has not answered for so long is gone; 180,000 rows take ten on a busy machine."""


@value
class ListImport:
    """One import. `kind` None: not known yet. `revision`: what it was written as; `undone`: what
    took that back.
    """

    id: int
    kind: ListKind | None
    actor: str
    name: str
    digest: str
    created_at: datetime
    state: ImportState
    begun_at: datetime
    answers: ImportAnswers
    effect: str
    revision: int | None
    undone: int | None
    summary: Summary

    def is_stuck(self, now: datetime) -> bool:
        """Whether the worker that should be at it does not answer any more."""
        return self.state in WORKING and now - self.begun_at > STUCK_AFTER


async def add(
    db: AsyncSession,
    keys: Keys,
    operator: Operator,
    name: str,
    data: bytes,
    now: datetime,
    kind: ListKind | None = None,
) -> int:
    """Keeps an uploaded list, to be planned; its number. `kind` None: it is to be recognised.

    Raises `UploadRefused`, `NotAllowed`.
    """
    kinds.require(operator, kind)
    if not 0 < len(data) <= MAX_BYTES:
        raise UploadRefused
    digest = sha256(data).hexdigest()
    held = select(ListFileRow.number).where(ListFileRow.digest == digest)
    if not (await db.scalars(held.with_for_update())).all():  # so that no sweep deletes it now
        for number, part in enumerate(sealing.sealed_parts(keys, data)):
            row = {"digest": digest, "number": number, "part": part}
            await db.execute(insert(ListFileRow).values(row))
    values: dict[str, Any] = {
        "kind": kind.value if kind else "",
        "actor": operator.name,
        "name": name[:NAME_LENGTH],
        "digest": digest,
        "created_at": now,
        "state": ImportState.PLANNING.value,
        "begun_at": now,
        "answers": {},
    }
    added = insert(ListImportRow).values(values).returning(ListImportRow.id)
    number = (await db.execute(added)).scalar_one()
    await audit.record(
        db, operator.name, "import.upload", SubjectKind.IMPORT, str(number), now,
        after={"file": name[:NAME_LENGTH]},
    )  # fmt: skip
    return number


async def view(db: AsyncSession, keys: Keys, operator: Operator, number: int) -> ListImport:
    """The import. Raises `ImportUnknown`, and `NotAllowed`, also for another's."""
    operator.require(Right.IMPORTS)
    row = await db.get(ListImportRow, number)
    if row is None:
        raise ImportUnknown(str(number))
    if not _is_seen_by(row, operator):
        raise NotAllowed(Right.STATIONS)
    return _import(row, keys)


async def latest(
    db: AsyncSession, operator: Operator, before: int | None = None, most: int = 20
) -> list[ListImport]:
    """The newest imports, without their summaries; those before that number."""
    operator.require(Right.IMPORTS)
    rows = select(ListImportRow).order_by(ListImportRow.id.desc()).limit(most)
    seen = ListImportRow.actor == operator.name
    if not operator.leagues:
        theirs = [kind.value for kind in kinds.importable(operator)]
        seen |= ListImportRow.kind.in_(theirs)
    rows = rows.where(seen)
    if before is not None:
        rows = rows.where(ListImportRow.id < before)
    return [_import(row, None) for row in await db.scalars(rows)]


async def page(
    db: AsyncSession, keys: Keys, number: int, tab: Tab, at: int
) -> list[dict[str, Any]]:
    """One page of a tab; empty behind the last one."""
    row = await db.get(ListImportPageRow, (number, tab.value, at))
    found: list[dict[str, Any]] = []
    if row is not None:
        found = json.loads(sealing.open_text(keys, row.rows, ROWS_PLACE))
    return found


async def all_rows(db: AsyncSession, keys: Keys, number: int, tab: Tab) -> list[dict[str, Any]]:
    """All rows of a tab."""
    found: list[dict[str, Any]] = []
    while more := await page(db, keys, number, tab, -(-len(found) // PAGE)):
        found += more
    return found


async def file(db: AsyncSession, keys: Keys, digest: str) -> bytes:
    """The uploaded file."""
    parts = select(ListFileRow.part).where(ListFileRow.digest == digest)
    found = await db.scalars(parts.order_by(ListFileRow.number))
    return b"".join(sealing.file_part(keys, one) for one in found)


async def answer(db: AsyncSession, number: int, answers: ImportAnswers, now: datetime) -> None:
    """New answers: the list is to be planned again. Raises `ImportChanged` once it was written."""
    await _turn(db, number, OPEN, ImportState.PLANNING, now, {"answers": answers.as_json()})


async def begin(
    db: AsyncSession, one: ListImport, state: ImportState, now: datetime, *, retry: bool = False
) -> None:
    """A worker is to write or undo it. Raises `ImportChanged`.

    `retry`: the worker before does not answer; else the preview must still be that of `one`.
    """
    expected = {one.state} if retry else {_BEFORE[state]}
    await _turn(db, one.id, expected, state, now, {}, one.effect)


async def choose(db: AsyncSession, one: ListImport, kind: ListKind, now: datetime) -> ImportState:
    """Which kind of list it is, as the operator says; the state that it is in then.

    It is planned from the beginning. A list of cards waits until it is handed over. Raises
    `ImportChanged` once it was written.
    """
    state = ImportState.ASKING if kind is ListKind.CARDS else ImportState.PLANNING
    values: dict[str, Any] = {"kind": kind.value, "answers": {}, "effect": "", "summary": None}
    await _turn(db, one.id, OPEN | {ImportState.REFUSED}, state, now, values)
    await db.execute(delete(ListImportPageRow).where(ListImportPageRow.import_id == one.id))
    return state


async def drop(
    db: AsyncSession, operator: Operator, one: ListImport, now: datetime, *, action: str
) -> None:
    """Deletes the file and what was planned with it. Raises `ImportChanged` once it was written."""
    open_states = [state.value for state in OPEN | {ImportState.REFUSED}]
    due = (ListImportRow.id == one.id) & ListImportRow.state.in_(open_states)
    gone = delete(ListImportRow).where(due).returning(ListImportRow.id)
    if await db.scalar(gone) is None:
        raise ImportChanged(str(one.id))
    still_used = select(ListImportRow.id).where(ListImportRow.digest == one.digest).limit(1)
    if await db.scalar(still_used) is None:
        await db.execute(delete(ListFileRow).where(ListFileRow.digest == one.digest))
    await audit.record(
        db, operator.name, action, SubjectKind.IMPORT, str(one.id), now, after={"file": one.name}
    )


async def _turn(
    db: AsyncSession,
    number: int,
    expected: Collection[ImportState],
    state: ImportState,
    now: datetime,
    values: Mapping[str, Any],
    effect: str | None = None,
) -> None:
    due = (ListImportRow.id == number) & ListImportRow.state.in_([one.value for one in expected])
    if effect is not None:
        due &= ListImportRow.effect == effect
    begun = {"state": state.value, "begun_at": now, **values}
    changed = update(ListImportRow).where(due).values(begun).returning(ListImportRow.id)
    if await db.scalar(changed) is None:
        raise ImportChanged(str(number))


def _is_seen_by(row: ListImportRow, operator: Operator) -> bool:
    if row.actor == operator.name:
        return True
    known = ListKind(row.kind) if row.kind else None
    return not operator.leagues and known is not None and kinds.may_import(operator, known)


def _import(row: ListImportRow, keys: Keys | None) -> ListImport:
    summary = Summary()
    if keys is not None and row.summary is not None:
        summary = Summary.of_json(sealing.open_text(keys, row.summary, SUMMARY_PLACE))
    return ListImport(
        row.id,
        ListKind(row.kind) if row.kind else None,
        row.actor,
        row.name,
        row.digest,
        row.created_at,
        ImportState(row.state),
        row.begun_at,
        ImportAnswers.of_json(row.answers),
        row.effect,
        row.revision,
        row.undone,
        summary,
    )


_BEFORE: Final = {
    ImportState.APPLYING: ImportState.READY,
    ImportState.UNDOING: ImportState.APPLIED,
}
