"""What a workbook reader does not say: which formulas have no value, and how far a sheet reaches.

A formula that no spreadsheet has calculated and one that ended in an error both read as an empty
cell, and an empty cell means something. One cell far down a sheet makes a reader reserve all the
rows before it: both are found in the XML itself, before anything else is read.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault

MAX_UNPACKED: Final = 600_000_000
MAX_CELLS: Final = 12_000_000

_CELL: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)([0-9]+)"[^>]*?(?<!/)>')
_EMPTY: Final = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)([0-9]+)"[^>]*>'
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v(?:/>|></(?:\w+:)?v>))?</"
)
_ERROR: Final = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)([0-9]+)"[^>]*>'  # #N/A, #REF!, …
)


def unfinished_cells(data: bytes) -> Mapping[str, Mapping[tuple[int, int], TableFault]]:
    """Sheet name → (row from 1, column from 0) → `formula_empty` or `formula_error`.

    Raises `FileRefused`: too_big when unpacked, too_wide, or not_a_table.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_UNPACKED:
                raise FileRefused(FileFault.TOO_BIG, most=str(MAX_UNPACKED // 1_000_000))
            return {
                name: _scan(archive.read(path)) if path in archive.namelist() else {}
                for name, path in _sheets(archive)
            }
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        ElementTree.ParseError,
        KeyError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,  # encrypted
        ValueError,
    ):
        raise FileRefused(FileFault.NOT_A_TABLE) from None


def _sheets(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    # expat limits how far entities expand and fetches none from outside.
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    targets = {link.attrib["Id"]: link.attrib["Target"] for link in links}
    found = []
    for one in book.iter():
        link = next((value for name, value in one.attrib.items() if name.endswith("}id")), None)
        if one.tag.endswith("}sheet") and link in targets:
            path = posixpath.normpath(posixpath.join("/xl", targets[link])).lstrip("/")
            found.append((one.attrib["name"], path))
    return found


def _scan(xml: bytes) -> dict[tuple[int, int], TableFault]:
    rows = columns = 0
    for cell in _CELL.finditer(xml):
        rows = max(rows, int(cell[2]))
        columns = max(columns, _number(cell[1]))
    if rows * columns > MAX_CELLS:
        raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
    broken: dict[tuple[int, int], TableFault] = {}
    if b"<f" in xml or b":f" in xml:
        broken |= {_place(cell): TableFault.FORMULA_EMPTY for cell in _EMPTY.finditer(xml)}
    if b't="e"' in xml:
        broken |= {_place(cell): TableFault.FORMULA_ERROR for cell in _ERROR.finditer(xml)}
    return broken


def _place(cell: re.Match[bytes]) -> tuple[int, int]:
    return int(cell[2]), _number(cell[1]) - 1


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
