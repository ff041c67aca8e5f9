"""Pictures that people upload: decoded, made small and encoded anew without metadata.

What is served was written by us: no camera's place and serial number, no hidden payload.
"""

import hashlib
import io
import struct
import warnings
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.services.errors import DomainError

if TYPE_CHECKING:
    from PIL import Image

JPEG: Final = "image/jpeg"
QUALITY: Final = 82
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_MILLION: Final = 1_000_000


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


def decode(data: bytes, *, most_bytes: int, most_pixels: int, side: int) -> "Image.Image":
    """The picture in a file of JPEG, PNG or WebP, upright and at most `side` pixels wide and high.

    Raises `PictureRefused`. Slow (up to some 100 ms), as is encoding it: run both in a thread.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # seldom needed, and slow to load

    if len(data) > most_bytes:
        raise PictureRefused(PictureFault.TOO_BIG, most_bytes // _MILLION)
    try:
        with warnings.catch_warnings():
            # Our own limit is checked before anything is decoded; broken metadata go anyway.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if opened.width * opened.height > most_pixels:
                    most = most_pixels // _MILLION
                    raise PictureRefused(PictureFault.TOO_MANY_PIXELS, most)
                # A large JPEG is never whole in memory, as it is made small while it is decoded.
                opened.thumbnail((side, side))
                # The metadata, which goes, may say how to turn it.
                return ImageOps.exif_transpose(opened)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
        struct.error,
    ):
        raise PictureRefused(PictureFault.NOT_A_PICTURE) from None


def is_transparent(picture: "Image.Image") -> bool:
    """Whether something shines through it."""
    return picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info


def to_png(picture: "Image.Image") -> bytes:
    """The pixels alone: a copy into a new picture takes no metadata along."""
    from PIL import Image

    pixels = picture.convert("RGBA")
    bare = Image.new("RGBA", pixels.size)
    bare.paste(pixels)
    output = io.BytesIO()
    bare.save(output, "PNG", optimize=True)
    return output.getvalue()


def to_jpeg(picture: "Image.Image") -> bytes:
    """The pixels alone, as `to_png`; what was transparent is white."""
    from PIL import Image

    pixels = picture.convert("RGBA" if is_transparent(picture) else "RGB")
    bare = Image.new("RGB", pixels.size, (255, 255, 255))
    bare.paste(pixels, mask=pixels if pixels.mode == "RGBA" else None)
    output = io.BytesIO()
    bare.save(output, "JPEG", quality=QUALITY, optimize=True)
    return output.getvalue()


def hash_of(data: bytes) -> str:
    """32 hexadecimal digits: the name, without its ending, of a picture with these bytes."""
    return hashlib.sha256(data).hexdigest()[:32]
