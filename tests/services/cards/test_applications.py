"""A courier proves an application at the very moment when the bank reports that it moved."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.services.cards.applications import Cards
from bot.services.cards.ingest import take
from bot.services.cards.lockout import Guesser
from bot.services.cards.records import RecordSource
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support import postgres
from tests.support.cards import DIGITS, KEYS, NUMBER, RECORD, report
from tests.support.trainings import create_couriers

CARDS = Cards(KEYS)
NEWS = replace(RECORD, label="已激活", at=RECORD.as_of, as_of=RECORD.as_of + timedelta(hours=1))


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    """SQLite has one writer: there none comes between."""
    opened = await open_store(postgres_url)
    yield opened
    await opened.close()


async def notices(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(OutboxRow)) or 0


async def test_a_new_stage_waits_for_the_verification_and_is_notified(
    store: Store, clock: ManualClock
) -> None:
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
    async with store.writing() as db:
        assert await CARDS.prove(db, Guesser(courier), NUMBER, DIGITS, clock())
        assert (await CARDS.mine(db, courier))[0].status == "at_branch"
        reporting = asyncio.create_task(report(store, clock(), NEWS))
        await postgres.until_somebody_waits(store)
    await reporting
    assert await notices(store) == 1


async def test_a_verification_waits_for_a_new_stage_and_shows_it(
    store: Store, clock: ManualClock
) -> None:
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())

    async def prove() -> str:
        async with store.writing() as db:
            assert await CARDS.prove(db, Guesser(courier), NUMBER, DIGITS, clock())
            return (await CARDS.mine(db, courier))[0].status

    async with store.writing() as db:
        await take(db, KEYS, [NEWS], clock(), RecordSource.API)
        proving = asyncio.create_task(prove())
        await postgres.until_somebody_waits(store)
    assert await proving == "activated"
    assert await notices(store) == 0
