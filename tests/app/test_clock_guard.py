"""A wrong clock: nothing is done for good, and readiness says so."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import insert, select, update

from bot.app.bootstrap import App, build
from bot.app.clock_guard import SAMPLE_INTERVAL, SAMPLE_LASTS, ClockGuard
from bot.app.server import erase_old, forget_turns, maintain_trainings
from bot.config.settings import read_settings
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus
from bot.store.engine import Store, open_store
from bot.store.models.conversation import InboxRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.outbox import FakeChannel, MonotonicClock, couriers, notice, states, worker
from tests.support.trainings import create_training

DAY = timedelta(days=1)


@dataclass
class Machine:
    """A store, a wall clock and a monotonic clock that can disagree, and the guard over them."""

    store: Store
    clock: ManualClock
    monotonic: MonotonicClock
    guard: ClockGuard

    async def ask_again(self) -> bool:
        """What the guard says once it asks the database anew."""
        self.monotonic.now += SAMPLE_INTERVAL
        self.clock.now += timedelta(seconds=SAMPLE_INTERVAL)
        return await self.guard.is_right()


def machine_of(store: Store, now: datetime) -> Machine:
    clock, monotonic = ManualClock(now), MonotonicClock()
    return Machine(store, clock, monotonic, ClockGuard(store, clock, monotonic))


@pytest.fixture
async def sqlite(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Machine]:
    store = await open_store(sqlite_url)
    yield machine_of(store, clock())
    await store.close()


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Machine]:
    """Its clock is the real one, as the database's is."""
    store = await open_store(postgres_url)
    yield machine_of(store, datetime.now(UTC))
    await store.close()


