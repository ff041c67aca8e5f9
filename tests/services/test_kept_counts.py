"""What takes seconds to count is kept, and counted by one at a time."""

import asyncio
from datetime import timedelta

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.kept_counts import KeptCounts
from bot.store.engine import Store
from tests.conftest import ManualClock


async def test_a_count_is_kept_until_it_is_due(store: Store, clock: ManualClock) -> None:
    kept = KeptCounts[int](timedelta(minutes=1))

    async def seven(db: AsyncSession) -> int:
        return await db.scalar(select(literal(7))) or 0

    assert kept.look(store, "a", clock()) is None
    await kept.renew(store, "a", clock(), seven)
    found = kept.look(store, "a", clock())
    assert found is not None
    assert (found.value, found.is_due) == (7, False)
    clock.forward(minutes=2)
    later = kept.look(store, "a", clock())
    assert later is not None
    assert (later.value, later.is_due) == (7, True)
    assert kept.look(store, "b", clock()) is None


async def test_two_do_not_count_the_same_at_once(store: Store, clock: ManualClock) -> None:
    kept, begun, goes_on = KeptCounts[int](timedelta(minutes=1)), asyncio.Event(), asyncio.Event()
    counted = []

    async def slowly(_: AsyncSession) -> int:
        counted.append(1)
        begun.set()
        await goes_on.wait()
        return len(counted)

    first = asyncio.create_task(kept.renew(store, "a", clock(), slowly))
    await begun.wait()
    assert await kept.renew(store, "a", clock(), slowly) is None
    goes_on.set()
    assert (await first) is not None
    assert counted == [1]
