"""Very many turns, and what they leave: `python -m bench.soak`, some five minutes for 200,000.

Prints the size of SQLite's log, the memory and the open files of a service process at intervals:
none of them may grow with the turns. Nothing is sent anywhere: turns go to the dispatcher.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from bench.bots import NOON
from bench.couriers import TOWNS
from bench.processes import resident
from bot.app.bootstrap import App, opened
from bot.common import logs
from bot.config.settings import read_settings
from bot.conversation.events import Address, Content, Event, Location, Text
from bot.geo.point import Point
from bot.services.demo.stations import seed_demo

CHATS = 32
SAMPLES = 10


async def soak(app: App, folder: Path, turns: int) -> None:
    """So many turns of 32 couriers, and a line of the table for each tenth of them."""
    print(f"{'turns':>9}{'log MB':>9}{'file MB':>9}{'memory MB':>11}{'files':>7}{'cpu µs':>8}")
    events = _events()
    used = time.process_time()
    for sample in range(1, SAMPLES + 1):
        share = turns // SAMPLES
        some = islice(events, share)  # all couriers take their next event from here
        await asyncio.gather(*(_courier(app, some) for _ in range(CHATS)))
        now = time.process_time()
        sizes = [_megabytes(folder / name) for name in ("soak.db-wal", "soak.db")]
        print(
            f"{sample * share:>9}{sizes[0]:>9.1f}{sizes[1]:>9.1f}{resident(os.getpid()):>11.1f}"
            f"{_open_files():>7}{(now - used) / share * 1e6:>8.0f}",
            flush=True,
        )
        used = now
        await app.dispatcher.delete_expired()


async def _courier(app: App, events: Iterator[Event]) -> None:
    for event in events:
        await app.dispatcher.turn(event)


def _events() -> Iterator[Event]:
    rng = random.Random(2026)
    for number in count():
        content: Content = Text("/help")
        if number % 2:
            lat, lon = rng.choice(TOWNS)
            content = Location(Point(lat + rng.uniform(-0.05, 0.05), lon))
        yield Event(f"soak{number}", Address("web", f"{number % CHATS}"), NOON, content, "zh")


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


async def run(turns: int) -> None:
    """The service on a new file, and its table."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        environment = {
            "YIZHAN_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/soak.db",
            "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
        }
        async with opened(read_settings(environment), clock=lambda: NOON, demo=True) as app:
            async with app.store.writing() as db:
                await seed_demo(db, NOON)
            await app.search.refresh()
            await soak(app, Path(folder), turns)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What very many turns leave.")
    parser.add_argument("--turns", type=int, default=200_000)
    args = parser.parse_args()
    logs.set_up(quiet=True)
    asyncio.run(run(args.turns))


if __name__ == "__main__":
    main()
