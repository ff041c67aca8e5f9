"""Pictures are encoded anew: small, upright, without metadata; what is none is refused."""

from io import BytesIO

import pytest
from PIL import Image

from bot.services.content import pictures
from bot.services.pictures import PictureFault, PictureRefused, hash_of
from tests.support.content import photo


def test_a_photo_loses_its_metadata_and_stands_upright() -> None:
    original = photo((40, 30), exif=True)
    assert b"SECRETCAMERA" in original
    picture = pictures.encode(original)
    assert b"SECRETCAMERA" not in picture.data
    with Image.open(BytesIO(picture.data)) as opened:
        assert opened.size == (30, 40)
        assert not opened.getexif()
    assert picture.name == hash_of(picture.data) + ".jpg"
    assert pictures.encode(original) == picture


def test_a_large_picture_becomes_small_and_a_transparent_one_stays_so() -> None:
    with Image.open(BytesIO(pictures.encode(photo((3000, 1500))).data)) as opened:
        assert opened.size == (1280, 640)
    output = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(output, "PNG")
    assert pictures.encode(output.getvalue()).media_type == "image/png"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8\xff" + bytes(5_000_000), PictureFault.TOO_BIG),
        (b"", PictureFault.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.NOT_A_PICTURE),
        (photo((40, 30))[:-200], PictureFault.NOT_A_PICTURE),
        (photo((40, 30), "GIF"), PictureFault.NOT_A_PICTURE),
        (photo((8000, 6000), "PNG"), PictureFault.TOO_MANY_PIXELS),
    ],
    ids=["too big", "empty", "svg", "cut off", "gif", "too many pixels"],
)
def test_what_cannot_be_served_is_refused(data: bytes, code: PictureFault) -> None:
    with pytest.raises(PictureRefused) as refused:
        pictures.encode(data)
    assert refused.value.code is code
