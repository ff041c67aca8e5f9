"""A process that runs turns on SQLite: `python -m tests.support.synced_turns URL WHAT`.

`turns`: twenty at once, `write`: a transaction of `writing()`; it says how many were answered and
is gone, as after a power cut. `loosely`: as `turns`, on a database that does not wait for the disk.
`late`: prints the longest time in seconds for which the loop stood still meanwhile, of the best of
some rounds: a busy machine delays one or the other, a loop that waits for the disk delays all.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime

from sqlalchemy import insert

from bot.conversation.events import Address, Event, Text
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import open_store
from bot.store.models.couriers import CourierRow
from bot.store.sqlite_turns import SqliteTurns
from tests.conftest import ManualClock
from tests.support.turn_replicas import CountingHandlers, new_dispatcher

CHATS = 20
ROUNDS = 5
TICK = 0.002


async def run(url: str, what: str) -> None:
    """Does it; see above."""
    now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    store = await open_store(url)
    if what == "write":
        async with store.writing() as db:
            await db.execute(insert(CourierRow).values(created_at=now, seen_at=now))
        leave("1")
    dispatcher = new_dispatcher(store, CountingHandlers(), ManualClock(now), parse_keys(new_key()))
    if what == "loosely":
        assert isinstance(store.turns, SqliteTurns)
        connection = await store.turns.connection()
        connection.execute("PRAGMA synchronous=OFF")
    if what == "late":  # what is compiled and loaded for the first turn has nothing to do with it
        await dispatcher.turn(Event("1", Address("web", "first"), now, Text("一")))
    gaps = []
    for number in range(ROUNDS if what == "late" else 1):
        events = [Event(f"{number}", Address("web", f"{n}"), now, Text("一")) for n in range(CHATS)]
        ticking = asyncio.create_task(longest_gap())
        await asyncio.gather(*(dispatcher.turn(event) for event in events))
        ticking.cancel()
        gaps.append(await ticking)
    leave(f"{min(gaps)}" if what == "late" else f"{CHATS}")


async def longest_gap() -> float:
    """How long nothing else could run, at most, until it is cancelled."""
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(TICK)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return longest


def leave(said: str) -> None:
    """Says it, and closes nothing."""
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
