"""Pictures of content: decoded, made small and encoded anew without metadata, and stored.

What is served was written by us: no camera's place and serial number, no hidden payload.
"""

from dataclasses import field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.pictures import JPEG, decode, hash_of, is_transparent, to_jpeg, to_png
from bot.store.models.content import ContentPictureRow

MAX_BYTES: Final = 3_000_000
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 1280
"""Pixels: what is larger is made smaller."""


@value
class Picture:
    """A picture to serve; `name`, such as `1f0c….jpg`, is made of the hash of `data`."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


def encode(data: bytes) -> Picture:
    """The picture in a file of JPEG, PNG or WebP. Raises `PictureRefused`.

    Slow (up to some 100 ms): run it in a thread.
    """
    found = decode(data, most_bytes=MAX_BYTES, most_pixels=MAX_PIXELS, side=MAX_SIDE)
    if is_transparent(found):
        png = to_png(found)
        return Picture(f"{hash_of(png)}.png", "image/png", png)
    jpeg = to_jpeg(found)
    return Picture(f"{hash_of(jpeg)}.jpg", JPEG, jpeg)


async def read(db: AsyncSession, name: str) -> Picture | None:
    """The stored picture of that name, None without one."""
    row = (
        await db.scalars(select(ContentPictureRow).where(ContentPictureRow.name == name[:40]))
    ).first()
    return None if row is None else Picture(row.name, row.media_type, row.data)
