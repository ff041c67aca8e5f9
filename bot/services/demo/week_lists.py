"""Lists that were imported in the week: one written and taken back, one that could not be read."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.list_imports import sealing
from bot.services.list_imports.sealing import SUMMARY_PLACE
from bot.services.list_imports.states import ImportState
from bot.services.list_imports.summaries import Summary
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.mappings import ListKind
from bot.services.storage import Database, Keys
from bot.store.models.administration.list_imports import ListFileRow, ListImportRow

ACTOR: Final = "示例·名单员"
WRITTEN: Final = "示例·10月新增驿站.csv"
BROKEN: Final = "示例·驿站名单照片.jpg"
_LIST: Final = (
    "编号,名称,经度,纬度,服务时间\nDEMO-示例-1,示例·新驿站,111.70,40.84,9:00-17:00\n".encode()
)
_PHOTO: Final = b"\xff\xd8\xff\xe0 an example, no picture"


async def tell(store: Database, keys: Keys, now: datetime) -> None:
    """Writes both as they would be kept; the stations stay as they are."""
    done = Summary(version=1, new=1, tabs={"new": 1})
    refused = Summary(refused=FileFault.NOT_A_TABLE)
    async with store.writing() as db:
        at = now - timedelta(days=3, hours=2)
        await _add(db, keys, WRITTEN, _LIST, ImportState.UNDONE, done, at)
        at = now - timedelta(hours=4)
        await _add(db, keys, BROKEN, _PHOTO, ImportState.REFUSED, refused, at)


async def remove(db: AsyncSession) -> None:
    """Removes both with their files."""
    digests = [sha256(data).hexdigest() for data in (_LIST, _PHOTO)]
    await db.execute(delete(ListImportRow).where(ListImportRow.actor == ACTOR))
    await db.execute(delete(ListFileRow).where(ListFileRow.digest.in_(digests)))


async def _add(
    db: AsyncSession,
    keys: Keys,
    name: str,
    data: bytes,
    state: ImportState,
    summary: Summary,
    at: datetime,
) -> None:
    digest = sha256(data).hexdigest()
    for number, part in enumerate(sealing.sealed_parts(keys, data)):
        await db.execute(insert(ListFileRow).values(digest=digest, number=number, part=part))
    row = {
        "kind": ListKind.STATIONS.value,
        "actor": ACTOR,
        "name": name,
        "digest": digest,
        "created_at": at,
        "state": state.value,
        "begun_at": at,
        "answers": {},
        "summary": sealing.sealed_text(keys, summary.as_json(), SUMMARY_PLACE),
    }
    await db.execute(insert(ListImportRow).values(row))
