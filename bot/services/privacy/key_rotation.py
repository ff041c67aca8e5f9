"""Key rotation: what is sealed or indexed under an old key is re-encrypted under the current one.

It runs beside the service: small transactions, locked rows are left for the next round, and a round
that is interrupted is simply started again, since each value names its key. The columns are those
that the tables mark (`SEALED`, `INDEXED`).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final

from sqlalchemy import (
    Column,
    LargeBinary,
    RowMapping,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from bot.common.values import value
from bot.services.cards.blind_index import FactKind, fact, fact_digits
from bot.services.couriers.profiles import PHONE_INDEX
from bot.store.encryption import CannotOpenError, Keyring
from bot.store.engine import Store
from bot.store.key_check import marked_columns
from bot.store.models.cards import CardApplicationRow, CardFactRow

BATCH: Final = 200
Progress = Callable[[str, int], None]
"""Called after each batch with the table's name and how many of its rows are done."""


@value
class Rotated:
    """How many values were re-encrypted, and how many are still under other keys, by key."""

    values: int
    left: Mapping[int, int]


def sealed_columns() -> dict[Table, list[Column[Any]]]:
    """Each table with the columns that hold sealed values."""
    return marked_columns("sealed")


def indexed_columns() -> dict[Table, list[Column[Any]]]:
    """Each table with the columns that hold blind indexes."""
    return marked_columns("indexed")


async def rotate(store: Store, keys: Keyring, progress: Progress, *, batch: int = BATCH) -> Rotated:
    """Rounds over all tables until one finds nothing to do; counts what cannot be opened."""
    values = 0
    while True:
        done = 0
        for table in {**sealed_columns(), **indexed_columns()}:
            done += await _table(store, keys, table, progress, batch)
        values += done
        if not done:
            return Rotated(values, await _left(store, keys))


async def _table(store: Store, keys: Keyring, table: Table, progress: Progress, batch: int) -> int:
    """One round over one table, in the order of its key."""
    key = list(table.primary_key.columns)
    sealed, indexed = sealed_columns().get(table, []), indexed_columns().get(table, [])
    old = or_(*(_other(keys, one, 2) for one in sealed), *(_other(keys, one, 1) for one in indexed))
    source: Any = table
    columns: list[Column[Any]] = [*key, *sealed, *indexed]
    if table is _FACT:  # its index is made of values that stand with the application
        source = table.join(_APPLICATION)
        columns += [_APPLICATION.c.number, _APPLICATION.c.phone, _APPLICATION.c.id_last4]
    after: tuple[Any, ...] = ()
    done = seen = 0
    while True:
        begun = monotonic()
        find = select(*columns).select_from(source).where(old)
        if after:
            find = find.where(tuple_(*key) > tuple_(*(_typed(key, after))))
        find = find.order_by(*key).limit(batch).with_for_update(of=table, skip_locked=True)
        async with store.writing() as db:
            found = (await db.execute(find)).mappings().all()
            for column in (*sealed, *indexed):
                rows = _reencrypted(keys, column, key, found)
                done += len(rows)
                if rows:
                    where = and_(*(one == bindparam(f"at_{one.name}") for one in key))
                    await db.execute(
                        update(table).where(where).values(**{column.name: bindparam("new_value")}),
                        rows,
                    )
        if not found:
            return done
        after = tuple(found[-1][one] for one in key)
        seen += len(found)
        progress(table.name, seen)
        await asyncio.sleep(monotonic() - begun)  # half the time is left to the service


def _reencrypted(
    keys: Keyring, column: Column[Any], key: Sequence[Column[Any]], found: Sequence[RowMapping]
) -> list[dict[str, Any]]:
    """What to write into one column; rows that cannot be opened are left out."""
    rows = []
    place = 0 if "indexed" in column.info else 1
    for row in found:
        value = row[column]
        if value is None or value[place] == keys.current:
            continue
        try:
            new_value = _index(keys, column, row) if place == 0 else _seal(keys, column, value)
        except CannotOpenError:
            continue
        rows.append({"new_value": new_value, **{f"at_{one.name}": row[one] for one in key}})
    return rows


def _seal(keys: Keyring, column: Column[Any], value: bytes) -> bytes:
    place = f"{column.table.name}.{column.name}"
    return keys.seal(keys.open(value, place), place)


def _index(keys: Keyring, column: Column[Any], row: RowMapping) -> bytes:
    """An index is of the row's phone or number, or of the number and a second fact of it."""
    table = column.table
    if column.name == "phone_index":
        return keys.index(keys.open(row[table.c.phone], f"{table.name}.phone"), PHONE_INDEX)
    if table is not _FACT:
        place = f"{table.name}.number"
        return keys.index(keys.open(row[table.c.number], place), place)
    values = {
        name: keys.open(row[_APPLICATION.c[name]], f"card_application.{name}")
        for name in ("number", "phone", "id_last4")
        if row[_APPLICATION.c[name]] is not None
    }
    kind = FactKind(row[_FACT.c.kind])
    digits = fact_digits(values.get("phone", ""), values.get("id_last4", "")).get(kind)
    if digits is None:
        raise CannotOpenError
    return keys.index(*fact(kind, values["number"], digits))


async def _left(store: Store, keys: Keyring) -> dict[int, int]:
    counts: dict[int, int] = {}
    async with store.reading() as db:
        for marked, place in ((sealed_columns(), 2), (indexed_columns(), 1)):
            for columns in marked.values():
                for column in columns:
                    named = func.substr(column, place, 1, type_=LargeBinary)
                    other = _other(keys, column, place)
                    left = select(named, func.count()).where(other).group_by(named)
                    for number, count in await db.execute(left):
                        counts[number[0]] = counts.get(number[0], 0) + count
    return counts


def _other(keys: Keyring, column: Column[Any], place: int) -> Any:
    """Whether a value names another key than the current one at this place, counted from 1."""
    return func.substr(column, place, 1, type_=LargeBinary) != bytes((keys.current,))


def _typed(key: Sequence[Column[Any]], values: Sequence[Any]) -> list[Any]:
    return [bindparam(None, value, type_=one.type) for one, value in zip(key, values, strict=True)]


_APPLICATION: Final = CardApplicationRow.metadata.tables[CardApplicationRow.__tablename__]
_FACT: Final = CardFactRow.metadata.tables[CardFactRow.__tablename__]
