"""What every test may ask for: a migrated database of its own, and a clock it can set.

Markers are set here, so that `make unit` runs what needs nothing but Python: `postgres` for a test
that uses PostgreSQL, `unit` for one without a database, a browser or a process of its own.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy.engine import URL

from bot.common.clock import CHINA
from bot.store import migrate
from bot.store.engine import Store, open_store
from tests.support import postgres
from tests.support.paths import TESTS

os.environ["LC_ALL"] = "C.UTF-8"  # the command line speaks Chinese unless told otherwise

# The same examples in every run, and no clock over them: a busy machine is not a failure.
# HYPOTHESIS_PROFILE=search looks for new ones, HYPOTHESIS_PROFILE=long for many of them.
hypothesis.settings.register_profile(
    "same",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "long",
    deadline=None,
    max_examples=2_000,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("search", parent=hypothesis.settings(deadline=None))
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


DATABASE_FIXTURES = frozenset({"sqlite_template", "sqlite_url", "database_url", "store"})
POSTGRES_FIXTURES = frozenset({"postgres_server", "postgres_template", "postgres_url"})
NOT_UNIT = frozenset({"app", "browser", "commands", "faults", "security", "store", "stories"})
"""Folders whose tests open databases or start processes by themselves."""


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
IN_MEMORY_BYTES = 4 << 30


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Puts the tests' files where a commit need not wait for a disk, if there is such a place.

    Databases are written to disk durably; what that needs has tests of its own
    (`tests/store/test_durability.py`).
    """
    option = config.option
    if (
        option.basetemp is None
        and not hasattr(config, "workerinput")
        and IN_MEMORY.is_dir()
        and shutil.disk_usage(IN_MEMORY).free >= IN_MEMORY_BYTES
    ):
        option.basetemp = tempfile.mkdtemp(prefix="yizhan-tests-", dir=IN_MEMORY)
        config.add_cleanup(partial(shutil.rmtree, option.basetemp, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by the fixtures they use and the folder they are in."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        callspec = getattr(item, "callspec", None)
        kinds = callspec.params.values() if callspec is not None else ()
        if fixtures & POSTGRES_FIXTURES or "postgres" in kinds:
            item.add_marker("postgres")
        elif not (
            fixtures & DATABASE_FIXTURES
            or item.path.relative_to(TESTS).parts[0] in NOT_UNIT
            or item.get_closest_marker("slow")
        ):
            item.add_marker("unit")


@dataclass(slots=True)
class ManualClock:
    """A `Clock` that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def set(self, moment: datetime) -> None:
        """Jumps to an aware moment."""
        self.now = moment

    def forward(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """Lets time pass."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes)


@pytest.fixture
def clock() -> ManualClock:
    """10:00 on Monday, 23 November 2026."""
    return ManualClock(datetime(2026, 11, 23, 10, tzinfo=CHINA))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, which tests copy."""
    path = tmp_path_factory.mktemp("template") / "bot.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The server of this test process. Skips where there is none, fails where REQUIRE_PG is set."""
    try:
        with postgres.server() as admin:
            yield admin
    except postgres.Missing as missing:
        if os.environ.get("REQUIRE_PG"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[URL]:
    """A migrated PostgreSQL database, which tests copy."""
    template = postgres.create(postgres_server)
    asyncio.run(_migrate(postgres.address(template)))
    yield template
    postgres.drop(postgres_server, template)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own."""
    shutil.copyfile(sqlite_template, tmp_path / "bot.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture(scope="session")
def idle_databases() -> list[URL]:
    """Migrated PostgreSQL databases without rows, which earlier tests of this process used."""
    return []


@pytest.fixture
def postgres_url(
    postgres_server: URL, postgres_template: URL, idle_databases: list[URL]
) -> Iterator[str]:
    """A migrated PostgreSQL database, empty and used by nobody else meanwhile."""
    database = (
        idle_databases.pop()
        if idle_databases
        else postgres.create(postgres_server, postgres_template)
    )
    yield postgres.address(database)
    if postgres.reset(postgres_server, database):
        idle_databases.append(database)
    else:
        postgres.drop(postgres_server, database)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """The database, open."""
    opened = await open_store(database_url)
    yield opened
    await opened.close()


async def _migrate(url: str) -> None:
    store = await open_store(url)
    await migrate.migrate(store)
    await store.close()
