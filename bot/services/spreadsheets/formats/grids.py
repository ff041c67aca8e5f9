"""A sheet before it is understood: rows of text, and what a file says about its cells."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.common.values import value
from bot.services.spreadsheets.faults import TableFault

MAX_CELLS: Final = 6_000_000
"""Rows times columns of a sheet, and cells of all sheets."""


class Merged(NamedTuple):
    """A range of merged cells; rows count from 1, columns from 0, the last ones included."""

    top: int
    bottom: int
    left: int
    right: int


@value
class Grid:
    """One sheet. `rows`: text of the cells from the first row and column on.

    `broken`: (row from 1, column from 0) of the formulas that have no value or ended in an error.
    `total` is the number of rows, None where only reading them tells.
    """

    name: str
    rows: Iterable[list[str]]
    broken: Mapping[tuple[int, int], TableFault] = field(
        default_factory=lambda: MappingProxyType({})
    )
    merged: tuple[Merged, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    visible: bool = True
    total: int | None = None
