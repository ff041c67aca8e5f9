"""Whether the keys at hand are those that this database was sealed with.

Without it a lost key, or a new one under an old number, would only show when a value is opened.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.encryption import CannotOpenError, Keyring
from bot.store.engine import Store
from bot.store.models.administration.keys import KeyCheckRow
from bot.store.models.registry import every
from bot.store.upsert import upsert

PLACE: Final = "key_check.sealed"


class ForeignKeysError(Exception):
    """Values are sealed with another key of this number; `is_there`: one of that number is set."""

    def __init__(self, number: int, *, is_there: bool) -> None:
        super().__init__(number)
        self.number = number
        self.is_there = is_there


async def check_keys(store: Store, keys: Keyring) -> None:
    """Compares the keys with the stored marks; marks a new key. Raises `ForeignKeysError`."""
    async with store.reading() as db:
        found = select(KeyCheckRow.number, KeyCheckRow.sealed)
        marks = dict((await db.execute(found)).all())
        foreign = {number for number, sealed in marks.items() if not _opens(keys, sealed, PLACE)}
        for number in sorted(foreign):
            if await _in_use(db, number):
                raise ForeignKeysError(number, is_there=number in keys.keys)
        if not marks:  # a database of before there were marks
            await _try_values(db, keys)
    if not foreign and keys.current in marks:
        return
    async with store.writing() as db:
        await db.execute(delete(KeyCheckRow).where(KeyCheckRow.number.in_(foreign)))
        mark = {"number": keys.current, "sealed": keys.seal("yizhan", PLACE)}
        await db.execute(upsert(db, KeyCheckRow).values(mark).on_conflict_do_nothing())
        kept = select(KeyCheckRow.sealed).where(KeyCheckRow.number == keys.current)
        sealed = await db.scalar(kept)  # another process may have been first, with another key
    if sealed is None or not _opens(keys, sealed, PLACE):
        raise ForeignKeysError(keys.current, is_there=True)


def marked_columns(mark: str) -> dict[Any, list[Column[Any]]]:
    """Each table with its columns of that mark, `sealed` or `indexed`."""
    found = {}
    for table in every():
        columns = [column for column in table.columns if mark in column.info]
        if columns:
            found[table] = columns
    return found


def _columns(mark: str) -> Sequence[Column[Any]]:
    return [column for columns in marked_columns(mark).values() for column in columns]


async def _in_use(db: AsyncSession, number: int) -> bool:
    """Whether any value names this key: a key that seals nothing any more is not needed."""
    for mark, place in (("sealed", 2), ("indexed", 1)):
        for column in _columns(mark):
            named = func.substr(column, place, 1, type_=LargeBinary) == bytes((number,))
            if await db.scalar(select(select(column).where(named).exists())):
                return True
    return False


async def _try_values(db: AsyncSession, keys: Keyring) -> None:
    for column in _columns("sealed"):
        value = await db.scalar(select(column).where(column.is_not(None)).limit(1))
        if value is not None and not _opens(keys, value, f"{column.table.name}.{column.name}"):
            raise ForeignKeysError(value[1], is_there=value[1] in keys.keys)


def _opens(keys: Keyring, sealed: bytes, place: str) -> bool:
    try:
        keys.open(sealed, place)
    except CannotOpenError:
        return False
    return True
