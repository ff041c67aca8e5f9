"""Tables of a web page that was saved as .xls, as many systems export their lists."""

import contextlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import clean_prose
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.formats.csv_reader import decoded
from bot.services.spreadsheets.formats.grids import MAX_CELLS, Grid, Merged

MAX_BYTES: Final = 20_000_000
MAX_TABLES: Final = 200
_SPAN: Final = 1_000
"""Rows or columns that one cell may span, as in browsers."""
_PAGE: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>)?\s*(?:<!--.{0,500}?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|meta|table|div|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_HIDDEN: Final = LazyPattern(r"display\s*:\s*none", re.IGNORECASE)
_SILENT: Final = frozenset({"script", "style", "title"})


def is_page(data: bytes) -> bool:
    """Whether the file is a web page, whatever its name says."""
    return bool(_PAGE.match(data.removeprefix(b"\xef\xbb\xbf")[:2_000]))


def read_html(data: bytes, name: str) -> Iterator[Grid]:
    """Each table of the page as a sheet. Raises `FileRefused`."""
    if len(data) > MAX_BYTES:
        raise FileRefused(FileFault.TOO_BIG, most=str(MAX_BYTES // 1_000_000))
    page = _Page()
    page.feed(_well_formed(_text(data)))
    page.close()
    page.end_all()
    for number, table in enumerate(page.done, 1):
        yield table.grid(name if number == 1 else f"{name} {number}")


def _text(data: bytes) -> str:
    found = _CHARSET.search(data[:4_000])
    if found and not data.startswith(b"\xef\xbb\xbf"):
        encoding = found[1].decode("ascii").casefold()
        # Pages that say gb2312 use the characters of its successor, too.
        encoding = "gb18030" if encoding in {"gb2312", "gbk", "x-gbk"} else encoding
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            text = data.decode(encoding)
            if isinstance(text, str):
                return text
    return decoded(data, lambda _text: 0)


def _well_formed(text: str) -> str:
    """Without comments and declarations, and without a tag that has no end.

    The parser searches the whole rest of a page for the end of each.
    """
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    parts.append(text[at:])
    return _NO_TAG.sub(" ", "".join(parts))


_NO_TAG: Final = LazyPattern(r"<(?=[^<>]*(?:<|\Z))|<[!?][^<>]*>")


class _TableCells:
    """The cells of one table, each at the place that spans of earlier ones leave to it."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.hidden: set[int] = set()
        self.merged: list[Merged] = []
        self._spanned: dict[int, int] = {}  # column → last row (from 1) that a cell above covers
        self._pieces: list[str] | None = None
        self._cells = 0
        self._span = (1, 1)

    def begin_row(self, *, hidden: bool) -> None:
        self.end_cell()
        self.rows.append([])
        if hidden:
            self.hidden.add(len(self.rows))

    def begin_cell(self, rows: int, columns: int) -> None:
        self.end_cell()
        if not self.rows:
            self.rows.append([])
        self._pieces = []
        self._span = rows, columns

    def add(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end_cell(self) -> None:
        if self._pieces is None:
            return
        row, cells = len(self.rows), self.rows[-1]
        while self._spanned.get(len(cells), 0) >= row:
            cells.append("")
        place = len(cells)
        rows, columns = self._span
        cells.extend([clean_prose("".join(self._pieces)), *[""] * (columns - 1)])
        self._cells += len(cells) - place
        if self._cells > MAX_CELLS or len(cells) > _SPAN * 16:
            raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
        if rows > 1:
            self._spanned |= dict.fromkeys(range(place, place + columns), row + rows - 1)
        if rows > 1 or columns > 1:
            self.merged.append(Merged(row, row + rows - 1, place, place + columns - 1))
        self._pieces = None

    def grid(self, name: str) -> Grid:
        return Grid(
            name=name,
            rows=self.rows,
            merged=tuple(self.merged),
            hidden_rows=frozenset(self.hidden),
            total=len(self.rows),
        )


class _Page(HTMLParser):
    """Collects tables; one within another is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[_TableCells] = []
        self._open: list[_TableCells] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent = tag
        elif tag == "table":
            table = _TableCells()
            self.done.append(table)
            self._open.append(table)
            if len(self.done) > MAX_TABLES:
                raise FileRefused(FileFault.NOT_A_TABLE)
        elif self._open:
            given = dict(attrs)
            match tag:
                case "tr":
                    self._open[-1].begin_row(hidden=bool(_HIDDEN.search(given.get("style") or "")))
                case "td" | "th":
                    spans = _span(given.get("rowspan")), _span(given.get("colspan"))
                    self._open[-1].begin_cell(*spans)
                case "br" | "p" | "div" | "li":
                    self._open[-1].add(" ")
                case _:
                    pass

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        elif tag == "table" and self._open:
            self._open.pop().end_cell()
        elif tag in {"td", "th", "tr"} and self._open:
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent:
            self._open[-1].add(data)

    def end_all(self) -> None:
        """Ends the tables that the page left open."""
        while self._open:
            self._open.pop().end_cell()


def _span(text: str | None) -> int:
    digits = (text or "1").strip()
    return min(max(int(digits), 1), _SPAN) if re.fullmatch("[0-9]{1,6}", digits) else 1
