"""Deletes or changes very many rows, a bounded number in each transaction.

One statement over millions of rows would run into the statement timeout, hold all of them locked
and keep SQLite's only writer busy. Rows are found without a lock and checked again once they are
locked, so that a long query blocks no turn; what another transaction holds waits for the next time.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Delete,
    Integer,
    Text,
    Update,
    bindparam,
    delete,
    literal_column,
    select,
    text,
    tuple_,
    type_coerce,
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
    order = [by, *(one for one in key if one is not by)]
    place = _place(store, row)
    change = change.execution_options(synchronize_session=False)
    total, rest = 0, which
    for _ in range(batches):
        some = select(place, *order).where(rest).order_by(*order).limit(size)
        async with store.reading() as db:
            found = (await db.execute(some)).all()
        if not found:
            break
        chosen = _at(store, row, [one[0] for one in found])
        async with store.writing() as db:
            still = select(place).where(chosen, which).with_for_update(skip_locked=True)
            mine = list(await db.scalars(still))
            if mine:
                await db.execute(change.where(_at(store, row, mine)))
        total += len(mine)
        last = tuple(found[-1][1:])
        rest = which & (by >= last[0]) & (tuple_(*order) > last)
    return total


def _place(store: Store, row: type[Table]) -> ColumnElement[Any]:
    """Where the database keeps a row.

    A list of keys of several columns is no help to either database: SQLite reads the whole table,
    PostgreSQL all rows of one channel while it does not know yet how many there are. A row that was
    updated since is somewhere else, and waits for the next time.
    """
    if store.is_sqlite:
        return literal_column(f"{row.__tablename__}.rowid", Integer)
    return literal_column(f"CAST({row.__tablename__}.ctid AS text)", Text)


def _at(store: Store, row: type[Table], places: list[Any]) -> ColumnElement[bool]:
    """The rows at these places, each of which is looked at directly."""
    if store.is_sqlite:
        return _place(store, row).in_(places)
    tids = f"{row.__tablename__}.ctid = ANY(CAST(CAST(:places AS text[]) AS tid[]))"
    among = text(tids).bindparams(bindparam("places", places, ARRAY(Text)))
    return type_coerce(among, Boolean)
