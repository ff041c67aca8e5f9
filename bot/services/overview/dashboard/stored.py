"""Reads the figures for an operator, and counts them anew when they are old."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.operators.roles import Operator, Right
from bot.services.overview.dashboard import counting
from bot.services.overview.dashboard.figures import PERIODS, Cell, Figure, Figures, Row
from bot.services.storage import Database
from bot.store.models.dashboards import DashboardRow
from bot.store.upsert import upsert

FRESH: Final = timedelta(hours=1)
SLOW: Final = 20.0
"""Seconds of counting from which on once a day is often enough."""
SLOW_FRESH: Final = timedelta(hours=24)
LONGEST: Final = "15min"
"""Of one statement on PostgreSQL: it counts what very many couriers did."""


async def figures(db: AsyncSession, operator: Operator, days: int, league: str) -> Figures | None:
    """The figures as last counted, None if they never were. Raises `NotAllowed` for a league that
    is not the operator's, and for the whole region if they see parts of it only."""
    operator.require(Right.READ, league)
    row = await db.get(DashboardRow, (days, league))
    if row is None or days not in PERIODS:
        return None
    stored = row.figures
    tables = {
        Figure(name): tuple(Row(key, tuple(counts)) for key, *counts in rows)
        for name, rows in stored["tables"].items()
    }
    cells = tuple(Cell(*cell) for cell in stored["cells"])
    return Figures(days, league, row.counted_at, tables, cells)


async def refresh(store: Database, places: Places, now: datetime, *, always: bool = False) -> bool:
    """Counts everything anew if it is due and no other replica has just begun; whether it did."""
    async with store.writing() as db:
        if not await _begin(db, now, always=always):
            return False
    started = time.monotonic()
    async with store.reading() as db:
        if not store.is_sqlite:
            await db.execute(text(f"SET LOCAL statement_timeout = '{LONGEST}'"))
        counted = await counting.count(db, places, now)
    seconds = round(time.monotonic() - started, 1)
    async with store.writing() as db:
        for found in counted:
            values = {"counted_at": now, "figures": _stored(found)}
            await _put(db, found.days, found.league, values)
        await _put(db, 0, "", {"counted_at": now, "figures": {"seconds": seconds}})
    return True


async def _begin(db: AsyncSession, now: datetime, *, always: bool) -> bool:
    """Notes that this replica counts; False if that is not due."""
    begun = await db.get(DashboardRow, (0, ""))
    if begun is None:
        row = upsert(db, DashboardRow).values(days=0, league="", counted_at=now, figures={})
        added = row.on_conflict_do_nothing().returning(DashboardRow.days)
        return await db.scalar(added) is not None or always
    was_slow = begun.figures.get("seconds", 0.0) > SLOW
    before = now - (SLOW_FRESH if was_slow else FRESH)
    mine = update(DashboardRow).where(DashboardRow.days == 0, DashboardRow.league == "")
    if not always:
        mine = mine.where(DashboardRow.counted_at <= before)
    taken = mine.values(counted_at=now).returning(DashboardRow.days)
    return await db.scalar(taken) is not None


async def _put(db: AsyncSession, days: int, league: str, values: Mapping[str, Any]) -> None:
    row = upsert(db, DashboardRow).values(days=days, league=league, **values)
    key = [DashboardRow.days, DashboardRow.league]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_=dict(values)))


def _stored(found: Figures) -> dict[str, Any]:
    return {
        "tables": {
            figure.value: [[row.key, *row.counts] for row in rows]
            for figure, rows in found.tables.items()
        },
        "cells": [
            [one.lat, one.lon, one.couriers, one.searches, one.in_vain] for one in found.cells
        ],
    }
