"""Whole turns per second: `python -m bench.turns`, four minutes.

A turn begins with an update posted to the webhook; it ends when the webhook has answered and the
reply has reached the Bot API, for WeChat when the answer to the post is opened. Ours is committed
by then; the echo bots beside it remember nothing.
Each bot is a process of its own, couriers and Bot API are this one. The bots take turns, medians
of all rounds; ratios of speed are to python-telegram-bot as it comes, those of processor time to
aiogram in the same round, and beside them stands the most that they should be.
"""

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import func, select

from bench.bots import SECRET, TOKEN
from bench.couriers import Platform, Scenario, Side, Speed, measure, somewhere
from bench.wechat import ENVIRONMENT, NEAREST, STATION, WeChat
from bot.store.engine import open_store
from bot.store.models.conversation import InboxRow
from tests.support import postgres

CHATS = (1, 32, 256)
# Each proof is in the buttons, which come last: with them the whole reply has arrived.
OURS: tuple[Scenario, ...] = (
    Scenario("nearest", somewhere, STATION),
    Scenario("card", lambda _: {"text": "/card"}, b"card.unbind"),
    Scenario("help", lambda _: {"text": "/help"}, b"training.mine"),
)
ECHO: tuple[Scenario, ...] = (Scenario("echo", lambda _: {"text": "hello"}, b"hello"),)
PEERS = {"ptb": "python-telegram-bot", "aiogram": "aiogram"}
CROWDED = 32
"""From so many chats on, processor time is held to the limit."""
LIMITS = {
    ("ours, SQLite", "nearest"): 0.9,
    ("ours, SQLite", "card"): 0.6,
    ("ours, SQLite", "help"): 0.6,
    ("ours, SQLite", "wechat"): 1.5,
    ("ours, PostgreSQL", "nearest"): 1.2,
    ("ours, PostgreSQL", "card"): 1.2,
    ("ours, PostgreSQL", "wechat"): 2.0,
}
"""The most processor time of a turn, as a multiple of aiogram's echo of a text."""
# The tests' server does not wait for the disk; here a commit is to be one.
LASTING = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@dataclass(frozen=True, slots=True)
class Process:
    """A running bot: where it takes updates, and its process id."""

    webhook: str
    pid: int


@dataclass(slots=True)
class Row:
    """A line of the table, and its points by number of chats."""

    title: str
    bot: Process
    scenario: Scenario
    platform: Side
    speeds: dict[int, list[Speed]] = field(default_factory=lambda: {chats: [] for chats in CHATS})

    def rate(self, chats: int) -> float:
        """Turns a second."""
        return median(one.rate for one in self.speeds[chats])

    def processor(self, chats: int) -> float:
        """Seconds of the bot's processor for a turn."""
        return median(one.processor for one in self.speeds[chats])

    def share(self, peer: "Row", chats: int) -> float:
        """Of the peer's processor time for a turn, each round by itself."""
        pairs = zip(self.speeds[chats], peer.speeds[chats], strict=True)
        return median(one.processor / other.processor for one, other in pairs)

    def p99(self, chats: int) -> float:
        """Seconds that 99 of 100 turns take at the most."""
        return median(one.p99 for one in self.speeds[chats])


