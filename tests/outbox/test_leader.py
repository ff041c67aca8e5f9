"""One sender for a bot token: never two, and the next one as soon as the first is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.outbox.leader import CHECK, Election, election
from bot.store.engine import Store, open_store
from tests.conftest import ManualClock
from tests.support.outbox import FakeChannel, MonotonicClock, couriers, notice, worker

HOLDERS = """
FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()
"""
LEAD = """
import asyncio, sys, time
from bot.outbox.leader import election

async def main(url):
    one = election(url, "token", time.monotonic)
    print(await one.leads(), flush=True)
    sys.stdin.read(1)

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def monotonic() -> MonotonicClock:
    return MonotonicClock()


@pytest.fixture
async def two(database_url: str, monotonic: MonotonicClock) -> AsyncIterator[list[Election]]:
    """Two candidates for one token."""
    both = [election(database_url, "token", monotonic) for _ in range(2)]
    yield both
    for one in both:
        await one.close()


async def test_one_of_two_leads_and_leaves_it_to_the_other(
    two: list[Election], monotonic: MonotonicClock
) -> None:
    assert [await one.leads() for one in two] == [True, False]
    monotonic.now += CHECK
    assert [await one.leads() for one in two] == [True, False]
    await two[0].close()
    monotonic.now += CHECK
    assert await two[1].leads()
    assert not await two[0].leads()


async def test_each_token_has_a_sender_of_its_own(
    database_url: str, monotonic: MonotonicClock
) -> None:
    both = [election(database_url, token, monotonic) for token in ("token", "another")]
    assert [await one.leads() for one in both] == [True, True]
    for one in both:
        await one.close()


async def test_a_killed_process_leads_no_more(database_url: str, monotonic: MonotonicClock) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEAD, database_url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"True"
    heir = election(database_url, "token", monotonic)
    assert not await heir.leads()
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    for _ in range(200):  # PostgreSQL takes a moment to see the broken connection
        monotonic.now += CHECK
        if await heir.leads():
            break
    else:
        pytest.fail("nobody leads")
    await heir.close()


async def test_a_lost_connection_ends_the_leadership(
    postgres_url: str, monotonic: MonotonicClock, clock: ManualClock
) -> None:
    """The server ends the session that holds the lock: the sender notices and stops."""
    store = await open_store(postgres_url)
    await couriers(store, clock(), 2)
    await notice(store, clock(), 1)
    leader, heir = (election(postgres_url, "token", monotonic) for _ in range(2))
    channel = FakeChannel()
    delivery = worker(store, clock, channel, monotonic=monotonic, election=leader)
    assert await delivery.run_once() == 1
    await _end_sessions_with_locks(store)
    assert await heir.leads()
    await notice(store, clock(), 2)
    monotonic.now += CHECK
    assert await delivery.run_once() == 0
    assert channel.taken == [("1", "0 zh_CN")]
    assert not await leader.leads()
    await heir.close()
    monotonic.now += CHECK
    assert await delivery.run_once() == 1
    await leader.close()
    await store.close()


async def _end_sessions_with_locks(store: Store) -> None:
    async with store.writing() as db:
        await db.execute(text(f"SELECT pg_terminate_backend(pid) {HOLDERS}"))
        for _ in range(1000):
            if not (await db.execute(text(f"SELECT pid {HOLDERS}"))).all():
                break
