"""The demo's week: there once, marked, harmless, and gone without a trace."""

import pytest
from sqlalchemy import func, select

from bot.geo.places import Places
from bot.services.demo.cards import seed_demo_cards
from bot.services.demo.stations import seed_demo
from bot.services.demo.week import MARK, remove_week, tell_week
from bot.services.notifications.statuses import OutboxStatus
from bot.services.operators.roles import Operator, Role
from bot.services.overview.dashboard import stored
from bot.services.overview.dashboard.figures import Figure
from bot.services.stations import visits
from bot.store.engine import Store
from bot.store.models.cards import CardApplicationRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.observations import ObservationRow
from bot.store.models.operators import OperatorNoteRow
from bot.store.models.stations import DemandRow
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS

TOLD = (
    CourierRow, ChatRow, DemandRow, ObservationRow, OutboxRow, OperatorNoteRow, TrainingRow,
    CardApplicationRow,
)  # fmt: skip


async def counts(store: Store) -> list[int]:
    async with store.reading() as db:
        return [await db.scalar(select(func.count()).select_from(row)) or 0 for row in TOLD]


@pytest.fixture
async def demo(store: Store, clock: ManualClock) -> Store:
    async with store.writing() as db:
        await seed_demo(db, clock())
        await seed_demo_cards(db, KEYS, clock())
    return store


async def test_it_fills_every_figure_is_told_once_a_day_and_removed(
    demo: Store, clock: ManualClock
) -> None:
    before, places = await counts(demo), Places.load()
    assert await tell_week(demo, KEYS, places, clock())
    told = await counts(demo)
    assert all(after > was for after, was in zip(told, before, strict=True))
    await stored.refresh(demo, places, clock(), always=True)
    async with demo.reading() as db:
        found = await stored.figures(db, Operator(1, "a", Role.READER), 7, "")
    assert found is not None
    for figure in Figure:
        assert any(any(row.counts) for row in found.tables[figure]), figure
    assert len(found.cells) > 20
    assert not await tell_week(demo, KEYS, places, clock())
    clock.forward(days=2)
    assert await tell_week(demo, KEYS, places, clock())
    assert (await counts(demo))[:2] == told[:2]
    async with demo.writing() as db:
        await remove_week(db, KEYS)
    assert await counts(demo) == before


async def test_nothing_is_sent_or_asked_because_of_it(demo: Store, clock: ManualClock) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    over = (OutboxStatus.SENT, OutboxStatus.SHOWN, OutboxStatus.DEAD, OutboxStatus.EXPIRED)
    async with demo.writing() as db:
        open_rows = select(func.count()).select_from(OutboxRow).where(OutboxRow.status.not_in(over))
        assert await db.scalar(open_rows) == 0
        reachable = select(func.count()).select_from(ChatRow).where(ChatRow.reachable)
        assert await db.scalar(reachable) == 0
        assert await visits.due(db, clock(), 10) == []
        assert all(one.startswith(MARK) for one in await db.scalars(select(ChatRow.external_id)))


async def test_among_stations_of_ones_own_nothing_is_told(store: Store, clock: ManualClock) -> None:
    assert not await tell_week(store, KEYS, Places.load(), clock())
    assert (await counts(store))[0] == 0
