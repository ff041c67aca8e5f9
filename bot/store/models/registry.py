"""All tables, and which of their columns refer to a courier.

A table is known as soon as its module is imported, and SQLAlchemy takes milliseconds for each: so
all are imported only by whoever asks for all.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table

from bot.store.models.common import Table as Declared
from bot.store.models.couriers import CourierRow


def metadata() -> MetaData:
    """The schema."""
    from bot.store.models import (  # noqa: F401
        api,
        appointments,
        attempts,
        broadcasts,
        cards,
        content,
        conversation,
        conversations,
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
    from bot.store.models.administration import (  # noqa: F401
        accounts,
        card_lists,
        dashboards,
        keys,
        list_imports,
        lists,
        operators,
    )

    return Declared.metadata


def every() -> list[Table]:
    """The tables, each after those that it refers to."""
    return metadata().sorted_tables


def owned() -> Iterator[Column[Any]]:
    """Each column that refers to a courier, of whichever table."""
    person = CourierRow.__table__.c.id
    for table in every():
        for column in table.columns:
            if any(key.column is person for key in column.foreign_keys):
                yield column
