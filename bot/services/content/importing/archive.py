"""A folder of content as one file: a zip archive, unpacked in memory within limits."""

import io
import zipfile
from pathlib import PurePosixPath
from typing import Final

from bot.services.content.importing.drafts import MARKDOWN, WORKBOOKS
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault

MOST_FILES: Final = 1000
MOST_BYTES: Final = 40_000_000
"""Of all files together once they are unpacked."""
RATIO: Final = 100
"""A file that unpacks to more times its size is refused."""


def unpacked(name: str, data: bytes) -> dict[str, bytes]:
    """The files of an upload by name: those of a zip archive, else the file itself.

    Raises `FileRefused`.
    """
    if PurePosixPath(name).suffix.lower() != ".zip":
        return {name: data}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise FileRefused(FileFault.NOT_A_TABLE) from None


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    listed = [one for one in archive.infolist() if not one.is_dir()]
    size = sum(one.file_size for one in listed)
    packed = max(1, sum(one.compress_size for one in listed))
    if len(listed) > MOST_FILES or size > MOST_BYTES or size > packed * RATIO:
        raise FileRefused(FileFault.OVERPACKED)
    files = {}
    for one in listed:
        path = PurePosixPath(_name(one))
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if hidden or path.is_absolute():
            continue
        with archive.open(one) as file:
            files[str(path)] = file.read(one.file_size)
    return files


def _name(one: zipfile.ZipInfo) -> str:
    """Names that Windows packed in GBK are read as such."""
    if one.flag_bits & 0x800:
        return one.filename
    try:
        return one.filename.encode("cp437").decode("gbk")
    except ValueError:
        return one.filename


def texts(files: dict[str, bytes]) -> dict[str, bytes]:
    """Those that hold content; the others are pictures."""
    wanted = MARKDOWN | WORKBOOKS
    return {
        name: data for name, data in files.items() if PurePosixPath(name).suffix.lower() in wanted
    }
