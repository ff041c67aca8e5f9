"""All tables, and which of their columns refer to a courier."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table

from bot.store.models import (
    accounts,
    api,
    appointments,
    attempts,
    broadcasts,
    card_lists,
    cards,
    common,
    content,
    conversation,
    conversations,
    couriers,
    dashboards,
    honours,
    keepers,
    keys,
    linking,
    list_imports,
    lists,
    notifications,
    observations,
    operators,
    profiles,
    stations,
    trainings,
)

# A table is known as soon as its module is imported.
MODULES = (
    accounts,
    api,
    appointments,
    attempts,
    broadcasts,
    card_lists,
    cards,
    common,
    content,
    conversation,
    conversations,
    couriers,
    honours,
    dashboards,
    keepers,
    keys,
    linking,
    list_imports,
    lists,
    notifications,
    observations,
    operators,
    profiles,
    stations,
    trainings,
)
METADATA: MetaData = common.Table.metadata


def every() -> list[Table]:
    """The tables, each after those that it refers to."""
    return METADATA.sorted_tables


def owned() -> Iterator[Column[Any]]:
    """Each column that refers to a courier, of whichever table."""
    person = METADATA.tables[couriers.CourierRow.__tablename__].c.id
    for table in every():
        for column in table.columns:
            if any(key.column is person for key in column.foreign_keys):
                yield column
