"""The parts of an .xlsx file, unpacked a chunk at a time and never more than the limits allow.

A workbook is a zip archive of XML, so that a small file may unpack to any size. What is refused
here costs no more than the chunk that shows it.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn
from xml.parsers import expat

from bot.common.values import value
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault

MAX_UNPACKED: Final = 300_000_000
"""Bytes of all parts together."""
MAX_RATIO: Final = 100
"""How many times its packed size a part may unpack to; lists of stations need about ten."""
UNPACKED_ANYWAY: Final = 2_000_000
"""Bytes below which a part may unpack at any ratio."""
MAX_PARTS: Final = 5_000
CHUNK: Final = 1 << 18
MAX_DEPTH: Final = 50
"""Elements within one another; a workbook needs ten."""
MAX_ELEMENTS: Final = 16_000_000
"""Elements of all parts together; a cell is two or three."""

_CENTRAL_ENTRY: Final = b"PK\x01\x02"

Attributes = dict[str, str]


@value
class SheetPart:
    """A worksheet as the workbook lists it; `path` is its part of the archive."""

    name: str
    path: str
    visible: bool


class Archive:
    """An opened workbook. Raises `FileRefused`: overpacked or not_a_table."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        parts = file.infolist()
        total = sum(part.file_size for part in parts)
        if total > MAX_UNPACKED or any(map(_is_overpacked, parts)):
            raise FileRefused(FileFault.OVERPACKED)
        self._names = {part.filename for part in parts}
        self._elements_left = MAX_ELEMENTS

    def has(self, path: str) -> bool:
        """Whether there is such a part."""
        return path in self._names

    def parse(
        self,
        path: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Calls back for every element, its local name and attributes, and for its text."""
        depth = 0
        left = self._elements_left

        def begun(tag: str, attributes: Attributes) -> None:
            nonlocal depth, left
            depth += 1
            left -= 1
            if left < 0:
                raise FileRefused(FileFault.OVERPACKED)
            if depth > MAX_DEPTH:
                raise FileRefused(FileFault.NOT_A_TABLE)
            start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

        def ended(tag: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(tag.rpartition(":")[2] if ":" in tag else tag)

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = begun
        parser.EndElementHandler = ended
        if text is not None:
            parser.CharacterDataHandler = text
        with self._file.open(path) as part:
            while chunk := part.read(CHUNK):
                if len(chunk) == CHUNK and b">" not in chunk:
                    raise FileRefused(FileFault.NOT_A_TABLE)  # a tag or text without an end
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
        self._elements_left = left

    def sheets(self) -> list[SheetPart]:
        """The worksheets in their order; charts and macros are left out."""
        targets: dict[str, tuple[str, str]] = {}

        def relation(tag: str, attributes: Attributes) -> None:
            if tag == "Relationship":
                kind = attributes.get("Type", "").rpartition("/")[2]
                targets[attributes["Id"]] = kind, attributes["Target"]

        found = []

        def sheet(tag: str, attributes: Attributes) -> None:
            if tag != "sheet":
                return
            link = next((one for name, one in attributes.items() if name.endswith(":id")), "")
            kind, target = targets.get(link, ("", ""))
            if kind == "worksheet":
                path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
                visible = attributes.get("state", "visible") == "visible"
                found.append(SheetPart(attributes["name"], path, visible))

        self.parse("xl/_rels/workbook.xml.rels", relation)
        self.parse("xl/workbook.xml", sheet)
        return found


@contextmanager
def open_archive(data: bytes) -> Iterator[Archive]:
    """The workbook; whatever is wrong with its archive or its XML becomes `FileRefused`."""
    if data.count(_CENTRAL_ENTRY) > MAX_PARTS:
        raise FileRefused(FileFault.OVERPACKED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            yield Archive(file)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        expat.ExpatError,
        LookupError,  # a part or an attribute that is missing, an unknown encoding
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,  # encrypted
        ValueError,
        zlib.error,
    ):
        raise FileRefused(FileFault.NOT_A_TABLE) from None


def _is_overpacked(part: zipfile.ZipInfo) -> bool:
    return part.file_size > max(UNPACKED_ANYWAY, part.compress_size * MAX_RATIO)


def _no_doctype(*_about: object) -> NoReturn:
    raise FileRefused(FileFault.NOT_A_TABLE)  # entities, which no spreadsheet writes
