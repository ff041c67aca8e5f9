"""Where a turn's time goes: `python -m bench.profile`, half a minute.

Processor µs of our bot for each turn from 32 chats, on SQLite: measured first, then a second time
under cProfile, whose shares divide what was measured. A function counts for the package that it
is in, a builtin for who calls it. Threads beside the loop's are not profiled; they are one line.
Below stands the floor of `bench.floor`, in the same run.
"""

import argparse
import asyncio
import contextlib
import cProfile
import os
import pstats
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.bots import ours
from bench.couriers import PATIENCE, Platform, Scenario, Side, measure
from bench.floor import Posts
from bench.processes import main_thread, processor
from bench.turns import ECHO, OURS, Process, running
from bench.wechat import NEAREST, WeChat
from bot.common import logs

CHATS = 32
DUMP = "BENCH_PROFILE"
"""The variable that names the file of the profile."""
STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "outgoing call",
        (
            "/bot/channels/telegram/connection_pool",
            "/bot/channels/telegram/http_connection",
            "/aiohttp/client",
            "/aiohttp/connector",
        ),
    ),
    ("HTTP in", ("/aiohttp/", "/bot/app/", "/multidict/", "/yarl/")),
    ("parse, render", ("/bot/channels/", "/telegram/", "/xml/", "/orjson/", "/json/")),
    ("degrade, encode", ("/bot/conversation/degrade", "/bot/conversation/codec")),
    ("seal", ("/cryptography/", "/bot/store/encryption")),
    ("dispatcher", ("/bot/conversation/", "/prometheus_client/", "/structlog/")),
    ("handler, wording", ("/bot/handlers/", "/bot/common/i18n", "/gettext", "/bot/intents/")),
    ("search", ("/bot/services/stations/", "/bot/geo/", "/bot/hours/", "/bot/belief/", "/numpy/")),
    ("other services", ("/bot/services/", "/bot/common/", "/bot/outbox/")),
    ("database path", ("/bot/store/", "/sqlalchemy/", "sqlalchemy generated", "/aiosqlite/")),
    ("event loop", ("/asyncio/", "/selectors", "/contextvars", "/concurrent/", "/threading")),
)
"""A stage and what is in the path of its files; the first that fits counts."""
OTHER, THREADS = "other", "other threads (SQLite)"
FLOOR = {
    "http": "aiohttp receives and answers",
    "sqlite": "… with five statements on sqlite3",
    "call": "… with one outgoing call",
}

Function = tuple[str, int, str]


async def profiled(api: str) -> None:
    """Our bot; SIGUSR1 begins the profile, SIGUSR2 ends it and writes it to the file."""
    profile = cProfile.Profile()

    def write() -> None:
        profile.disable()
        part = Path(os.environ[DUMP] + ".part")
        profile.dump_stats(str(part))
        part.replace(os.environ[DUMP])

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, profile.enable)
    loop.add_signal_handler(signal.SIGUSR2, write)
    await ours(api)


def shares(profile: Path) -> dict[str, float]:
    """The part of the profiled time that each stage took itself."""
    stats: dict[Function, Any] = pstats.Stats(str(profile)).stats  # type: ignore[attr-defined]
    spent: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in stats.items():
        if "poll" in function[2] and function[0] == "~":
            continue  # waiting
        if function[0] == "~" and callers:
            for caller, (_, _, part, _) in callers.items():
                spent[stage(caller)] += part
        else:
            spent[stage(function)] += own
    whole = sum(spent.values())
    return {name: part / whole for name, part in spent.items()}


def stage(function: Function) -> str:
    """The stage that a function belongs to, by its file."""
    path = function[0]
    return next((name for name, parts in STAGES if any(one in path for one in parts)), OTHER)


async def divided(
    bot: Process, side: Side, scenario: Scenario, dump: Path, seconds: float
) -> dict[str, float]:
    """Seconds of processor of one turn, by stage."""
    used, own = processor(bot.pid), main_thread(bot.pid)
    speed = await measure(side, bot.webhook, bot.pid, scenario, CHATS, seconds)
    used, own = processor(bot.pid) - used, main_thread(bot.pid) - own
    os.kill(bot.pid, signal.SIGUSR1)
    await measure(side, bot.webhook, bot.pid, scenario, CHATS, seconds)
    os.kill(bot.pid, signal.SIGUSR2)
    await asyncio.to_thread(await_file, dump)
    loop = speed.processor * own / used
    found = {name: part * loop for name, part in shares(dump).items()}
    return found | {THREADS: speed.processor - loop}


def await_file(file: Path) -> None:
    """Returns when another process has put a file there. Raises `TimeoutError`."""
    ends = time.monotonic() + PATIENCE
    while not file.exists():
        if time.monotonic() > ends:
            raise TimeoutError(file.name)
        time.sleep(0.05)


async def compare(folder: Path, seconds: float) -> None:
    """Print the table."""
    columns: dict[str, dict[str, float]] = {}
    floor: dict[str, float] = {}
    async with Platform() as platform, WeChat() as wechat, Posts() as posts:
        pairs: list[tuple[Scenario, Side]] = [(one, platform) for one in OURS]
        for scenario, side in [*pairs, (NEAREST, wechat)]:
            # A process for each: a second profile in one would add to the first.
            dump = folder / scenario.name
            os.environ[DUMP] = str(dump)
            database = f"sqlite+aiosqlite:///{folder}/{scenario.name}.db"
            start = running("ours", platform.url, database, "bench.profile")
            with contextlib.ExitStack() as stack:
                bot = await asyncio.to_thread(stack.enter_context, start)
                found = await divided(bot, side, scenario, dump, seconds)
            columns[scenario.name] = found
        for name in FLOOR:
            start = running(name, platform.url, module="bench.floor")
            with contextlib.ExitStack() as stack:
                bot = await asyncio.to_thread(stack.enter_context, start)
                poster: Side = platform if name == "call" else posts
                speed = await measure(poster, bot.webhook, bot.pid, ECHO[0], CHATS, seconds)
            floor[name] = speed.processor
    show(columns, floor)


def show(columns: dict[str, dict[str, float]], floor: dict[str, float]) -> None:
    """The tables."""
    print(f"Processor µs of a turn, {CHATS} chats at once, SQLite\n")
    print(f"{'':<36}" + "".join(f"{name:>9}" for name in columns))
    for name in (*(name for name, _ in STAGES), OTHER, THREADS):
        cells = "".join(f"{column.get(name, 0) * 1e6:>9.0f}" for column in columns.values())
        print(f"{name:<36}{cells}")
    whole = "".join(f"{sum(column.values()) * 1e6:>9.0f}" for column in columns.values())
    print(f"{'whole turn':<36}{whole}\n")
    for name, title in FLOOR.items():
        print(f"{title:<36}{floor[name] * 1e6:>9.0f}")


def main() -> None:
    """Print the tables, or be the bot that is measured."""
    parser = argparse.ArgumentParser(description="Where the processor time of a turn goes.")
    parser.add_argument("bot", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each point")
    args = parser.parse_args()
    if args.bot:
        logs.set_up(quiet=True)
        asyncio.run(profiled(args.bot[-1]))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asyncio.run(compare(Path(folder), args.seconds))


if __name__ == "__main__":
    main()
