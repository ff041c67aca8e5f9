"""Reads files into drafts: the fields as they were written, and in which line each stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from bot.services.content.importing.columns import COLUMNS, FIELDS_BY_KEY, LANGUAGES, PROSE
from bot.services.content.importing.faults import ContentFault
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.cells import whole_key
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem, Table

MAX_TEXT: Final = 1_000_000
"""Bytes of a Markdown file."""
MAX_WORKBOOK: Final = 5_000_000
MARKDOWN: Final = frozenset({".md", ".markdown"})
WORKBOOKS: Final = frozenset({".csv", ".xlsx", ".xls"})
_FENCE: Final = "---"
_PAIR: Final = re.compile(r"([^:：]{1,40}?)\s*[:：]\s*(.*?)\s*")
_LANGUAGE: Final = re.compile(r"#\s+(\S.*?)\s*#*\s*")


@dataclass(slots=True)
class Draft:
    """One piece of content as written. `lines`: by field the line of the file, of a text that
    before its first, so that line 1 of the text is one more; of a workbook's row always the row."""

    file: str
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    row: int = 0
    """Of a workbook; 0 in a Markdown file."""

    @property
    def folder(self) -> PurePosixPath:
        """Where the names of its pictures begin."""
        return PurePosixPath(self.file).parent

    def line(self, name: str, in_text: int = 0) -> int:
        """The line, or row, of a field, or of a line in it."""
        return self.row or self.lines.get(name, 1) + in_text

    def problem(
        self, name: str, code: str, value: str = "", *, in_text: int = 0,
        params: Mapping[str, str] | None = None,
    ) -> Problem:  # fmt: skip
        """A fault of one of its fields; `in_text`: in that line of a text."""
        column = COLUMNS[name][0] if name in COLUMNS else name
        return Problem(self.file, self.line(name, in_text), column, value, code, params or {})


def read_markdown(file: str, data: bytes) -> tuple[Draft, list[Problem]]:
    """The draft in a Markdown file, and what is wrong with it."""
    draft, problems = Draft(file), list[Problem]()

    def wrong(line: int, column: str, value: str, code: ContentFault, **params: str) -> None:
        problems.append(Problem(file, line, column, value, code, params))

    if len(data) > MAX_TEXT:
        wrong(0, "", "", ContentFault.TOO_LARGE, most=str(MAX_TEXT // 1_000_000))
        return draft, problems
    try:
        text = data.decode("utf-8-sig")
    except ValueError:
        wrong(0, "", "", ContentFault.NOT_TEXT)
        return draft, problems
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].strip() != _FENCE:
        wrong(1, "", "", ContentFault.NO_FRONT_MATTER)
        return draft, problems
    end = next((at for at in range(1, len(lines)) if lines[at].strip() == _FENCE), None)
    if end is None:
        wrong(1, "", "", ContentFault.NOT_CLOSED)
        return draft, problems
    for number, line in enumerate(lines[1:end], 2):
        if not line.strip():
            continue
        pair = _PAIR.fullmatch(line.strip())
        if pair is None:
            wrong(number, "", line.strip(), ContentFault.NO_VALUE)
            continue
        name = FIELDS_BY_KEY.get(whole_key(pair[1]))
        if name is None:
            known = "、".join(names[0] for names in COLUMNS.values())
            wrong(number, pair[1], pair[2], ContentFault.UNKNOWN_KEY, known=known)
        elif name in draft.values:
            wrong(number, pair[1], pair[2], ContentFault.KEY_TWICE)
        else:
            draft.values[name], draft.lines[name] = pair[2], number
    problems += _texts(draft, lines, end + 1)
    return draft, problems


def _texts(draft: Draft, lines: list[str], begin: int) -> list[Problem]:
    """The texts of each language; without any heading of a language, one Chinese text."""
    problems: list[Problem] = []
    headings = [
        (at, found[1])
        for at in range(begin, len(lines))
        if (found := _LANGUAGE.fullmatch(lines[at]))
    ]
    first = headings[0][0] if headings else len(lines)
    before = "\n".join(lines[begin:first])
    if before.strip() and headings:
        problems.append(
            Problem(draft.file, begin + 1, "", before.strip(), ContentFault.BEFORE_LANGUAGE)
        )
    elif before.strip():
        _keep(draft, "text", lines[begin:], begin, problems)
    ends = [*(at for at, _ in headings[1:]), len(lines)]
    for (at, heading), end in zip(headings, ends, strict=False):
        name = LANGUAGES.get(heading.casefold())
        if name is None:
            problems.append(Problem(draft.file, at + 1, "", heading, ContentFault.LANGUAGE))
        else:
            _keep(draft, name, lines[at + 1 : end], at + 1, problems)
    return problems


def _keep(draft: Draft, name: str, lines: list[str], before: int, problems: list[Problem]) -> None:
    if name in draft.values:
        heading = COLUMNS[name][0]
        problems.append(Problem(draft.file, before, heading, "", ContentFault.LANGUAGE_TWICE))
        return
    while lines and not lines[0].strip():
        lines, before = lines[1:], before + 1
    draft.values[name] = "\n".join(line.rstrip() for line in lines).rstrip()
    draft.lines[name] = before


def read_workbook(file: str, data: bytes) -> tuple[list[Draft], Table]:
    """The drafts in a workbook or csv file, one a row, and the table. Raises `FileRefused`.

    A `|` in a cell begins a new line: the reader of tables joins the lines of a cell.
    """
    table = reader.read(data, COLUMNS, csv_name=file, prose=PROSE, max_bytes=MAX_WORKBOOK)
    drafts = []
    for sheet in table.sheets:
        for row, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            for name in ("text", "text_en"):
                pieces = values.get(name, "").split("|")
                values[name] = "\n".join(piece.strip() for piece in pieces)
            drafts.append(Draft(file, values, row=row))
    return drafts, table


def missing_columns(file: str, table: Table) -> list[Problem]:
    """The columns that every sheet needs."""
    needed = ("kind", "code", "title", "text", "source")
    return [
        Problem(f"{file} {sheet.name}", 0, COLUMNS[name][0], "", TableFault.MISSING_COLUMN)
        for sheet in table.sheets
        for name in needed
        if name not in sheet.fields
    ]
