"""Delivery: `python -m bench.delivery`, about four minutes.

1. 45,000 messages at 30 a second in simulated time: a broadcast to 37,500 couriers while five
   reminders a second come due. The real worker on a real SQLite file; only clocks and platform are
   simulated.
2. The same rate for a few seconds of real time.
3. Claim and acknowledge on each database beside a loop that takes one notice at a time, as a plain
   queue table is often read; in multiples of 30 messages a second.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select, update

from bench.notices import (
    CEILING,
    MORNING,
    RENDERER,
    SHARE,
    TICK,
    Hands,
    Platform,
    add_couriers,
    enqueue_notices,
    opened,
    spread,
)
from bench.processes import resident
from bench.turns import databases
from bot.outbox import repository
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.sender import ChannelSender
from bot.outbox.worker import Worker
from bot.services.notifications.statuses import OutboxStatus, Priority
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow


async def simulated(url: str, messages: int) -> None:
    """The whole broadcast, at the speed of this machine."""
    bulk = round(messages * SHARE)
    hands = Hands()
    platform = Platform(hands.monotonic)
    begun = time.perf_counter()
    async with opened(url) as store:
        await add_couriers(store, messages)
        await enqueue_notices(store, "broadcast", 1, bulk, Priority.BROADCAST)
        await enqueue_notices(store, "reminder", bulk + 1, messages, Priority.REMINDER)
        due = await spread(store, bulk + 1, messages, 1 / 5)
        print(f"{messages:,} notices written in {time.perf_counter() - begun:.1f} s")
        worker = Worker(
            store,
            [ChannelSender(platform, RateLimiter(hands.monotonic))],
            RENDERER,
            (),
            hands.wall,
            monotonic=hands.monotonic,
        )
        memory: list[float] = []
        begun = time.perf_counter()
        while sum(map(len, platform.taken.values())) < messages:
            await worker.run_once()
            if len(platform.taken["broadcast"]) >= bulk * (1 + len(memory)) / 10:
                memory.append(resident(os.getpid()))
            hands.seconds += TICK
        spent = time.perf_counter() - begun
    taken = [at for lane in platform.taken.values() for at, _ in lane]
    rate = messages / (max(taken) + TICK)
    waits = sorted(at - due[who] for at, who in platform.taken["reminder"])
    share = len(platform.taken["broadcast"]) / (platform.taken["broadcast"][-1][0] + TICK)
    print(
        f"simulated: {rate:.2f} a second ({rate / CEILING - 1:+.2%} of {CEILING:.0f}),"
        f" the broadcast {share:.2f}, in {max(taken) / 60:.1f} min; {spent:.0f} s of real time\n"
        f"reminders: waited {median(waits):.2f} s, at most {waits[-1]:.2f} s,"
        f" looking every {TICK} s\n"
        f"memory: {memory[0]:.0f} MB after a tenth, {memory[-1]:.0f} MB at the end\n"
    )
    assert abs(rate / CEILING - 1) < 0.01
    assert waits[-1] <= TICK
    assert len({who for lane in platform.taken.values() for _, who in lane}) == messages


async def real(url: str, seconds: float) -> None:
    """A slice of the same in real time, with a platform that takes 80 ms a call."""
    platform = Platform(time.monotonic, latency=0.08)
    async with opened(url) as store:
        count = round(seconds * CEILING * 2)
        await add_couriers(store, count)
        reminders = round(seconds * 5)
        await enqueue_notices(store, "broadcast", 1, count - reminders, Priority.BROADCAST)
        await enqueue_notices(store, "reminder", count - reminders + 1, count, Priority.REMINDER)
        begun = time.monotonic()
        due = await spread(store, count - reminders + 1, count, 1 / 5)

        def wall() -> datetime:
            return MORNING + timedelta(seconds=time.monotonic() - begun)

        stop = asyncio.Event()
        worker = Worker(
            store, [ChannelSender(platform, RateLimiter(time.monotonic))], RENDERER, (), wall
        )
        running = asyncio.create_task(worker.run(stop))
        await asyncio.sleep(seconds)
        stop.set()
        await running
    times = sorted(at for lane in platform.taken.values() for at, _ in lane)
    monotonic = [at for at in times if at >= begun + 2]  # after the first burst
    rate = (len(monotonic) - 1) / (monotonic[-1] - monotonic[0])
    waits = sorted(at - begun - due[who] for at, who in platform.taken["reminder"])
    print(
        f"real time, {seconds:.0f} s: {rate:.2f} a second ({rate / CEILING - 1:+.2%}); reminders"
        f" waited {median(waits):.2f} s, at most {waits[-1]:.2f} s, 80 ms of it the platform\n"
    )


async def one_by_one(store: Store) -> bool:
    """As a plain queue table is read: look for one, take it, send it, mark it."""
    async with store.writing() as db:
        found = await db.scalar(
            select(OutboxRow.id)
            .where(OutboxRow.status == "ready", OutboxRow.due_at <= MORNING)
            .order_by(OutboxRow.priority, OutboxRow.due_at)
            .limit(1)
            .with_for_update()
        )
        if found is None:
            return False
        mine = update(OutboxRow).where(OutboxRow.id == found)
        await db.execute(mine.values(status="sending"))
    async with store.writing() as db:
        await db.execute(mine.values(status="sent", done_at=MORNING))
    return True


async def batched(store: Store, size: int) -> bool:
    """As the worker does it: claimed, begun and acknowledged by batches, each step fenced."""
    async with store.writing() as db:
        ids = await repository.claim(
            db, "telegram", repository.PRIORITY_CLASSES[2], size, MORNING, "bench", 60
        )
    async with store.writing() as db:
        begun = await repository.begin(db, ids, "bench", 60)
    async with store.writing() as db:
        done = {"status": "sent", "done_at": MORNING}
        await repository.change(db, begun, "bench", OutboxStatus.SENDING, done)
    return bool(ids)


async def throughput(name: str, url: str, seconds: float) -> None:
    """How fast each way empties the table, one loop in one process."""
    ways: dict[str, tuple[Callable[[Store], Awaitable[bool]], int]] = {
        "one by one": (one_by_one, 1),
        "batch 1": (lambda store: batched(store, 1), 1),
        "batch 30": (lambda store: batched(store, 30), 30),
    }
    async with opened(url) as store:
        await add_couriers(store, 20_000)
        await enqueue_notices(store, "broadcast", 1, 20_000, Priority.BROADCAST)
        naive = 0.0
        for way, (step, size) in ways.items():
            sent, begun = 0, time.perf_counter()
            while time.perf_counter() - begun < seconds and await step(store):
                sent += size
            rate = sent / (time.perf_counter() - begun)
            naive = naive or rate
            print(f"{name:<12}{way:<18}{rate:>9.0f}{rate / CEILING:>9.0f}×{rate / naive:>9.1f}×")
        await whole(store, name, naive)


async def whole(store: Store, name: str, naive: float) -> None:
    """The worker itself, which also decides and words, on a platform that takes no time."""
    hands = Hands()
    platform = Platform(hands.monotonic)
    limiter = RateLimiter(hands.monotonic, rate=4e3, reserve=0, per_chat=0)
    worker = Worker(
        store,
        [ChannelSender(platform, limiter)],
        RENDERER,
        (),
        hands.wall,
        monotonic=hands.monotonic,
    )
    begun = time.perf_counter()
    while time.perf_counter() - begun < 2:
        await worker.run_once()
        hands.seconds += 0.01
    rate = len(platform.taken["broadcast"]) / (time.perf_counter() - begun)
    print(f"{name:<12}{'whole worker':<18}{rate:>9.0f}{rate / CEILING:>9.0f}×{rate / naive:>9.1f}×")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Delivery of 45,000 messages.")
    parser.add_argument("--messages", type=int, default=45_000)
    parser.add_argument("--seconds", type=float, default=12.0, help="of the slice in real time")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asyncio.run(simulated(f"sqlite+aiosqlite:///{folder}/simulated.db", args.messages))
        asyncio.run(real(f"sqlite+aiosqlite:///{folder}/real.db", args.seconds))
    print(f"{'claim and acknowledge':<30}{'a second':>9}{'÷ 30/s':>10}{'÷ naive':>10}")
    with databases() as stores:
        for name, url in stores.items():
            asyncio.run(throughput(name, url, 2.0))


if __name__ == "__main__":
    main()
