"""The sample content that ships with the package; for trying the bot out."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.data import DATA
from bot.services.content.catalogue import ContentKind
from bot.store.models.content import ContentRow

KINDS: Final = {
    "lessons": ContentKind.LESSON,
    "topics": ContentKind.TOPIC,
    "warnings": ContentKind.WARNING,
}
"""What each folder holds."""


async def seed_demo_content(db: AsyncSession, now: datetime) -> int:
    """Adds the samples, or brings them up to date; how many were written.

    Raises `PlanRefused` where a shipped file has a fault.
    """
    paths = [path for folder in KINDS for path in sorted((DATA / folder).glob("*.md"))]
    if await _are_current(db, paths):
        return 0
    # with the reader of workbooks: for the first start
    from bot.services.content.importing.plan import apply
    from bot.services.content.importing.sources import plan_import, read_sources

    files = {path.name: path.read_bytes() for path in paths}
    plan = await plan_import(db, read_sources(files), {}, lambda _name: None)
    await apply(db, plan, None, now)
    return len(plan.new) + len(plan.changed)


async def _are_current(db: AsyncSession, paths: Sequence[Path]) -> bool:
    """Whether the samples were written after the files were: a start need not read them then."""
    samples = select(func.count(), func.min(ContentRow.updated_at)).where(
        ContentRow.is_sample.is_(True), ContentRow.kind.in_(KINDS.values())
    )
    count, oldest = (await db.execute(samples)).one()
    newest = max(path.stat().st_mtime for path in paths)
    return count == len(paths) and oldest.timestamp() > newest


async def remove_demo_content(db: AsyncSession) -> None:
    """Removes every sample."""
    await db.execute(delete(ContentRow).where(ContentRow.is_sample.is_(True)))
