"""180,000 stations imported in the console and undone: `python -m bench.console_import`.

Each step is what the console gives to a worker's process: reading and asking, the preview, writing,
undoing. Processor seconds and peak memory of each such process, on SQLite and on PostgreSQL.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from bench.stations import ROWS, write_xlsx
from bot.common.clock import system_clock
from bot.geo.datum import Datum
from bot.services.list_imports import imports, worker
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import ImportState
from bot.services.list_imports.worker import Task
from bot.services.operators.roles import Operator, Role
from bot.store import migrate
from bot.store.encryption import parse_keys
from bot.store.engine import Store, open_store
from tests.support import postgres

KEYS = parse_keys("1:" + "A" * 43 + "=")
WHO = Operator(1, "bench", Role.ADMINISTRATOR)


def work(url: str, number: int) -> None:
    """One task in this process, its measurements on stdout."""
    begun = perf_counter()
    worker.run(url, KEYS, Task(number, WHO, system_clock(), timedelta(hours=2)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


async def step(store: Store, url: str, number: int, title: str) -> ListImport:
    """Has the next task done in a process of its own, and prints what it took."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bench.console_import", "--work", url, str(number)],
        check=True, capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    async with store.reading() as db:
        one = await imports.view(db, KEYS, WHO, number)
    wall, used, peak = (float(figure) for figure in done.stdout.splitlines()[-1].split())
    print(f"{title:<34}{wall:>8.1f}{used:>8.1f}{peak:>9.0f}  {one.state}", flush=True)
    return one


async def run(url: str, title: str, path: Path) -> None:
    """From the upload to the undo."""
    store = await open_store(url)
    await migrate.migrate(store)

    async def turn(change: Callable[..., Awaitable[object]], *values: object) -> None:
        async with store.writing() as db:
            await change(db, *values, system_clock())

    try:
        async with store.writing() as db:
            data = await asyncio.to_thread(path.read_bytes)
            number = await imports.add(db, KEYS, WHO, path.name, data, system_clock())
        await step(store, url, number, f"{title}: read, questions")
        await turn(imports.answer, number, ImportAnswers(datum=Datum.GCJ02, accept_all=True))
        one = await step(store, url, number, f"{title}: preview")
        assert one.state is ImportState.READY, one.summary
        for state, what in ((ImportState.APPLYING, "write"), (ImportState.UNDOING, "undo")):
            await turn(imports.begin, one, state)
            one = await step(store, url, number, f"{title}: {what}")
        assert one.state is ImportState.UNDONE, one.summary
    finally:
        await store.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="A large list in the console, and its undo.")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=ROWS)
    args = parser.parse_args()
    if args.work:
        work(args.work[0], int(args.work[1]))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
        path = Path(folder, "list.xlsx")
        write_xlsx(path, args.rows)
        print(f"{args.rows:,} stations, {path.stat().st_size / 1e6:.0f} MB\n")
        print(f"{'':<34}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        asyncio.run(run(f"sqlite+aiosqlite:///{folder}/bench.db", "SQLite", path))
        server = stack.enter_context(postgres.server())
        asyncio.run(run(postgres.address(postgres.create(server)), "PostgreSQL", path))


if __name__ == "__main__":
    main()
