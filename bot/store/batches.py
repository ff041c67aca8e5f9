"""Deletes or changes very many rows, a bounded number in each transaction.

One statement over millions of rows would run into the statement timeout, hold all of them locked
and keep SQLite's only writer busy. Rows are found without a lock and checked again once they are
locked, so that a long query blocks no turn; what another transaction holds waits for the next time.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Integer,
    Update,
    delete,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from bot.store.engine import Store
from bot.store.models.common import Table

SIZE: Final = 1_000
"""Rows in one transaction."""
UNLIMITED: Final = 1 << 62


async def delete_in_batches(
    store: Store,
    row: type[Table],
    expired: ColumnElement[bool],
    by: InstrumentedAttribute[Any],
    *,
    size: int = SIZE,
    batches: int = UNLIMITED,
) -> int:
    """Deletes the rows to which `expired` applies, in the order of `by`; returns how many.

    `by`: an indexed column, best the one that `expired` compares, so that no batch reads again what
    those before it deleted. After `batches` the rest is left for the next time.
    """
    return await _change(store, row, expired, by, delete(row), size, batches)


async def update_in_batches(
    store: Store,
    row: type[Table],
    which: ColumnElement[bool],
    by: InstrumentedAttribute[Any],
    values: Mapping[str, Any],
    *,
    size: int = SIZE,
) -> int:
    """Sets the values in the rows to which `which` applies; as `delete_in_batches`."""
    change = update(row).values(values)
    return await _change(store, row, which, by, change, size, UNLIMITED)


async def _change(
    store: Store,
    row: type[Table],
    which: ColumnElement[bool],
    by: InstrumentedAttribute[Any],
    change: Delete | Update,
    size: int,
    batches: int,
) -> int:
    mapper = row.__mapper__
    key = [mapper.get_property_by_column(one).class_attribute for one in mapper.primary_key]
    if store.is_sqlite:  # which finds a key of several columns in a list by reading the whole table
        key = [literal_column(f"{row.__tablename__}.rowid", Integer)]
    order = [by, *(one for one in key if one is not by)]
    places = [order.index(one) for one in key]
    change = change.execution_options(synchronize_session=False)
    total, rest = 0, which
    for _ in range(batches):
        async with store.reading() as db:
            found = (
                await db.execute(select(*order).where(rest).order_by(*order).limit(size))
            ).all()
        if not found:
            break
        chosen = _is_any(key, [tuple(one[place] for place in places) for one in found])
        async with store.writing() as db:
            still = select(*key).where(chosen, which).with_for_update(skip_locked=True)
            mine = [tuple(one) for one in await db.execute(still)]
            if mine:
                await db.execute(change.where(_is_any(key, mine)))
        total += len(mine)
        last = found[-1]
        rest = which & (by >= last[0]) & (tuple_(*order) > tuple(last))
    return total


def _is_any(key: list[Any], values: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    if len(key) == 1:
        found: ColumnElement[bool] = key[0].in_([one for (one,) in values])
        return found
    return tuple_(*key).in_(values)
