"""Delivery killed at a hundred random points: nothing lost, nothing doubled but the unknown."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.services.notifications import queue
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.support.outbox import CARD, REMIND, couriers
from tests.support.platform_process import Platform
from tests.support.stations import NOON

KILLS = 55  # on each of the two databases
REMINDERS, CARDS = 600, 150


class Mortal:
    """The process that forks those to be killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def order(self, word: str) -> None:
        """`live` or `finish`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        await self._process.stdin.drain()

    async def says(self) -> str:
        """The next line."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        return line.decode().strip()


@asynccontextmanager
async def mortals(url: str, api: str) -> AsyncIterator[Mortal]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.killable_process", url, api,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Mortal(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


async def write_notices(store: Store) -> None:
    """Reminders, which may be repeated, and card news, which may not."""
    await couriers(store, NOON, REMINDERS)
    for kind, count in ((REMIND, REMINDERS), (CARD, CARDS)):
        until = NOON + timedelta(hours=1)
        bulk = BulkNotice(kind, {"n": 0}, Topic.SERVICE, kind, NOON, until, Priority.REMINDER)
        chosen = select(CourierRow.id).where(CourierRow.id <= count)
        async with store.writing() as db:
            await queue.enqueue_all(db, chosen, bulk, NOON)
    rng = random.Random(2026)
    async with store.writing() as db:
        named = (await db.execute(select(OutboxRow.id, OutboxRow.kind))).all()
        mixed = [
            {
                "id": row.id,
                "params": {"n": f"{row.kind}-{row.id}"},
                "due_at": NOON - timedelta(minutes=rng.randrange(60)),
            }
            for row in named
        ]
        await db.execute(update(OutboxRow), mixed)


async def test_killed_at_random_points(
    store: Store, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await write_notices(store)
    seed = 1 if store.is_sqlite else 2
    async with Platform(seed) as platform, mortals(database_url, platform.url) as mortal:
        for _ in range(KILLS):
            await mortal.order("live")
            platform.aim(int(await mortal.says()))
            await asyncio.wait_for(platform.killed.wait(), 30)
            assert await mortal.says() == "ended by 9"
        await mortal.order("finish")
        assert await mortal.says() == "done"
        accepted = platform.accepted
    async with store.reading() as db:
        found = select(OutboxRow.id, OutboxRow.kind, OutboxRow.status, OutboxRow.reason)
        rows = (await db.execute(found)).all()
    copies = {row.id: accepted[f"{row.kind}-{row.id} zh_CN"] for row in rows}
    reminders = [row for row in rows if row.kind == REMIND]
    cards = [row for row in rows if row.kind == CARD]
    waiting = [row for row in reminders if row.status == "held"]
    lost = [row for row in reminders if not copies[row.id] and row.status != "held"]
    extra = [row for row in rows if copies[row.id] > 1]
    unknown = [row for row in rows if row.reason or row.status == "unknown"]
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what one wants to see
            f"\n{'SQLite' if store.is_sqlite else 'PostgreSQL'}: {platform.kills} kills,"
            f" {len(reminders)} reminders: lost {len(lost)}, unknown once"
            f" {sum(row.kind == REMIND for row in unknown)}, sent twice {len(extra)},"
            f" in the 待看箱 after being unknown twice {len(waiting)};"
            f" {len(cards)} card notices: never twice, unknown"
            f" {sum(row.status == 'unknown' for row in cards)}, of which"
            f" {sum(row.status == 'unknown' and copies[row.id] == 1 for row in cards)} arrived"
        )
    assert platform.kills == KILLS
    assert len(rows) == REMINDERS + CARDS
    assert lost == []
    assert all(row in unknown and row.kind == REMIND for row in extra)
    assert all(copies[row.id] <= 2 for row in reminders)
    assert all(copies[row.id] == 1 for row in reminders if not row.reason)
    assert {row.status for row in reminders} <= {"sent", "held"}
    assert all(copies[row.id] == 1 for row in cards if row.status == "sent")
    assert all(copies[row.id] <= 1 for row in cards)
    assert {row.status for row in cards} <= {"sent", "unknown"}
