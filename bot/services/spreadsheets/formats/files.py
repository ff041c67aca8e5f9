"""The sheets of a file of any format: what it holds decides, not what its name says."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from bot.services.spreadsheets.cells import clean_prose, quoted
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.formats.compound_file import SIGNATURE
from bot.services.spreadsheets.formats.csv_reader import read_csv
from bot.services.spreadsheets.formats.grids import Grid
from bot.services.spreadsheets.formats.html_reader import is_page, read_html
from bot.services.spreadsheets.formats.xls_reader import read_xls
from bot.services.spreadsheets.formats.xlsx_archive import Archive, open_archive
from bot.services.spreadsheets.formats.xlsx_reader import Workbook

_OTHERS: Final = (
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"{\\rtf", "RTF"),
)
"""How files begin that clerks send instead of a list."""
_XML_WORKBOOK: Final = re.compile(rb"\s*<\?xml.{0,400}?(?:mso-application|<Workbook)", re.DOTALL)


def grids(
    data: bytes, csv_name: str, headings: Callable[[list[str]], int], within: int
) -> Iterator[Grid]:
    """Each sheet, hidden ones without their rows. Texts are clean prose.

    `headings` counts the known headings of a row; it tells encoding and separator of a csv file by
    its first `within` rows. Raises `FileRefused`.
    """
    for start, name in _OTHERS:
        if data.startswith(start):
            raise FileRefused(FileFault.OTHER_FORMAT, format=name)
    if data.startswith(SIGNATURE[:4]):
        yield from read_xls(data)
    elif data.startswith(b"PK"):
        with open_archive(data) as archive:
            _refuse_other_archives(archive)
            book = Workbook(archive)
            for sheet in book.sheets:
                yield (book.read(sheet) if sheet.visible else Grid(sheet.name, (), visible=False))
    elif is_page(data):
        yield from read_html(data, csv_name)
    elif _XML_WORKBOOK.match(data.removeprefix(b"\xef\xbb\xbf")[:2_000]):
        raise FileRefused(FileFault.OTHER_FORMAT, format="XML 2003")
    else:
        rows = read_csv(data, lambda cells: headings([clean_prose(one) for one in cells]), within)
        yield Grid(csv_name, ([quoted(clean_prose(cell)) for cell in row] for row in rows))


def _refuse_other_archives(archive: Archive) -> None:
    """Refuses workbooks with macros, and archives that hold something else than a workbook."""
    if archive.has("xl/vbaProject.bin"):
        raise FileRefused(FileFault.MACROS)
    for part, name in (
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "Word"),
        ("content.xml", "OpenDocument"),
        ("Index/Document.iwa", "Numbers"),
    ):
        if archive.has(part):
            raise FileRefused(FileFault.OTHER_FORMAT, format=name)
