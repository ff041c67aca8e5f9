"""Photos of doors as phones take them: with the place, lying on their side."""

from io import BytesIO

from PIL import Image

from bot.common.clock import Clock
from bot.geo.places import Places
from bot.services.operators.roles import Operator, Role
from bot.services.stations.administration import photos
from bot.services.stations.photos.encoding import EncodedPhoto, encode
from bot.store.engine import Store

MAKER = b"SECRETCAMERA"


def phone_photo(size: tuple[int, int] = (400, 300), shade: int = 30, kind: str = "JPEG") -> bytes:
    """A photo whose upper half is red once it stands upright; the metadata tell place and maker."""
    width, height = size
    picture = Image.new("RGB", size, (20, shade, 20))
    # turned by a quarter clockwise, what is left comes up
    picture.paste((200, shade, 20), (0, 0, width // 2, height))
    data = Image.Exif()
    data[0x010F] = MAKER.decode()
    data[0x0112] = 6  # lies on its side
    place = data.get_ifd(0x8825)
    place[1], place[2] = "N", (40.0, 49.0, 12.34)
    place[3], place[4] = "E", (111.0, 39.0, 56.78)
    output = BytesIO()
    picture.save(output, kind, exif=data)
    return output.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture, decoded. Raises `AssertionError` where it has metadata."""
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        assert not picture.getexif()
        assert MAKER not in data
        assert b"Exif" not in data
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        return picture.copy()


async def add_photo(
    store: Store, clock: Clock, code: str, description: str = "", shade: int = 30
) -> EncodedPhoto:
    """A photo of the station's door, added by an administrator."""
    photo, operator = encode(phone_photo(shade=shade)), Operator(1, "admin", Role.ADMINISTRATOR)
    async with store.writing() as db:
        await photos.add(db, Places.load(), operator, code, photo, description, clock())
    return photo
