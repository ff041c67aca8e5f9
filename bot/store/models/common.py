"""What all tables share, and the version numbers of data sets.

In each module here the first line of a class says what one row is.
"""

from typing import Final

from sqlalchemy import Connection, Index, MetaData, String, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SEALED = {"sealed": True}
"""Marks a column whose values `Keyring.seal` made; a key rotation re-encrypts them."""


ON_POSTGRESQL: Final = "on_postgresql"
"""Where `info` of an index holds its options on PostgreSQL. As arguments of the index they would
load all that SQLAlchemy has for PostgreSQL, on SQLite too."""


class Table(DeclarativeBase):
    """The declarative base: named constraints, which a migration finds on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows for which `where` is true, on either database."""
    condition = text(where)
    return Index(
        name,
        *columns,
        unique=unique,
        sqlite_where=condition,
        info={ON_POSTGRESQL: {"where": condition}},
    )


@event.listens_for(Index, "before_create")
def _take_options(index: Index, connection: Connection, **_: object) -> None:
    if connection.dialect.name == "postgresql":
        index.dialect_options["postgresql"].update(index.info.get(ON_POSTGRESQL, {}))


class DatasetRow(Table):
    """The version of one data set (stations, cards …), raised by every change of it."""

    __tablename__ = "dataset"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int]
