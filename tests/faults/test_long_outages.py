"""Two replicas whose database or clock fails while couriers register; then all is well again.

Long: `make faults`. Prints what was lost, doubled and oversold, and the time to the first answers.
"""

import asyncio
import os
import random
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from bot.common.clock import system_clock
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.support.service_replicas import AT_ONCE, Platform, Registrations, two_replicas
from tests.support.tcp_proxy import TcpProxy
from tests.support.trainings import create_couriers, create_training

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

LASTS = 5.0  # seconds of an outage
OUTAGES = 3
LARGEST_FILE = 64 * 1024  # bytes; the database and its log are larger at any time

Outage = Callable[[], AbstractAsyncContextManager[None]]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(300):
        while not holds():  # noqa: ASYNC110 - other processes give no signal
            await asyncio.sleep(0.01)


async def until_ready(platform: Platform) -> None:
    """Until both replicas say that they have a database and the right time."""
    async with asyncio.timeout(120):
        for one in platform.replicas:
            while await readiness(platform, one.base) != 200:  # noqa: ASYNC110 - nor these
                await asyncio.sleep(0.05)


async def readiness(platform: Platform, base: str) -> int:
    async with platform.http.get(f"{base}/readyz") as answer:
        return answer.status


async def run_through(
    database_url: str, replicas_url: str, name: str, outage_of: Callable[[Platform], Outage],
    capsys: pytest.CaptureFixture[str], *, stops_answers: bool = True,
) -> None:  # fmt: skip
    """Registrations of all couriers, through several outages spread over them."""
    store = await open_store(database_url)
    registrations = await Registrations.prepare(store)
    async with two_replicas(replicas_url, registrations.couriers) as (platform, telegram):
        for one in platform.replicas:
            await one.start()
        waiting = iter(deeds := registrations.shuffled(random.Random(2026)))
        recoveries: list[float] = []
        stood = 0

        async def courier() -> None:
            for one, training in waiting:
                await platform.deliver(
                    telegram.query(int(f"9{one}"), f"training.register:{training}")
                )
            while not failing.done():  # goes on asking, so that every outage meets busy replicas
                one = registrations.couriers[0]
                await platform.deliver(telegram.message(int(f"9{one}"), {"text": "帮助"}))

        async def fail() -> None:
            nonlocal stood
            for number in range(OUTAGES):
                share = (number + 1) * len(deeds) // (OUTAGES + 2)
                await until(lambda share=share: platform.acknowledged >= share)  # type: ignore[misc]
                async with outage_of(platform)():
                    before = platform.acknowledged
                    await asyncio.sleep(LASTS)
                    stood += platform.acknowledged - before <= AT_ONCE
                    ended = monotonic()
                acknowledged = platform.acknowledged
                await until(lambda at=acknowledged: platform.acknowledged > at)  # type: ignore[misc]
                recoveries.append(monotonic() - ended)

        async with asyncio.TaskGroup() as group:
            failing = group.create_task(fail())
            for _ in range(AT_ONCE):
                group.create_task(courier())
        outcome = await registrations.outcome(store, telegram)
    is_sqlite = store.is_sqlite
    await store.close()
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what one wants to see
            f"\n{'SQLite' if is_sqlite else 'PostgreSQL'}, {OUTAGES} times {name}: {outcome};"
            f" {platform.repeats} updates repeated; well again after at most"
            f" {max(recoveries):.1f} s"
        )
    assert stood == (OUTAGES if stops_answers else stood)
    outcome.check()


