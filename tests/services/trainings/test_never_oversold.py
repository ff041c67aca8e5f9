"""Seats are never oversold: by four processes at once, by two replicas."""

import asyncio
import json
import sys
from collections import Counter
from datetime import datetime, timedelta

import pytest

from bot.common.clock import CHINA
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.engine import Store, open_store
from tests.support import concurrent_couriers
from tests.support.paths import ROOT
from tests.support.trainings import broken_rules, create_couriers, create_training

NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)
STARTS = NOW + timedelta(days=3)
HOLD = timedelta(hours=2)


async def test_four_processes_at_once(store: Store, database_url: str) -> None:
    """Random actions from four processes on two trainings; the rules hold at every look."""
    async with store.writing() as db:
        couriers = await create_couriers(db, 12, NOW - timedelta(days=2))  # known, so may reserve
        for one in couriers:
            profiles = Profiles(concurrent_couriers.KEYS)
            await profiles.remember(db, one, "王强", concurrent_couriers.phone_of(one), NOW, "web")
        trainings = [
            await create_training(
                db,
                concurrent_couriers.BEGINS + timedelta(days=30 * number),
                now=NOW,
                capacity=3,
                code=f"S{number}",
            )
            for number in (1, 2)
        ]
    wanted = {"register", "withdraw", "accept", "decline", "expire", "resize", "move", "look"}
    wanted |= {"bring", "join", "stay", "cancel"}
    done: Counter[str] = Counter()
    for first in range(0, 24, 4):  # one round mostly covers every action; chance may need another
        done += await run_four_processes(database_url, first, trainings, couriers)
        async with store.reading() as db:
            assert await broken_rules(db, trainings) == []
        if wanted <= done.keys():
            return
    assert wanted <= done.keys(), f"never happened: {wanted - done.keys()}; {done}"


async def run_four_processes(
    database_url: str, first: int, trainings: list[int], couriers: list[int]
) -> Counter[str]:
    """Four processes at once with the seeds from `first`: how often which action succeeded."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.concurrent_couriers", database_url,
            str(seed), "120", ",".join(map(str, trainings)), ",".join(map(str, couriers)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        for seed in range(first, first + 4)
    ]  # fmt: skip
    ended = await asyncio.gather(*(process.communicate(b"!") for process in processes))
    said = [errors.decode()[-600:] for _, errors in ended]
    assert [process.returncode for process in processes] == [0] * 4, said
    done: Counter[str] = Counter()
    for out, _ in ended:
        done.update(json.loads(out))
    return +done  # without actions that never succeeded


@pytest.mark.parametrize("couriers", [12])
async def test_the_last_seat_is_given_once_by_two_replicas(
    database_url: str, couriers: int
) -> None:
    """Many at once over two connections: one seat, the others on the waitlist in order."""
    stores = [await open_store(database_url) for _ in range(2)]
    async with stores[0].writing() as db:
        people = await create_couriers(db, couriers, NOW)
        training = await create_training(db, STARTS, now=NOW, capacity=1)

    async def register(number: int) -> str:
        async with stores[number % 2].writing() as db:
            registration = await Registrations(Seating(HOLD)).register(
                db, training, people[number], NOW
            )
            return registration.status

    got = await asyncio.gather(*(register(number) for number in range(couriers)))
    assert Counter(got) == {"seat": 1, "waitlist": couriers - 1}
    async with stores[1].reading() as db:
        assert await broken_rules(db, [training]) == []
    for one in stores:
        await one.close()
