"""A database knows its keys: a lost or exchanged one is noticed before anything is answered."""

import pytest
from sqlalchemy import delete, select, update

from bot.config.database import check_keys
from bot.config.settings import SettingsError
from bot.services.privacy.key_rotation import rotate
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.keys import KeyCheckRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock

FIRST = Keyring(1, {1: bytes(32)})
OTHER = Keyring(1, {1: bytes(range(32))})
BOTH = Keyring(2, {2: bytes(range(32)), 1: bytes(32)})
SECOND = Keyring(2, {2: bytes(range(32))})


async def seal_something(store: Store, keys: Keyring, clock: ManualClock) -> None:
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        state = keys.seal("[]", "chat.state")
        db.add(
            ChatRow(id=1, channel="web", external_id="x", courier_id=1, state=state,
                    state_at=clock())
        )  # fmt: skip


async def marks(store: Store) -> set[int]:
    async with store.reading() as db:
        return set(await db.scalars(select(KeyCheckRow.number)))


async def test_another_key_of_the_same_number_is_refused(store: Store, clock: ManualClock) -> None:
    await check_keys(store, FIRST)
    await check_keys(store, FIRST)
    await seal_something(store, FIRST, clock)
    with pytest.raises(SettingsError, match="key 1 is not the one"):
        await check_keys(store, OTHER)
    with pytest.raises(SettingsError, match="key 1 is missing"):
        await check_keys(store, SECOND)
    await check_keys(store, FIRST)


async def test_a_database_of_before_the_marks_tells_by_its_values(
    store: Store, clock: ManualClock
) -> None:
    await seal_something(store, FIRST, clock)
    for keys in (OTHER, SECOND):
        with pytest.raises(SettingsError, match="key 1"):
            await check_keys(store, keys)
    assert await marks(store) == set()
    await check_keys(store, FIRST)
    assert await marks(store) == {1}


async def test_a_key_goes_once_nothing_is_sealed_with_it(store: Store, clock: ManualClock) -> None:
    await check_keys(store, FIRST)
    await seal_something(store, FIRST, clock)
    await check_keys(store, BOTH)
    with pytest.raises(SettingsError, match="key 1 is missing"):
        await check_keys(store, SECOND)
    await rotate(store, BOTH, lambda _table, _rows: None)
    await check_keys(store, SECOND)
    assert await marks(store) == {2}


async def test_a_key_that_sealed_nothing_may_be_exchanged(store: Store, clock: ManualClock) -> None:
    await check_keys(store, FIRST)
    await check_keys(store, OTHER)
    await seal_something(store, OTHER, clock)
    with pytest.raises(SettingsError, match="key 1"):
        await check_keys(store, FIRST)
    async with store.writing() as db:
        await db.execute(update(ChatRow).values(state=None))
        await db.execute(delete(KeyCheckRow))
    await check_keys(store, FIRST)
