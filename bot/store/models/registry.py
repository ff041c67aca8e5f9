"""All tables, and which of their columns refer to a courier."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table

from bot.store.models import (
    api,
    appointments,
    attempts,
    broadcasts,
    cards,
    common,
    content,
    conversation,
    conversations,
    couriers,
    honours,
    keepers,
    linking,
    merging,
    notifications,
    observations,
    profiles,
    stations,
    trainings,
)
from bot.store.models.administration import (
    accounts,
    card_lists,
    dashboards,
    keys,
    list_imports,
    lists,
    operators,
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
    merging,
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
