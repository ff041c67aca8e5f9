"""The schema and the two engines, on both databases."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from bot.store import migrate
from bot.store.engine import Store, open_store
from bot.store.models.common import DatasetRow
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import FavouriteRow, StationRow
from tests.support import postgres

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
MIGRATE = """
import asyncio, sys
from bot.store import migrate
from bot.store.engine import open_store

async def main(url):
    store = await open_store(url)
    sys.stdin.read(1)  # all begin when the test says so
    await migrate.migrate(store)
    await store.close()

asyncio.run(main(sys.argv[1]))
"""

BEFORE = """
INSERT INTO chat (id, channel, external_id, courier_id, reachable, state_at)
SELECT 2, channel, 'y', courier_id, reachable, state_at FROM chat
"""  # how a replica of the version before adds a chat


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgres_url(postgres_server: URL) -> Iterator[str]:
    """A PostgreSQL database without a single table."""
    database = postgres.create(postgres_server)
    yield postgres.address(database)
    postgres.drop(postgres_server, database)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without a single table, once of each kind."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


def station(code: str) -> StationRow:
    """A station with only what the table demands."""
    place = {"raw_lat": 40.8, "raw_lon": 111.7, "lat": 40.8, "lon": 111.7}
    return StationRow(code=code, name="示例", datum="wgs84", updated_at=NOW, **place)


async def test_a_migrated_database_is_what_the_models_say(store: Store) -> None:
    assert await migrate.is_current(store)
    assert await migrate.differences(store) == []


async def test_the_way_down_and_up_again_ends_where_it_began(store: Store) -> None:
    await migrate.downgrade(store)
    assert not await migrate.is_current(store)
    assert await migrate.differences(store) != []
    await migrate.migrate(store)
    assert await migrate.is_current(store)
    assert await migrate.differences(store) == []


async def schema(store: Store) -> dict[str, dict[str, str]]:
    """Everything that the database itself says of each table, in an order of its own, and rows."""

    def inspect(sync: sa.Connection) -> dict[str, dict[str, str]]:
        found = sa.inspect(sync)
        tables = {}
        for name in found.get_table_names():
            parts: dict[str, list[Any]] = {
                "columns": found.get_columns(name),
                "primary key": [found.get_pk_constraint(name)],
                "foreign keys": found.get_foreign_keys(name),
                "indexes": [
                    one | {"dialect_options": str_values(one.get("dialect_options", {}))}
                    for one in found.get_indexes(name)
                ],
                "unique": found.get_unique_constraints(name),
                "checks": found.get_check_constraints(name),
                "rows": [
                    tuple(row)
                    for row in sync.execute(select(text("*")).select_from(sa.table(name)))
                ],
            }
            parts["triggers"] = triggers(sync, name)
            tables[name] = {
                part: "\n".join(sorted(map(repr, every))) for part, every in parts.items()
            }
        return tables

    async with store.reader.connect() as connection:
        return await connection.run_sync(inspect)


def triggers(sync: sa.Connection, table: str) -> list[Any]:
    """What the database does of itself when a row of the table changes."""
    if sync.dialect.name == "sqlite":
        asked = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"
    else:
        asked = (
            "SELECT pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid = CAST(:name AS regclass)"
        )
    return [
        tuple(row)
        for row in sync.execute(
            text(asked), {"name": f'"{table}"' if sync.dialect.name != "sqlite" else table}
        )
    ]


def str_values(options: Mapping[str, object]) -> dict[str, str]:
    """A condition of a partial index is an object, equal to no other of the same words."""
    return {name: str(value) for name, value in options.items()}


async def test_an_empty_database_gets_the_schema_that_all_revisions_make(empty_url: str) -> None:
    store = await open_store(empty_url)
    await migrate.migrate(store)
    created = await schema(store)
    assert await migrate.is_current(store)
    await migrate.downgrade(store)
    assert set(await schema(store)) == {"alembic_version"}
    await migrate.upgrade(store)
    revised = await schema(store)
    await store.close()
    assert created.keys() == revised.keys()
    for table, parts in created.items():
        assert parts == revised[table], table


def test_the_newest_revision_is_the_head_that_alembic_finds() -> None:
    script = ScriptDirectory.from_config(migrate.configuration())
    assert migrate.newest_revision() == script.get_current_head()


@pytest.mark.parametrize("times", [1, 2])
def test_alembic_is_not_imported_where_no_revision_has_to_run(
    empty_sqlite_url: str, times: int
) -> None:
    for _ in range(times):
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", MIGRATE + "print('alembic' in sys.modules)", empty_sqlite_url],
            input=b"!", capture_output=True, check=True,
        )  # fmt: skip
    assert done.stdout == b"False\n"


async def test_rows_survive_a_second_migration(store: Store) -> None:
    async with store.writing() as db:
        db.add_all([CourierRow(id=1, created_at=NOW, seen_at=NOW), station("a")])
        await db.flush()
        db.add(ChatRow(channel="web", external_id="x", courier_id=1, state_at=NOW))
        code = select(StationRow.id).where(StationRow.code == "a").scalar_subquery()
        await db.execute(insert(FavouriteRow).values(courier_id=1, station_id=code, added_at=NOW))
    await migrate.migrate(store)
    async with store.reading() as db:
        for table in (CourierRow, ChatRow, StationRow, FavouriteRow):
            assert await db.scalar(select(func.count()).select_from(table)) == 1
        assert await db.scalar(select(ChatRow.state_at)) == NOW


async def test_a_chat_keeps_its_rows_through_the_newest_revision_and_back(store: Store) -> None:
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=NOW, seen_at=NOW))
        await db.flush()
        db.add(ChatRow(id=1, channel="web", external_id="x", courier_id=1, state_at=NOW))
        await db.flush()
        db.add(InboxRow(channel="web", event_id="1", received_at=NOW, chat_id=1))
    await migrate.downgrade(store, "0005")
    async with store.writing() as db:
        await db.execute(text(BEFORE))
    await migrate.migrate(store)
    async with store.writing() as db:
        await db.execute(text(BEFORE.replace("2", "3").replace("'y'", "'z'") + "WHERE id = 1"))
    async with store.reading() as db:
        assert await db.scalar(select(InboxRow.chat_id)) == 1
        assert list(await db.scalars(select(ChatRow.turns))) == [0, 0, 0]


async def test_four_processes_migrate_one_fresh_database_at_once(empty_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, empty_url,
            stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]  # fmt: skip
    ended = await asyncio.gather(*(process.communicate(b"!") for process in processes))
    assert [process.returncode for process in processes] == [0] * 4, ended
    store = await open_store(empty_url)
    assert await migrate.is_current(store)
    assert await migrate.differences(store) == []
    await store.close()


async def test_a_failed_revision_leaves_the_old_schema_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate.downgrade(store)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a full disk")

    monkeypatch.setattr(op, "batch_alter_table", fail)
    with pytest.raises(RuntimeError, match="a full disk"):
        await migrate.migrate(store)
    async with store.reading() as db:
        with pytest.raises(DBAPIError):
            await db.execute(text("SELECT 1 FROM courier"))


async def test_a_reader_cannot_write_on_sqlite(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)
    async with store.reading() as db:
        with pytest.raises(OperationalError, match="readonly"):
            await db.execute(insert(DatasetRow).values(name="station", version=1))
    await store.close()


async def test_no_update_is_lost_between_two_replicas(database_url: str) -> None:
    """16 turns on 2 stores read a number and write it back one higher."""
    stores = [await open_store(database_url) for _ in range(2)]
    async with stores[0].writing() as db:
        db.add(DatasetRow(name="station", version=0))

    async def raise_it(store: Store) -> None:
        async with store.writing() as db:
            # The lock is a clause on PostgreSQL; on SQLite only BEGIN IMMEDIATE plays its part.
            row = (await db.execute(select(DatasetRow).with_for_update())).scalar_one()
            await db.execute(select(func.count()).select_from(CourierRow))
            row.version += 1

    await asyncio.gather(*(raise_it(stores[number % 2]) for number in range(16)))
    async with stores[1].reading() as db:
        assert await db.scalar(select(DatasetRow.version)) == 16
    for store in stores:
        await store.close()


async def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    async def write_and_fail() -> None:
        async with store.writing() as db:
            await db.execute(insert(DatasetRow).values(name="station", version=1))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        await write_and_fail()
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(DatasetRow)) == 0


async def test_foreign_keys_are_kept(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.writing() as db:
            db.add(ChatRow(channel="web", external_id="x", courier_id=404, state_at=NOW))


async def test_a_moment_comes_back_aware_and_a_naive_one_is_refused(store: Store) -> None:
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=NOW, seen_at=NOW))
    async with store.reading() as db:
        assert (await db.execute(select(CourierRow))).scalar_one().seen_at.tzinfo is UTC
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="needs its time zone"):
        async with store.writing() as db:
            db.add(CourierRow(id=2, created_at=naive, seen_at=naive))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root:hunter2@host/db",
        "postgresql://root:hunter2@host/db",
        "postgresql+asyncpg://root:hunter2@host:port/db",
        "sqlite:///var/bot.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
    ],
)
async def test_a_wrong_address_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"address must (begin|name)") as caught:
        await open_store(url)
    said = str(caught.value)
    assert "\n" not in said
    assert "hunter2" not in said
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or "hunter2" not in repr(caught.value.__context__)


async def test_a_revision_that_rebuilds_a_table_keeps_the_rows_that_refer_to_it(
    sqlite_url: str,
) -> None:
    """SQLite drops the old table: with foreign keys on, what refers to it would be deleted."""
    store = await open_store(sqlite_url)
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=NOW, seen_at=NOW))
        await db.flush()
        db.add(ChatRow(id=1, channel="web", external_id="a", courier_id=1, state_at=NOW))

    def rebuild(connection: sa.Connection) -> None:
        context = MigrationContext.configure(connection)
        with Operations(context).batch_alter_table("courier", recreate="always") as courier:
            courier.add_column(sa.Column("added", sa.Integer()))

    await migrate._run(store, rebuild)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(ChatRow)) == 1
        assert await db.scalar(text("PRAGMA foreign_keys")) == 1
    await store.close()


async def test_a_revision_that_leaves_a_row_without_its_owner_is_undone(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=NOW, seen_at=NOW))
        await db.flush()
        db.add(ChatRow(id=1, channel="web", external_id="a", courier_id=1, state_at=NOW))

    def orphan(connection: sa.Connection) -> None:
        connection.execute(text("DELETE FROM courier"))

    with pytest.raises(RuntimeError, match="chat"):
        await migrate._run(store, orphan)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CourierRow)) == 1
    await store.close()
