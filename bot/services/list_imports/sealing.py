"""Files and previews as they are kept: compressed, sealed, in parts."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Final

from bot.services.storage import Keys

PART: Final = 256 * 1024
"""Bytes of one part of a file."""
FILE_PLACE: Final = "list_file.part"
SUMMARY_PLACE: Final = "list_import.summary"
ROWS_PLACE: Final = "list_import_page.rows"


def sealed_parts(keys: Keys, data: bytes) -> Iterator[bytes]:
    """A file in parts that are small enough for a key rotation."""
    for first in range(0, len(data), PART):
        yield keys.seal(b64encode(data[first : first + PART]).decode(), FILE_PLACE)


def file_part(keys: Keys, sealed: bytes) -> bytes:
    """One part of a file again."""
    return b64decode(keys.open(sealed, FILE_PLACE))


def sealed_text(keys: Keys, text: str, place: str) -> bytes:
    """A long text, compressed."""
    return keys.seal(b64encode(zlib.compress(text.encode(), 3)).decode(), place)


def open_text(keys: Keys, sealed: bytes, place: str) -> str:
    """What `sealed_text` sealed."""
    return zlib.decompress(b64decode(keys.open(sealed, place))).decode()
