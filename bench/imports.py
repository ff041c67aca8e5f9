"""Importing a bank's list of 100,000 applications: `python -m bench.imports`, under 90 seconds.

Ours is `yizhan cards import FILE --apply` without the command line: read, check, compare, write,
all or nothing. Beside it what one writes first: one application at a time through the ORM (look it
up, add it with its facts and stage, flush), over fewer rows, with the same sealing and from the
same table in memory. Every measurement is a process of its own.
"""

import argparse
import asyncio
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select

from bench.processes import highest, resident
from bot.common.clock import CHINA
from bot.services.cards.blind_index import FactKind, fact, number_fact
from bot.services.cards.file_import import COLUMNS, plan_import, read, records
from bot.services.cards.ingest import apply
from bot.services.cards.records import RecordSource
from bot.services.cards.statuses import DEFAULT_LABELS
from bot.store import migrate
from bot.store.encryption import Keyring, parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.cards import CardApplicationRow, CardFactRow, CardStageRow
from bot.store.models.common import Table

ROWS = 100_000
NAIVE = 3_000
LABELS = ("已提交", "审核中", "制卡中", "待领取", "已领取", "已激活")
KEYS = parse_keys("1:" + "A" * 43 + "=")
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
FIELDS = ("number", "name", "phone", "id_last4", "label", "at", "office", "outlet_code",
          "outlet_name", "firm", "as_of")  # fmt: skip


def write_list(path: Path, rows: int, later: int) -> None:
    """A list as of some days later: a fifth of the applications have moved on since."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS[name][0] for name in FIELDS)
        for number in range(rows):
            stage = number % 5 + (later and number % 5 == 0)
            at = datetime(2026, 6, 1, 9, tzinfo=CHINA) + timedelta(days=number % 90 + later)
            moved = later if number % 5 == 0 else 0
            at -= timedelta(days=later - moved)
            out.writerow(
                (
                    f"NM2026{number:08}", f"王小{number % 997}", f"138{number:08}",
                    f"{number % 10_000:04}", LABELS[stage], f"{at:%Y-%m-%d %H:%M}",
                    "呼和浩特新城支行", f"S{number % 180}", "呼和浩特新城支行", "中通快递",
                    f"2026-10-{later + 1:02}",
                )
            )  # fmt: skip


async def ours(store: Store, data: bytes) -> None:
    """What the command does."""
    table = read(data, "list.csv")
    async with store.reading() as db:
        plan = await plan_import(db, KEYS, table, NOW, NOW, allow_backwards=False)
    assert not plan.problems
    del table
    async with store.writing() as db:
        await apply(db, KEYS, plan.plan, NOW, RecordSource.IMPORT)


async def naive(store: Store, data: bytes) -> None:
    """One application at a time, as objects."""
    listed, problems = records(read(data, "list.csv"), NOW, allow_backwards=False)
    assert not problems
    async with store.writing() as db:
        for _, _, one in listed:
            index = KEYS.index(*number_fact(one.number))
            known = select(CardApplicationRow).where(CardApplicationRow.number_index == index)
            if (await db.scalars(known)).one_or_none() is not None:
                continue
            at = one.at or one.as_of
            row = CardApplicationRow(
                number_index=index,
                number=_seal(KEYS, one.number, "number"),
                name=_seal(KEYS, one.name, "name"),
                phone=_seal(KEYS, one.phone, "phone"),
                id_last4=_seal(KEYS, one.id_last4, "id_last4"),
                label=_seal(KEYS, one.label, "label"),
                firm=one.firm, outlet_code=one.outlet_code, outlet_name=one.outlet_name,
                office=one.office, status=DEFAULT_LABELS.status_of(one.label), stage_at=at,
                as_of=one.as_of, updated_at=NOW,
            )  # fmt: skip
            db.add(row)
            await db.flush()
            for kind, digits in ((FactKind.PHONE, one.phone[-4:]), (FactKind.ID, one.id_last4)):
                found = KEYS.index(*fact(kind, one.number, digits))
                db.add(CardFactRow(application_id=row.id, kind=kind, fact_index=found))
            label = KEYS.seal(one.label, "card_stage.label")
            db.add(
                CardStageRow(
                    application_id=row.id, code=row.status, label=label, at=at,
                    office=one.office, source="import", recorded_at=NOW,
                )
            )  # fmt: skip
            await db.flush()


def _seal(keys: Keyring, text: str, name: str) -> bytes:
    return keys.seal(text, f"card_application.{name}")


WAYS: dict[str, Callable[[Store, bytes], Awaitable[None]]] = {"ours": ours, "naive": naive}


async def run(way: str, url: str, data: bytes) -> None:
    """One measurement, told as JSON: seconds, peak in megabytes above an idle process, rows."""
    store = await open_store(url)
    await migrate.migrate(store)
    async with store.reading() as db:
        await db.execute(select(1))
    before = resident(os.getpid())
    begun = perf_counter()
    await WAYS[way](store, data)
    seconds = perf_counter() - begun
    peak = highest(os.getpid()) - before
    async with store.reading() as db:
        held = await db.scalar(select(func.count()).select_from(CardApplicationRow))
    await store.close()
    print(json.dumps({"seconds": seconds, "peak": peak, "held": held}))


def measure(way: str, url: str, path: Path) -> dict[str, float]:
    """`run` in a process of its own."""
    done = subprocess.run(  # noqa: S603 - this Python and this module
        [sys.executable, "-m", "bench.imports", "--run", way, url, str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


async def empty(url: str) -> None:
    """Takes the applications away again."""
    store = await open_store(url)
    async with store.writing() as db:
        tables: tuple[type[Table], ...] = (CardFactRow, CardStageRow, CardApplicationRow)
        for table in tables:
            await db.execute(table.__table__.delete())  # type: ignore[attr-defined]
    await store.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Import of applications, beside a naive one.")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=ROWS)
    args = parser.parse_args()
    if args.run:
        way, url, path = args.run
        asyncio.run(run(way, url, Path(path).read_bytes()))
        return
    from bench.turns import databases  # brings much along that an import does not need

    with tempfile.TemporaryDirectory(prefix="bench-") as folder, databases() as stores:
        first, second, few = (Path(folder, f"{name}.csv") for name in ("first", "second", "few"))
        write_list(first, args.rows, 0)
        write_list(second, args.rows, 10)
        write_list(few, NAIVE, 0)
        size = first.stat().st_size / 1e6
        print(f"A csv of {args.rows:,} applications, {size:.0f} MB, sealed and indexed\n")
        print(f"{'':<44}{'rows':>9}{'seconds':>9}{'rows/s':>9}{'ratio':>8}{'peak MB':>9}")
        for title, url in stores.items():
            slow = measure("naive", url, few)
            asyncio.run(empty(url))
            lines = [("one by one through the ORM", NAIVE, slow)]
            for what, path in (
                ("ours, all new", first),
                ("ours, the same again", first),
                ("ours, a fifth moved on", second),
            )[: None if title == "SQLite" else 1]:
                lines.append((what, args.rows, measure("ours", url, path)))
            assert {found["held"] for _, _, found in lines[1:]} == {args.rows}
            for what, rows, found in lines:
                rate, least = rows / found["seconds"], NAIVE / slow["seconds"]
                print(
                    f"{title + ': ' + what:<44}{rows:>9,}{found['seconds']:>9.1f}{rate:>9,.0f}"
                    f"{rate / least:>7.1f}×{found['peak']:>9.0f}"
                )


if __name__ == "__main__":
    main()
