"""The console's lists at 180,000 stations and 3,000,000 couriers: `python -m bench.console`.

Every list with each of its filters and a page far down, asked of the ASGI application in this
process, which a region administrator and operators of one league are signed in to. At most 300 ms
at the 95th percentile. PostgreSQL is filled in some minutes; `--scale 0.01` is a quick look,
`--sqlite` the same on SQLite with a fiftieth of the couriers, `--only /stations` single pages.
"""

import argparse
import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from time import perf_counter

import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from bench.console_tables import STATIONS, Sizes, Sql, statements
from bot.app.console import parts
from bot.common.clock import system_clock
from bot.config.settings import Settings
from bot.console.app import create_console
from bot.services.operators import accounts, sessions
from bot.services.operators.roles import Operator, Right, Role
from bot.store import migrate
from bot.store.encryption import parse_keys
from bot.store.engine import Store, open_store
from tests.support import postgres

LIMIT = 300.0  # ms, at the 95th percentile
KEYS = parse_keys("1:" + "A" * 43 + "=")
LEAGUE = "150200"
SMALL = 0.02
SERVER = {"shared_buffers": "1GB", "max_wal_size": "8GB", "work_mem": "16MB"}
ROLES = (Role.EDITOR, Role.CARDS, Role.TRAINER, Role.DUTY)
SEQUENCES = """DO $$ DECLARE one record; BEGIN
FOR one IN SELECT table_name AS name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'id' AND column_default LIKE 'nextval%' LOOP
EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), max(id) + 1) FROM %I',
one.name, one.name); END LOOP; END $$"""  # rows came with their numbers
ROW = re.compile(r"<tr|<article|<li(?![a-z])")


@dataclass(frozen=True, slots=True)
class Page:
    """An address that somebody with the right asks for; `{…}` in it stands for a key far down."""

    right: Right
    address: str


PAGES = tuple(
    Page(right, address)
    for right, addresses in (
        (
            Right.READ,
            (
                "/",
                "/stations",
                "/stations?after={station}",
                "/stations?league=150200",
                "/stations?league=150200&after={mine}",
                "/stations?status=paused",
                "/stations?status=open",
                "/stations?facility=water",
                "/stations?facility=nursing",
                "/stations?facility=water&after={mine}",
                "/stations?check=broken",
                "/stations?check=unverified",
                "/stations?check=no_hours",
                "/stations?text=17999",
                "/stations?text=爱心",
                "/stations?text=没有",
                "/stations?text=支行&status=paused",
                "/stations?text=没有&facility=water&status=open",
                "/stations?text=街1799&league=150200&facility=water",
                "/stations?text=爱心&after={mine}",
                "/stations/-/map?league=150200",
                "/stations/{code}",
            ),
        ),
        (Right.STATIONS, ("/reports", "/imports", "/imports?before={import}")),
        (
            Right.CONVERSATIONS,
            (
                "/conversations",
                "/conversations?tab=mine",
                "/conversations?tab=others",
                "/conversations?tab=closed",
                "/conversations?tab=closed&after={talk}",
                "/conversations?tab=closed&league=150200",
                "/conversations/ready",
            ),
        ),
        (
            Right.TRAININGS,
            (
                "/trainings",
                "/trainings?shown=over",
                "/trainings?shown=cancelled",
                "/trainings?shown=over&after={training}",
                "/trainings?league=150200",
                "/trainings?text=第29",
                "/trainings?shown=over&text=没有",
                "/trainings/1/people",
                "/trainings/1/attendance",
                "/trainings/1/certificates",
                "/trainings/1/feedback",
            ),
        ),
        (Right.MESSAGES, ("/messages", "/messages?before={message}")),
        (
            Right.CARDS,
            (
                "/cards",
                "/cards?state=passed",
                "/cards?state=closed&before={request}",
                "/cards/late",
                "/cards/late?outlet=*",
                "/cards/late?outlet={outlet}",
                "/cards/late?outlet=*&after={late}",
                "/cards/lists",
                "/cards/lists?before={list}",
                "/cards/labels",
                "/cards/pushes",
                "/cards/pushes?before={push}",
            ),
        ),
        (
            Right.APPOINTMENTS,
            (
                "/appointments",
                "/appointments?state=done",
                "/appointments?state=contacted",
                "/appointments?state=unreached",
                "/appointments?state=done&after={appointment}",
            ),
        ),
        (
            Right.CONTENT,
            (
                "/content",
                "/content?after=c-4",
                "/content?kind=lesson",
                "/content?state=served",
                "/content?state=planned",
                "/content?state=expired",
                "/content?state=overdue",
                "/content?state=sample",
                "/content/lessons",
            ),
        ),
        (Right.HONOURS, ("/honours", "/honours/2026-1")),
        (Right.ACCOUNTS, ("/people",)),
        (
            Right.AUDIT,
            (
                "/records",
                "/records?before={audit}",
                "/records?actor=operator7",
                "/records?action=station.close",
                "/records?kind=training",
                "/records?text=150202-000001",
                "/records?text=没有",
                "/records?kind=station&text=000013",
                "/records?actor=operator7&action=card.reveal&before={audit}",
            ),
        ),
    )
    for address in addresses
)


