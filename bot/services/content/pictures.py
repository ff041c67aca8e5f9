"""Pictures of content: decoded, made small and encoded anew without metadata, and stored.

What is served was written by us: no camera's place and serial number, no hidden payload.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.errors import DomainError
from bot.store.models.content import ContentPictureRow

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES: Final = 3_000_000
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 1280
"""Pixels: what is larger is made smaller."""
QUALITY: Final = 82
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


class PictureFault(StrEnum):
    """Why a picture is refused."""

    MISSING = "picture_missing"
    NAME = "picture_name"
    TOO_BIG = "picture_too_big"  # most, in MB
    TOO_MANY_PIXELS = "picture_too_many_pixels"  # most, in millions
    NOT_A_PICTURE = "not_a_picture"


class PictureRefused(DomainError):
    """The file is no picture that can be served."""

    def __init__(self, code: PictureFault, most: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.most = most


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to serve; `name`, such as `1f0c….jpg`, is made of the hash of `data`."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


def encode(data: bytes) -> Picture:
    """The picture in a file of JPEG, PNG or WebP. Raises `PictureRefused`.

    Slow (up to some 100 ms): run it in a thread.
    """
    from PIL import Image, UnidentifiedImageError  # seldom needed, and slow to load

    if len(data) > MAX_BYTES:
        raise PictureRefused(PictureFault.TOO_BIG, MAX_BYTES // 1_000_000)
    try:
        with warnings.catch_warnings():
            # Our own limit is checked before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _encode(data)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise PictureRefused(PictureFault.NOT_A_PICTURE) from None


def _encode(data: bytes) -> Picture:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise PictureRefused(PictureFault.TOO_MANY_PIXELS, MAX_PIXELS // 1_000_000)
        upright = ImageOps.exif_transpose(opened)  # the metadata, which goes, may say how to turn
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    transparent = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    output = io.BytesIO()
    if transparent:
        _bare(upright.convert("RGBA")).save(output, "PNG", optimize=True)
        return _named(output.getvalue(), "png", "image/png")
    _bare(upright.convert("RGB")).save(output, "JPEG", quality=QUALITY, optimize=True)
    return _named(output.getvalue(), "jpg", "image/jpeg")


def _bare(picture: "Image.Image") -> "Image.Image":
    """The pixels alone: a copy into a new picture takes no metadata along."""
    from PIL import Image

    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _named(data: bytes, ending: str, media_type: str) -> Picture:
    return Picture(f"{hash_of(data)}.{ending}", media_type, data)


def hash_of(data: bytes) -> str:
    """32 hexadecimal digits: the name, without its ending, of a picture with these bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


async def read(db: AsyncSession, name: str) -> Picture | None:
    """The stored picture of that name, None without one."""
    row = (
        await db.scalars(select(ContentPictureRow).where(ContentPictureRow.name == name[:40]))
    ).first()
    return None if row is None else Picture(row.name, row.media_type, row.data)
