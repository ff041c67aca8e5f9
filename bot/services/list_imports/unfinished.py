"""Imports that somebody began and that are not done: for the first page of the console."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.list_imports.imports import STUCK_AFTER
from bot.services.list_imports.states import KEPT, WORKING, ImportState
from bot.services.operators.roles import Operator, Right
from bot.store.models.administration.list_imports import ListImportRow


async def unfinished(db: AsyncSession, operator: Operator, now: datetime) -> tuple[int, int]:
    """How many imports failed, and how many wait for an answer or to be written.

    Of each operator the newest import alone: a later one took the place of those before. None
    without the right.
    """
    if not operator.may(Right.IMPORTS):
        return 0, 0
    newest = select(func.max(ListImportRow.id)).where(ListImportRow.created_at > now - KEPT)
    if operator.leagues or not operator.may(Right.STATIONS):
        newest = newest.where(ListImportRow.actor == operator.name)
    row = ListImportRow
    stuck = row.state.in_(WORKING) & (row.begun_at < now - STUCK_AFTER)
    failed = row.state.in_((ImportState.REFUSED, ImportState.FAILED)) | stuck
    waits = row.state.in_((ImportState.ASKING, ImportState.READY))
    counted = select(func.count().filter(failed), func.count().filter(waits))
    found = await db.execute(counted.where(row.id.in_(newest.group_by(row.actor))))
    in_vain, open_ones = found.one()
    return in_vain, open_ones