@contextlib.contextmanager
def running(
    name: str, api: str, database: str = "", module: str = "bench.bots"
) -> Iterator[Process]:
    """A bot of `bench.bots`, or of another module with such a command line, once it listens."""
    environment = ENVIRONMENT | {
        "YIZHAN_DATABASE_URL": database,
        "YIZHAN_HTTP_PORT": "0",
        "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
        "YIZHAN_TELEGRAM_TOKEN": TOKEN,
        "YIZHAN_TELEGRAM_WEBHOOK_URL": "https://bench.example.org/",
        "YIZHAN_TELEGRAM_WEBHOOK_SECRET": SECRET,
    }
    with subprocess.Popen(  # noqa: S603 - this Python and a module of ours
        [sys.executable, "-m", module, name, api],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as process:
        assert process.stdout is not None
        try:
            webhook = process.stdout.readline().strip()
            assert webhook, f"{name} did not start"
            yield Process(webhook, process.pid)
        finally:
            process.kill()


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """An empty SQLite file, and a PostgreSQL database where there is a server."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
        found = {"SQLite": f"sqlite+aiosqlite:///{folder}/bench.db"}
        postgres.OPTIONS.update(LASTING)
        try:
            server = stack.enter_context(postgres.server())
        except postgres.Missing as missing:
            print(missing)
        else:
            database = postgres.create(server)
            stack.callback(postgres.drop, server, database)
            found["PostgreSQL"] = postgres.address(database)
        yield found


async def answered(database: str) -> int:
    """How many turns the database remembers with their answers."""
    store = await open_store(database)
    async with store.reading() as db:
        kept = select(func.count()).where(InboxRow.answer.is_not(None))
        found = await db.scalar(kept)
    await store.close()
    return found or 0


async def compare(stores: dict[str, str], seconds: float, rounds: int) -> list[Row]:
    """Every bot in every scenario, one after the other; checks that no turn of ours is lost."""
    contenders = [(title, name, "", ECHO) for name, title in PEERS.items()]
    contenders += [(f"ours, {title}", "ours", database, OURS) for title, database in stores.items()]
    async with Platform() as platform, WeChat() as wechat:
        with contextlib.ExitStack() as stack:
            rows = []
            for title, name, database, scenarios in contenders:
                start = running(name, platform.url, database)
                bot = await asyncio.to_thread(stack.enter_context, start)  # it asks the platform
                rows += [Row(title, bot, one, platform) for one in scenarios]
                if name == "ours":
                    rows.append(Row(title, bot, NEAREST, wechat))
            for _ in range(rounds):
                for chats in CHATS:
                    for row in rows:  # soon after each other: the machine's speed changes
                        speed = await measure(
                            row.platform, row.bot.webhook, row.bot.pid, row.scenario, chats, seconds
                        )
                        row.speeds[chats].append(speed)
    for title, database in stores.items():
        ours = [row for row in rows if row.title == f"ours, {title}"]
        taken = sum(one.turns for row in ours for all_ in row.speeds.values() for one in all_)
        kept = await answered(database)
        assert kept == taken, f"{taken} turns were answered and {kept} are in {title}"
    return rows


def show(rows: Sequence[Row]) -> None:
    """The table."""
    ptb, aiogram = (next(row for row in rows if row.title == title) for title in PEERS.values())
    print("Whole turns: update in, committed (ours), reply out\n")
    at_once = "".join(f"{f'{n} at once':>33}" for n in CHATS)
    print(f"{'':<20}{'':<10}{'calls':>6}{at_once}  cpu ÷ aiogram, at once")
    columns = f"{'turns/s':>11}{'ratio':>7}{'cpu µs':>8}{'p99 ms':>7}" * len(CHATS)
    print(f"{'':<36}{columns}" + "".join(f"{n:>7}" for n in CHATS) + "  limit")
    for row in rows:
        calls = row.speeds[CHATS[0]][0].calls
        line = f"{row.title:<20}{row.scenario.name:<10}{calls:>6.1f}"
        for chats in CHATS:
            rate, used = row.rate(chats), row.processor(chats) * 1e6
            line += f"{rate:>11.0f}{rate / ptb.rate(chats):>6.2f}×{used:>8.0f}"
            line += f"{row.p99(chats) * 1e3:>7.1f}"
        shares = {chats: row.share(aiogram, chats) for chats in CHATS}
        line += "".join(f"{share:>6.2f}×" for share in shares.values())
        print(line + judged(LIMITS.get((row.title, row.scenario.name)), shares))
    print("\ncalls: of the Bot API for each turn; cpu: of the bot's process, not of PostgreSQL")
    print("wechat: the same as nearest in 安全模式: encrypted in, the answer encrypted out")


def judged(limit: float | None, shares: dict[int, float]) -> str:
    """The limit, and whether every crowded point keeps it; empty where there is none."""
    if limit is None:
        return ""
    kept = all(share <= limit for chats, share in shares.items() if chats >= CROWDED)
    return f"  ≤ {limit:.1f}× {'met' if kept else 'MISSED'}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Whole turns per second, beside two echo bots.")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each point")
    parser.add_argument("--rounds", type=int, default=6)
    args = parser.parse_args()
    with databases() as stores:
        show(asyncio.run(compare(stores, args.seconds, args.rounds)))


if __name__ == "__main__":
    main()
