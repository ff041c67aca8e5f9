"""Imports as they are kept: uploads, states, answers and previews, each operator's own.

Who sees the whole region sees the imports of all. Every change names the state that it expects, so
that of two requests, or of a request and a worker, one only is carried out.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.list_imports import sealing
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.previews import PAGE, Summary, pages
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
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
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
KEPT: Final = timedelta(days=7)
"""So long an upload and its preview are kept."""
STUCK_AFTER: Final = timedelta(minutes=30)
"""A worker that has not answered for so long is gone; 180,000 rows take ten on a busy machine."""


@dataclass(frozen=True, slots=True)
class ListImport:
    """One import. `revision`: what it was written as; `undone`: what took that back."""

    id: int
    kind: ListKind
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
    db: AsyncSession, keys: Keys, operator: Operator, name: str, data: bytes, now: datetime
) -> int:
    """Keeps an uploaded list, to be planned; its number. Raises `UploadRefused`, `NotAllowed`."""
    operator.require(Right.STATIONS)
    if not 0 < len(data) <= MAX_BYTES:
        raise UploadRefused
    digest = sha256(data).hexdigest()
    held = select(ListFileRow.number).where(ListFileRow.digest == digest)
    if not (await db.scalars(held.with_for_update())).all():  # so that no sweep deletes it now
        for number, part in enumerate(sealing.sealed_parts(keys, data)):
            row = {"digest": digest, "number": number, "part": part}
            await db.execute(insert(ListFileRow).values(row))
    values = {
        "kind": ListKind.STATIONS.value,
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
    """The import. Raises `ImportUnknown`, also for another's, and `NotAllowed`."""
    operator.require(Right.STATIONS)
    row = await db.get(ListImportRow, number)
    if row is None or not _is_seen_by(row, operator):
        raise ImportUnknown(str(number))
    return _import(row, keys)


async def latest(
    db: AsyncSession, operator: Operator, before: int | None = None, most: int = 20
) -> list[ListImport]:
    """The newest imports, without their summaries; those before that number."""
    operator.require(Right.STATIONS)
    rows = select(ListImportRow).order_by(ListImportRow.id.desc()).limit(most)
    if operator.leagues:
        rows = rows.where(ListImportRow.actor == operator.name)
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


async def planned(
    db: AsyncSession,
    keys: Keys,
    one: ListImport,
    state: ImportState,
    summary: Summary,
    effect: str = "",
    rows: Mapping[Tab, list[dict[str, Any]]] | None = None,
) -> None:
    """What a worker found, unless other answers were given meanwhile."""
    values = {
        "state": state.value,
        "effect": effect,
        "summary": sealing.sealed_text(keys, summary.as_json(), SUMMARY_PLACE),
    }
    if not await _settle(db, one, values):
        return
    await db.execute(delete(ListImportPageRow).where(ListImportPageRow.import_id == one.id))
    for tab, found in (rows or {}).items():
        for number, text in enumerate(pages(found)):
            sealed = sealing.sealed_text(keys, text, ROWS_PLACE)
            row = {"import_id": one.id, "tab": tab.value, "number": number, "rows": sealed}
            await db.execute(insert(ListImportPageRow).values(row))


async def settled(
    db: AsyncSession,
    one: ListImport,
    state: ImportState,
    *,
    revision: int | None = None,
    undone: int | None = None,
) -> None:
    """What a worker wrote or undid. Raises `ImportChanged` if it is not its turn any more."""
    values: dict[str, Any] = {"state": state.value}
    if revision is not None:
        values["revision"] = revision
    if undone is not None:
        values["undone"] = undone
    if not await _settle(db, one, values):
        raise ImportChanged(str(one.id))


async def kept(db: AsyncSession, keys: Keys, one: ListImport, summary: Summary) -> None:
    """It stays written, and the summary says why. Raises `ImportChanged`."""
    sealed = sealing.sealed_text(keys, summary.as_json(), SUMMARY_PLACE)
    values = {"state": ImportState.APPLIED.value, "summary": sealed}
    if not await _settle(db, one, values):
        raise ImportChanged(str(one.id))


async def give_up(db: AsyncSession, number: int, begun_at: datetime) -> None:
    """The worker that began then did not end well: nothing was written, and it can be retried."""
    for failed, state in (
        (ImportState.UNDOING, ImportState.APPLIED),
        (ImportState.PLANNING, ImportState.FAILED),
        (ImportState.APPLYING, ImportState.FAILED),
    ):
        mine = (ListImportRow.id == number) & (ListImportRow.begun_at == begun_at)
        mine &= ListImportRow.state == failed.value
        await db.execute(update(ListImportRow).where(mine).values(state=state.value))


async def _settle(db: AsyncSession, one: ListImport, values: Mapping[str, Any]) -> bool:
    mine = (ListImportRow.id == one.id) & (ListImportRow.begun_at == one.begun_at)
    mine &= ListImportRow.state == one.state
    done = update(ListImportRow).where(mine).values(values).returning(ListImportRow.id)
    return await db.scalar(done) is not None


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
    return not operator.leagues or row.actor == operator.name


def _import(row: ListImportRow, keys: Keys | None) -> ListImport:
    summary = Summary()
    if keys is not None and row.summary is not None:
        summary = Summary.of_json(sealing.open_text(keys, row.summary, SUMMARY_PLACE))
    return ListImport(
        row.id,
        ListKind(row.kind),
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