def keys(sql: Sql, size: Sizes) -> dict[str, str]:
    """What stands in for the `{…}` of an address: keys in the middle of their lists."""
    middle = size(STATIONS) // 2
    outlet = f"150202-{middle - middle % 12 + 1:06}"
    return {
        "station": "150500", "mine": outlet, "code": outlet, "outlet": outlet,
        "import": str(size(20_000) // 2), "talk": str(size(300_000) // 2),
        "training": f"{sql.now - timedelta(days=30):%Y-%m-%dT%H:%M:%S}%2B00:00~1",
        "message": str(size(2_000) // 2), "request": str(size(300_000) // 2),
        "late": f"{sql.now - timedelta(days=150):%Y-%m-%dT%H:%M:%S}%2B00:00 1",
        "list": str(size(5_000) // 2), "push": str(size(20_000) // 2),
        "appointment": str(size(300_000) // 2 // 4 * 4), "audit": str(size(1_500_000) // 2),
    }  # fmt: skip


async def fill(url: str, sql: Sql, size: Sizes) -> None:
    """Fills the database, and lets it count what is in it."""
    begun = perf_counter()
    patient = {} if sql.is_sqlite else {"command_timeout": None}
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", connect_args=patient)
    async with engine.connect() as alone:
        if not sql.is_sqlite:  # neither foreign keys nor triggers, as a restore does it
            await alone.exec_driver_sql("SET session_replication_role = replica")
        for table, statement in statements(sql, size):
            done = await alone.exec_driver_sql(statement)
            print(f"  {table:<24}{done.rowcount:>10,}{perf_counter() - begun:>8.0f} s", flush=True)
        if not sql.is_sqlite:
            await alone.exec_driver_sql(SEQUENCES)
        await alone.exec_driver_sql("ANALYZE" if sql.is_sqlite else "VACUUM ANALYZE")
    await engine.dispose()
    print(f"  {'vacuumed, analysed':<34}{perf_counter() - begun:>8.0f} s\n", flush=True)


async def account(store: Store, role: Role, leagues: frozenset[str]) -> Operator:
    """An operator of that role."""
    async with store.writing() as db:
        name = f"bench-{role.value}-{system_clock():%H%M%S}"
        number = await accounts.add(
            db, name, role, leagues, "-", "bench", system_clock(), must_change=False
        )
    return Operator(number, name, role, leagues)


@contextlib.asynccontextmanager
async def browser(store: Store, operator: Operator) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the operator, signed in."""
    async with store.writing() as db:
        token = await sessions.begin(db, operator, system_clock())
    console = create_console(parts(Settings(), store, KEYS, system_clock))
    transport = httpx.ASGITransport(console)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        http.cookies.set("yizhan-session", token, domain="127.0.0.1")
        yield http


async def measure(http: httpx.AsyncClient, address: str, rounds: int) -> tuple[list[float], int]:
    """Milliseconds of each request, the first one first, and the rows on the page.

    None of a page that only operators of the whole region see.
    """
    times = []
    for _ in range(rounds + 1):
        begun = perf_counter()
        answer = await http.get(address)
        times.append((perf_counter() - begun) * 1000)
        if answer.status_code == HTTPStatus.FORBIDDEN:
            return [], 0
        assert answer.status_code == HTTPStatus.OK, (address, answer.status_code)
    return times, len(ROW.findall(answer.text.partition("<main")[2]))


async def ask(store: Store, found: dict[str, str], rounds: int, only: str) -> int:
    """Prints a line for each page; how many are too slow."""
    operators = [await account(store, Role.ADMINISTRATOR, frozenset())]
    operators += [await account(store, role, frozenset({LEAGUE})) for role in ROLES]
    print(f"{'':<66}{'rows':>5}{'first':>8}{'p50':>7}{'p95 ms':>8}")
    slow = 0
    for operator in operators:
        pages = [one for one in PAGES if operator.may(one.right)]
        if operator.role not in {Role.ADMINISTRATOR, Role.EDITOR}:  # the editor reads the rest
            pages = [one for one in pages if one.right is not Right.READ]
        async with browser(store, operator) as http:
            for page in pages:
                address = page.address.format_map(found)
                if not address.startswith(only):
                    continue
                times, rows = await measure(http, address, rounds)
                if not times:
                    continue
                warm = sorted(times[1:])
                p50, p95 = warm[len(warm) // 2], warm[ceil(len(warm) * 0.95) - 1]
                slow += p95 > LIMIT
                title = f"{operator.role.value:<14}{address}"
                mark = "  SLOW" if p95 > LIMIT else ""
                line = f"{title:<66}{rows:>5}{times[0]:>8.0f}{p50:>7.0f}{p95:>8.0f}{mark}"
                print(line, flush=True)
    return slow


async def run(url: str, size: Sizes, rounds: int, only: str, *, filled: bool) -> int:
    """Fills the database unless that was done, and asks all pages; how many are too slow."""
    store = await open_store(url)
    await migrate.migrate(store)
    sql = Sql(store.is_sqlite, KEYS, system_clock())
    try:
        if not filled:
            await fill(url, sql, size)
        return await ask(store, keys(sql, size), rounds, only)
    finally:
        await store.close()


@contextlib.contextmanager
def database(given: str, *, sqlite: bool) -> Iterator[str]:
    """The address of an empty database, deleted at the end, or the given one."""
    if given:
        yield given
        return
    if sqlite:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield f"sqlite+aiosqlite:///{folder}/bench.db"
        return
    postgres.OPTIONS.update(SERVER)
    with postgres.server() as server:
        yield postgres.address(postgres.create(server))


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table; status 1 where a page is too slow."""
    parser = argparse.ArgumentParser(description="Lists of the console of a large installation.")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="/", help="addresses that begin so")
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--database", default="", help="one that was filled before, by its address")
    args = parser.parse_args(argv)
    with database(args.database, sqlite=args.sqlite) as url:
        scale = args.scale * (SMALL if args.sqlite else 1)
        size = Sizes(scale, args.scale)
        ran = run(url, size, args.rounds, args.only, filled=bool(args.database))
        slow = asyncio.run(ran)
    raise SystemExit(1 if slow else 0)


if __name__ == "__main__":
    main()