async def test_postgresql_goes_away_and_comes_back(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Connections break in the middle of anything, a commit included; new ones are refused."""
    direct = make_url(postgres_url)
    assert direct.host is not None
    assert direct.port is not None
    async with TcpProxy(direct.host, direct.port) as proxy:
        through = direct.set(host="127.0.0.1", port=proxy.port)
        url = through.render_as_string(hide_password=False)
        name = "no database"
        await run_through(postgres_url, url, name, lambda _: proxy.cut, capsys)


async def test_another_process_holds_the_file_of_sqlite(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def locked() -> AsyncIterator[None]:
        other = sqlite3.connect(make_url(sqlite_url).database or "", timeout=30)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
        other.close()

    await run_through(sqlite_url, sqlite_url, "a locked file", lambda _: locked, capsys)


async def test_the_disk_of_sqlite_is_full(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kernel lets no file of the replicas grow."""

    def full(platform: Platform) -> Outage:
        @asynccontextmanager
        async def limited() -> AsyncIterator[None]:
            pids = [one.serving for one in platform.replicas]
            kept = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids]
            for pid, (_, hard) in zip(pids, kept, strict=True):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (LARGEST_FILE, hard))
            yield
            for pid, limits in zip(pids, kept, strict=True):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

        return limited

    await run_through(sqlite_url, sqlite_url, "a full disk", full, capsys)


async def test_the_disk_of_postgresql_is_full(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every registration raises what the server raises when it cannot extend a file."""
    store = await open_store(postgres_url)
    await _execute(
        store,
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
    )

    @asynccontextmanager
    async def full() -> AsyncIterator[None]:
        await _execute(
            store,
            "CREATE TRIGGER no_room BEFORE INSERT ON registration"
            " FOR EACH STATEMENT EXECUTE FUNCTION no_room()",
        )
        yield
        await _execute(store, "DROP TRIGGER no_room ON registration")

    await run_through(postgres_url, postgres_url, "a full disk", lambda _: full, capsys)
    await _execute(store, "DROP FUNCTION no_room")
    await store.close()


async def _execute(store: Store, statement: str) -> None:
    async with store.writing() as db:
        await db.execute(text(statement))


async def test_a_clock_a_day_ahead(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One replica's clock is wrong, then the other's, then both."""
    store = await open_store(database_url)
    training, offered = await _offered_seat(store)
    turns = iter(((0,), (1,), (0, 1)))

    def ahead(platform: Platform) -> Outage:
        @asynccontextmanager
        async def moved() -> AsyncIterator[None]:
            wrong = [platform.replicas[number] for number in next(turns)]
            for one in wrong:
                os.kill(one.serving, signal.SIGUSR1)
            yield
            states = [await readiness(platform, one.base) for one in wrong]
            for one in wrong:
                os.kill(one.serving, signal.SIGUSR2)
            assert states == [503] * len(wrong)
            await until_ready(platform)

        return moved

    name = "a clock a day ahead"
    await run_through(database_url, database_url, name, ahead, capsys, stops_answers=False)
    async with store.reading() as db:
        status = select(TrainingRow.status).where(TrainingRow.id == training)
        assert await db.scalar(status) == TrainingStatus.PLANNED
        held = select(RegistrationRow.status).where(RegistrationRow.id == offered)
        assert await db.scalar(held) == RegistrationStatus.OFFERED
        notice = select(OutboxRow.status).where(OutboxRow.dedupe_key == "offer")
        assert await db.scalar(notice) == "ready"
    await store.close()


async def _offered_seat(store: Store) -> tuple[int, int]:
    """A training of today, and a seat offered for some hours, with a notice that is due later."""
    now = system_clock()

    def hours(number: int) -> datetime:
        return now + timedelta(hours=number)

    async with store.writing() as db:
        training = await create_training(db, hours(12), now=now, capacity=1, title="今天", taken=1)
        (who,) = await create_couriers(db, 1, now)
        seat = RegistrationRow(
            training_id=training, courier_id=who, status=RegistrationStatus.OFFERED,
            hold_until=hours(4), created_at=now, updated_at=now,
        )  # fmt: skip
        db.add(seat)
        await db.flush()
        notice = OutboxRow(
            dedupe_key="offer", courier_id=who, kind="training.offer", channel="telegram",
            params={"registration": seat.id}, topic="training", due_at=hours(3),
            not_after=hours(4), created_at=now,
        )  # fmt: skip
        db.add(notice)
        offered = seat.id
    return training, offered
