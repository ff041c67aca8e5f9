"""Comparing and importing a bank's list: the long work, in a process of its own.

A list of 180,000 rows takes many seconds and much memory, which other requests must not wait for.
"""

import asyncio
from datetime import datetime

from bot.services.card_administration import uploads
from bot.services.operators.roles import Operator
from bot.services.spreadsheets.tables import Answers
from bot.services.storage import Keys, opened


def add(
    address: str,
    keys: Keys,
    operator: Operator,
    name: str,
    data: bytes,
    as_of: datetime,
    now: datetime,
) -> int:
    """See `uploads.add`. `address`: of the database, see `storage.address_of`."""

    async def work() -> int:
        async with opened(address) as store:
            return await uploads.add(store, keys, operator, name, data, as_of, now)

    return asyncio.run(work())


def answer(
    address: str,
    keys: Keys,
    operator: Operator,
    number: int,
    answers: Answers,
    backwards: bool,
    now: datetime,
) -> None:
    """See `uploads.answer`."""

    async def work() -> None:
        async with opened(address) as store:
            await uploads.answer(store, keys, operator, number, answers, now, backwards=backwards)

    asyncio.run(work())


def import_list(address: str, keys: Keys, operator: Operator, number: int, now: datetime) -> None:
    """See `uploads.import_list`."""

    async def work() -> None:
        async with opened(address) as store:
            await uploads.import_list(store, keys, operator, number, now)

    asyncio.run(work())
