"""What workers note of an import: what they recognised, planned, wrote and undid.

Each names the state and the moment at which it was begun, so that a worker that was superseded by
other answers changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.list_imports import sealing
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.sealing import ROWS_PLACE, SUMMARY_PLACE
from bot.services.list_imports.states import ImportChanged, ImportState, Tab
from bot.services.list_imports.summaries import JsonRow, Summary, pages
from bot.services.spreadsheets.mappings import ListKind
from bot.services.storage import Keys
from bot.store.models.administration.list_imports import ListImportPageRow, ListImportRow


async def recognised(
    db: AsyncSession, one: ListImport, kind: ListKind | None, state: ImportState
) -> None:
    """Which kind of list it is. Raises `ImportChanged`."""
    if not await _settle(db, one, {"kind": kind.value if kind else "", "state": state.value}):
        raise ImportChanged(str(one.id))


async def planned(
    db: AsyncSession,
    keys: Keys,
    one: ListImport,
    state: ImportState,
    summary: Summary,
    effect: str = "",
    rows: Mapping[Tab, list[JsonRow]] | None = None,
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
