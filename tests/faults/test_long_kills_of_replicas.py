"""Two replicas killed over and over while couriers register and the platform repeats updates.

Long: `make faults`. Prints what was lost, doubled and oversold, and how long a replica was away.
"""

import asyncio
import random
import statistics

import pytest

from bot.store.engine import open_store
from tests.support.service_replicas import AT_ONCE, Registrations, two_replicas

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

KILLS = 55  # on each of the two databases


async def test_replicas_killed_while_couriers_register(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(2026)
    store = await open_store(database_url)
    registrations = await Registrations.prepare(store)
    couriers = registrations.couriers
    async with two_replicas(database_url, couriers) as (platform, telegram):
        waiting = iter(registrations.shuffled(chance))

        async def courier() -> None:
            for one, training in waiting:
                await platform.deliver(
                    telegram.query(int(f"9{one}"), f"training.register:{training}")
                )
            while not killing.done():  # goes on asking, so that every kill meets a busy replica
                one = chance.choice(couriers)
                await platform.deliver(telegram.message(int(f"9{one}"), {"text": "帮助"}))

        async def kill() -> None:
            async with asyncio.TaskGroup() as both:
                times = (KILLS // 2, KILLS - KILLS // 2)
                for each, kills in zip(platform.replicas, times, strict=True):
                    both.create_task(each.live_and_die(kills, chance))

        async with asyncio.TaskGroup() as group:
            killing = group.create_task(kill())
            for _ in range(AT_ONCE):
                group.create_task(courier())
        outcome = await registrations.outcome(store, telegram)
    is_sqlite = store.is_sqlite
    await store.close()
    kills = sum(one.kills for one in platform.replicas)
    away = sorted(one for each in platform.replicas for one in each.away[1:])
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what one wants to see
            f"\n{'SQLite' if is_sqlite else 'PostgreSQL'}, {kills} kills of two replicas:"
            f" {outcome};"
            f" {platform.repeats} updates repeated; a replica serves again after"
            f" {statistics.median(away):.1f} s, at most {away[-1]:.1f} s"
        )
    assert kills == KILLS
    outcome.check()
