"""What all tables share, and the version numbers of data sets.

In each module here the first line of a class says what one row is.
"""

from sqlalchemy import (
    MetaData,
    String,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SEALED = {"sealed": True}
"""Marks a column whose values `Keyring.seal` made; a key rotation re-encrypts them."""


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


class DatasetRow(Table):
    """The version of one data set (stations, cards …), raised by every change of it."""

    __tablename__ = "dataset"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int]
