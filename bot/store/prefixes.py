"""Texts that begin with a text, found by an index on either database."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean

LAST = "\U0010ffff"
"""Sorts behind every other character."""


class _begins(GenericFunction[bool]):  # noqa: N801 - named like the functions of `func`
    """Whether the first text begins with the second one; the third is behind all of those."""

    type = Boolean()
    inherit_cache = True


def begins_with(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """The condition; the index of the column has the operator class `pattern_ops` there."""
    return _begins(column, text, text + LAST)


PATTERN_OPS = "varchar_pattern_ops"
"""The operator class of PostgreSQL by which an index finds texts by their beginning."""


@compiles(_begins, "sqlite")
def _sqlite(element: _begins, compiler: SQLCompiler, **options: Any) -> str:
    column, first, last = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} >= {first} AND {column} < {last})"


@compiles(_begins, "postgresql")
def _postgresql(element: _begins, compiler: SQLCompiler, **options: Any) -> str:
    column, first, last = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} ~>=~ {first} AND {column} ~<~ {last})"
