"""Transactions of one process write in the order in which they came."""

import asyncio

import pytest

from bot.store.errors import TransactionError
from bot.store.write_lock import WriteLock

LONG = 30.0


async def take(write_lock: WriteLock, name: str, order: list[str]) -> None:
    await write_lock.acquire(LONG, write_lock.release)
    order.append(name)
    write_lock.release()


async def test_first_come_first_served() -> None:
    write_lock, order = WriteLock(), list[str]()
    await write_lock.acquire(LONG, write_lock.release)
    waiting = [asyncio.create_task(take(write_lock, name, order)) for name in "abc"]
    await asyncio.sleep(0)
    write_lock.release()
    await asyncio.gather(*waiting)
    assert order == ["a", "b", "c"]


@pytest.mark.parametrize("already_its_own", [False, True])
async def test_one_that_is_cancelled_holds_up_nobody(*, already_its_own: bool) -> None:
    write_lock, order = WriteLock(), list[str]()
    await write_lock.acquire(LONG, write_lock.release)
    first, second = (asyncio.create_task(take(write_lock, name, order)) for name in "ab")
    await asyncio.sleep(0)
    if already_its_own:
        write_lock.release()
        first.cancel()
    else:
        first.cancel()
        await asyncio.sleep(0)
        write_lock.release()
    await second
    assert order == ["b"]
    await write_lock.acquire(LONG, write_lock.release)  # it is free again


async def test_who_waits_too_long_is_told() -> None:
    write_lock = WriteLock()
    await write_lock.acquire(LONG, write_lock.release)
    with pytest.raises(TransactionError):
        await write_lock.acquire(0, write_lock.release)
    write_lock.release()
    await write_lock.acquire(LONG, write_lock.release)


async def test_each_who_waits_has_a_limit_of_their_own() -> None:
    write_lock, order = WriteLock(), list[str]()
    await write_lock.acquire(LONG, write_lock.release)
    patient = asyncio.create_task(take(write_lock, "patient", order))
    await asyncio.sleep(0)
    with pytest.raises(TransactionError):
        await write_lock.acquire(0.001, write_lock.release)
    with pytest.raises(TransactionError):
        await write_lock.acquire(0.002, write_lock.release)
    assert not patient.done()
    write_lock.release()
    await patient
    assert order == ["patient"]