def date_header(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


@pytest.mark.parametrize("wrong", [DAY, -DAY, timedelta(seconds=75)])
async def test_postgresql_has_the_clock_that_counts(postgres: Machine, wrong: timedelta) -> None:
    assert await postgres.guard.is_right()
    postgres.clock.now += wrong
    assert not await postgres.guard.is_right()
    assert not await postgres.ask_again()
    assert not postgres.guard.seems_right()
    postgres.clock.set(datetime.now(UTC))
    assert await postgres.guard.is_right()


@pytest.mark.parametrize("wrong", [DAY, -DAY, timedelta(seconds=62)])
async def test_on_sqlite_a_platform_has_it(sqlite: Machine, wrong: timedelta) -> None:
    assert await sqlite.guard.is_right()
    sqlite.guard.saw_date(date_header(sqlite.clock()))
    assert await sqlite.guard.is_right()
    sqlite.clock.now += wrong
    assert not await sqlite.guard.is_right()
    sqlite.guard.saw_date(date_header(sqlite.clock()))
    assert await sqlite.guard.is_right()


async def test_a_minute_is_no_fault(sqlite: Machine) -> None:
    sqlite.guard.saw_date(date_header(sqlite.clock()))
    sqlite.clock.now += timedelta(minutes=1)
    assert await sqlite.guard.is_right()


async def test_the_time_since_the_last_answer_counts(sqlite: Machine) -> None:
    sqlite.guard.saw_date(date_header(sqlite.clock()))
    sqlite.monotonic.now += 3000
    sqlite.clock.now += timedelta(seconds=3000)
    assert await sqlite.guard.is_right()


async def test_an_answer_of_long_ago_is_no_evidence(sqlite: Machine) -> None:
    sqlite.guard.saw_date(date_header(sqlite.clock()))
    sqlite.monotonic.now += SAMPLE_LASTS + 1
    sqlite.clock.now += DAY
    assert await sqlite.guard.is_right()


@pytest.mark.parametrize("header", ["", "yesterday", "Mon, 99 Nov 2026 10:00:00 GMT"])
async def test_an_unreadable_date_is_no_evidence(sqlite: Machine, header: str) -> None:
    sqlite.guard.saw_date(header)
    assert await sqlite.guard.is_right()


async def test_a_clock_behind_the_newest_stored_time_is_not_believed(sqlite: Machine) -> None:
    async with sqlite.store.writing() as db:
        later = sqlite.clock() + timedelta(minutes=2)
        await db.execute(insert(InboxRow).values(channel="web", event_id="1", received_at=later))
    assert not await sqlite.guard.is_right()
    fault = sqlite.guard.fault()
    assert fault is not None
    assert not fault.certain
    sqlite.guard.saw_date(date_header(sqlite.clock()))  # but a platform's clock counts more
    assert await sqlite.guard.is_right()


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    """An application whose clock can be set and whose guard knows the time nevertheless."""
    clock = ManualClock(datetime.now(UTC))
    settings = read_settings(
        {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "="}
    )
    app = await build(settings, clock=clock, migrate=False)
    app.clock_guard = app.health.clock_guard = ClockGuard(app.store, clock, MonotonicClock())
    app.clock_guard.saw_date(date_header(clock()))
    yield app
    await app.close()


def clock_of(app: App) -> ManualClock:
    assert isinstance(app.clock, ManualClock)
    return app.clock


async def readiness(app: App) -> tuple[int, str]:
    async with TestServer(app.http()) as server, ClientSession() as http:
        answer = await http.get(server.make_url("/readyz"))
        return answer.status, await answer.text()


async def training_states(app: App) -> list[str]:
    async with app.store.reading() as db:
        return list(await db.scalars(select(TrainingRow.status)))


async def test_a_day_ahead_closes_nothing_and_deletes_nothing(app: App) -> None:
    now = clock_of(app)()
    async with app.store.writing() as db:
        await create_training(db, now + timedelta(hours=2), now=now)
        old = now - timedelta(days=6, hours=12)
        await db.execute(insert(InboxRow).values(channel="web", event_id="1", received_at=old))
    clock_of(app).now += DAY
    for work in (maintain_trainings, forget_turns, erase_old):
        await work(app)
    assert await training_states(app) == ["planned"]
    async with app.store.reading() as db:
        assert await db.scalar(select(InboxRow.event_id)) == "1"
    status, text = await readiness(app)
    assert status == 503
    assert re.search(r"differs by \+(8640[01]|86399) s", text)  # a header has whole seconds
    clock_of(app).now -= DAY
    assert (await readiness(app))[0] == 200


async def test_the_same_day_later_closes_them(app: App) -> None:
    now = clock_of(app)()
    async with app.store.writing() as db:
        await create_training(db, now - timedelta(hours=3), now=now)
    await maintain_trainings(app)
    assert await training_states(app) == ["done"]


async def test_a_hold_does_not_end_in_a_turn_under_a_wrong_clock(
    store: Store, clock: ManualClock
) -> None:
    now, is_right = clock(), False
    await couriers(store, now)
    seating = Seating(timedelta(hours=2), lambda: is_right)
    async with store.writing() as db:
        training = await create_training(db, now + timedelta(days=3), now=now)
        await db.execute(
            insert(RegistrationRow).values(
                training_id=training,
                courier_id=1,
                status=RegistrationStatus.OFFERED,
                hold_until=now + timedelta(hours=1),
                created_at=now,
                updated_at=now,
            )
        )
        await db.execute(update(TrainingRow).values(taken=1))

    async def status_after_a_lock() -> str | None:
        async with store.writing() as db:
            await seating.lock(db, training, now + DAY)
            return await db.scalar(select(RegistrationRow.status))

    assert await status_after_a_lock() == RegistrationStatus.OFFERED
    is_right = True
    assert await status_after_a_lock() == RegistrationStatus.EXPIRED


async def test_nothing_is_sent_or_expired_under_a_wrong_clock(
    store: Store, clock: ManualClock
) -> None:
    is_right = False

    async def clock_is_right() -> bool:
        return is_right

    await couriers(store, clock())
    await notice(store, clock())
    telegram = FakeChannel()
    delivery = worker(store, clock, telegram, clock_is_right=clock_is_right)
    clock.forward(days=1)
    assert await delivery.run_once() == 0
    assert await states(store) == ["ready"]
    clock.forward(days=-1)
    is_right = True
    await delivery.run_once()
    assert await states(store) == ["sent"]
    async with store.reading() as db:
        assert await db.scalar(select(OutboxRow.attempts)) == 1
