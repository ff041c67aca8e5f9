"""Couriers, their chats, and what is to be said to them later.

Here as on the other pages of tables, each class's first line says what one row is.
"""

from sqlalchemy import (
    MetaData,
    String,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SEALED = {"sealed": True}
"""Marks a column whose values `Keyring.seal` made, sealed anew when its key is replaced."""


class Table(DeclarativeBase):
    """Named constraints, so that a migration can find them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DatasetRow(Table):
    """How often the stations, or the applications, changed: raised each time, so that it shows."""

    __tablename__ = "dataset"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int]
