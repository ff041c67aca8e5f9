"""What is kept of a photo that somebody uploaded: a JPEG without metadata, and a small one."""

from dataclasses import field
from typing import Final

from bot.common.values import value
from bot.services.pictures import decode, hash_of, to_jpeg

MAX_BYTES: Final = 8_000_000
MAX_PIXELS: Final = 50_000_000
SIDE: Final = 1280
"""Pixels, at most, of what the public page shows."""
SMALL_SIDE: Final = 640
"""Pixels, at most, of what is sent in a chat: answers are kept for a time, and data cost."""


@value
class EncodedPhoto:
    """A photo as it is stored; `name` is the hash of `data`, `small` the same for a chat."""

    name: str
    width: int
    height: int
    data: bytes = field(repr=False)
    small: bytes = field(repr=False)


def encode(data: bytes) -> EncodedPhoto:
    """The photo in a file of JPEG, PNG or WebP. Raises `PictureRefused`.

    Slow (up to some 100 ms): run it in a thread.
    """
    found = decode(data, most_bytes=MAX_BYTES, most_pixels=MAX_PIXELS, side=SIDE)
    width, height = found.size
    shown = to_jpeg(found)
    found.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return EncodedPhoto(hash_of(shown), width, height, shown, to_jpeg(found))
