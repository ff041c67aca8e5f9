"""Transactions of one process write in the order in which they came."""

import asyncio

import pytest

from bot.store.errors import TransactionError
from bot.store.gate import Gate

LONG = 30.0


async def take(gate: Gate, name: str, order: list[str]) -> None:
    await gate.acquire(LONG, gate.release)
    order.append(name)
    gate.release()


async def test_first_come_first_served() -> None:
    gate, order = Gate(), list[str]()
    await gate.acquire(LONG, gate.release)
    waiting = [asyncio.create_task(take(gate, name, order)) for name in "abc"]
    await asyncio.sleep(0)
    gate.release()
    await asyncio.gather(*waiting)
    assert order == ["a", "b", "c"]


@pytest.mark.parametrize("already_its_own", [False, True])
async def test_one_that_is_cancelled_holds_up_nobody(*, already_its_own: bool) -> None:
    gate, order = Gate(), list[str]()
    await gate.acquire(LONG, gate.release)
    first, second = (asyncio.create_task(take(gate, name, order)) for name in "ab")
    await asyncio.sleep(0)
    if already_its_own:
        gate.release()
        first.cancel()
    else:
        first.cancel()
        await asyncio.sleep(0)
        gate.release()
    await second
    assert order == ["b"]
    await gate.acquire(LONG, gate.release)  # it is free again


async def test_who_waits_too_long_is_told() -> None:
    gate = Gate()
    await gate.acquire(LONG, gate.release)
    with pytest.raises(TransactionError):
        await gate.acquire(0, gate.release)
    gate.release()
    await gate.acquire(LONG, gate.release)
