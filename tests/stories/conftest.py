"""A deployment of two replicas on each database, and a courier on each channel."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.cards import RECORD, open_counters, report
from tests.support.courier import Deployment, Line, lines
from tests.support.stations import create_stations
from tests.support.training_stories import TrainingScenario

CHANNELS = ("telegram", "web", "terminal", "wechat")


@pytest.fixture
async def deployment(database_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    """Six stations, two replicas, listening."""
    store = await open_store(database_url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment({"YIZHAN_DATABASE_URL": database_url}, clock) as opened:
        yield opened


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    """Each channel that stories run on."""
    return str(request.param)


@pytest.fixture
def courier(deployment: Deployment, channel: str) -> Line:
    """One courier on that channel."""
    return lines(deployment, channel)[0]


@pytest.fixture
def terminal(deployment: Deployment) -> Line:
    """A courier where the channel does not matter."""
    return lines(deployment, "terminal")[0]


@pytest.fixture
def at_home(deployment: Deployment, database_url: str) -> Line:
    """A courier whose words stay in the country: each test meets buttons and typed numbers, on one
    database each."""
    return lines(deployment, "wechat" if database_url.startswith("sqlite") else "web")[0]


@pytest.fixture
def pushed_to(deployment: Deployment, database_url: str) -> Line:
    """A courier who can be written to first: one channel on each database."""
    return lines(deployment, "wechat" if database_url.startswith("sqlite") else "telegram")[0]


@pytest.fixture
async def scenario(deployment: Deployment, clock: ManualClock) -> TrainingScenario:
    """Five trainings; one seat on Saturday."""
    trainings = TrainingScenario(deployment, clock)
    await trainings.open(seats=1)
    return trainings


@pytest.fixture
async def bank(deployment: Deployment, clock: ManualClock) -> None:
    """Two outlets, and one application that waits at the first."""
    await open_counters(deployment, 1, 5)
    await report(deployment.replicas[0].store, clock(), RECORD)
