"""Cells that are wrong as the preview shows them: equal problems of equal cells are one row."""

from collections.abc import Collection, Iterable

from bot.services.list_imports.summaries import JsonRow, as_row
from bot.services.spreadsheets.tables import Problem, Table


class Cells:
    """The cells of a table by sheet, row and heading.

    `name`: the field that a row is called by; `apart`: faults that are answered row by row.
    """

    def __init__(self, table: Table, name: str, apart: Collection[str] = ()) -> None:
        self._apart = apart
        self._places = {
            (sheet.name, sheet.headings[name]): place
            for sheet in table.sheets
            for place, name in enumerate(sheet.fields)
        }
        self._names = {
            sheet.name: sheet.fields.index(name) for sheet in table.sheets if name in sheet.fields
        }
        self._rows = {sheet.name: dict(sheet.rows) for sheet in table.sheets}

    def grouped(self, problems: Iterable[Problem]) -> list[JsonRow]:
        """Each problem with its cell (None: there is none to mend) and the rows that have it.

        Blank cells stay apart: what is missing in one row is hardly the same in another.
        """
        groups: dict[tuple[str, ...], JsonRow] = {}
        for number, problem in enumerate(problems):
            cell = self._cell(problem)
            key: tuple[str, ...] = (
                problem.sheet,
                problem.column,
                problem.code,
                cell or f"{number}",
            )
            if not cell or problem.row == 0 or problem.code in self._apart:
                key = (*key, str(number))
            if key in groups:
                groups[key]["rows"].append(problem.row)
            else:
                said = {"cell": cell, "rows": [problem.row], "name": self._name(problem)}
                groups[key] = {**as_row(problem), **said}
        return list(groups.values())

    def _name(self, problem: Problem) -> str:
        """What the row is called."""
        place = self._names.get(problem.sheet)
        row = self._rows.get(problem.sheet, {}).get(problem.row)
        return "" if place is None or row is None else row[place]

    def _cell(self, problem: Problem) -> str | None:
        place = self._places.get((problem.sheet, problem.column))
        row = self._rows.get(problem.sheet, {}).get(problem.row)
        return None if place is None or row is None else row[place]
