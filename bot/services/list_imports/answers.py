"""What an operator answered about a list: columns, coordinates, doubts, and mended cells."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Final, Self

from bot.common.values import value
from bot.geo.datum import Datum
from bot.services.spreadsheets.tables import Answers
from bot.services.stations.importing.terms import Terms

MOST_CELLS: Final = 5_000
"""Mended cells of one import: more are better mended in the workbook."""
LONGEST: Final = 400
"""Characters of a mended cell."""


@value
class MendedCell:
    """A cell as it should read. `row` 0: every cell of the column that reads `was`."""

    sheet: str
    row: int
    heading: str
    was: str
    value: str


@value
class ImportAnswers:
    """All answers. `datum` None: not asked yet; `columns`: heading → field, None: left out.

    `accepted`: numbers of rows whose doubts were confirmed.
    """

    datum: Datum | None = None
    columns: Answers = field(default_factory=lambda: MappingProxyType({}))
    anywhere: bool = False
    allow_moves: bool = False
    allow_removals: bool = False
    keep_facilities: bool = False
    accept_all: bool = False
    accepted: frozenset[int] = frozenset()
    cells: tuple[MendedCell, ...] = ()

    @property
    def terms(self) -> Terms:
        """The options of the import: faulty rows are always left out, never the sound ones."""
        return Terms(
            anywhere=self.anywhere,
            good_rows=True,
            allow_moves=self.allow_moves,
            allow_removals=self.allow_removals,
            keep_facilities=self.keep_facilities,
            accept_all=self.accept_all,
            accepted=self.accepted,
        )

    def as_json(self) -> dict[str, Any]:
        """As the table keeps it."""
        return {
            "datum": self.datum and self.datum.value,
            "columns": dict(self.columns),
            "anywhere": self.anywhere,
            "allow_moves": self.allow_moves,
            "allow_removals": self.allow_removals,
            "keep_facilities": self.keep_facilities,
            "accept_all": self.accept_all,
            "accepted": sorted(self.accepted),
            "cells": [[one.sheet, one.row, one.heading, one.was, one.value] for one in self.cells],
        }

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Self:
        """From what `as_json` wrote; nothing answered for an empty one."""
        if not stored:
            return cls()
        return cls(
            datum=Datum(stored["datum"]) if stored["datum"] else None,
            columns=MappingProxyType(stored["columns"]),
            anywhere=stored["anywhere"],
            allow_moves=stored["allow_moves"],
            allow_removals=stored["allow_removals"],
            keep_facilities=stored.get("keep_facilities", False),  # older rows lack it
            accept_all=stored["accept_all"],
            accepted=frozenset(stored["accepted"]),
            cells=tuple(MendedCell(*one) for one in stored["cells"]),
        )
