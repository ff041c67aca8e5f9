"""Constants that a statement holds in its text, where a partial index needs them.

SQLite uses `… WHERE status = 'held'` for `status = ?` only after it has looked at the value, and
then plans the statement anew for each run; PostgreSQL's generic plans cannot use it at all.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import ColumnElement, String, literal_column


def in_sql(value: StrEnum) -> ColumnElement[str]:
    """The value of an enum as SQL text, to compare a column with."""
    quoted = value.value.replace("'", "''")
    return literal_column(f"'{quoted}'", String)


def all_in_sql(values: Iterable[StrEnum]) -> list[ColumnElement[str]]:
    """Some of them, for `IN`."""
    return [in_sql(value) for value in values]
