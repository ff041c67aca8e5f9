"""Photos of a station's door: at most three, in the operator's order, gone with the station."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import delete, func, select

from bot.geo.places import Places
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.pictures import PictureFault, PictureRefused
from bot.services.privacy.retention import RetentionPeriods, sweep
from bot.services.stations.administration import photos
from bot.services.stations.administration.photos import (
    KEPT,
    DescriptionTooLong,
    PhotoDescribed,
    PhotoGone,
    PhotoKnown,
    PhotosFull,
)
from bot.services.stations.catalogue import with_code
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.photos import shown
from bot.services.stations.photos.encoding import EncodedPhoto, encode
from bot.services.stations.photos.shown import Photo
from bot.store.engine import Store
from bot.store.models.stations import StationPhotoRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import LIST, applied
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.photos import opened, phone_photo

EDITOR = Operator(1, "dorji", Role.EDITOR, frozenset({HOHHOT}))
READER = Operator(2, "wang", Role.READER)
PLACES = Places.load()


def made(shade: int = 30) -> EncodedPhoto:
    return encode(phone_photo((40, 30), shade))


async def add(
    store: Store, clock: ManualClock, photo: EncodedPhoto, said: str = "", code: str = "H1"
) -> None:
    async with store.writing() as db:
        await photos.add(db, PLACES, EDITOR, code, photo, said, clock())


async def of(store: Store, code: str = "H1") -> Sequence[Photo]:
    async with store.reading() as db:
        station_id = await with_code(db, code)
        assert station_id is not None
        return await shown.of_station(db, station_id)


async def removed(store: Store, clock: ManualClock) -> list[int]:
    async with store.reading() as db:
        found = await photos.of_station(db, PLACES, EDITOR, "H1", clock())
    return [one.photo.id for one in found.removed]


async def remove(store: Store, clock: ManualClock, photo_id: int) -> None:
    async with store.writing() as db:
        await photos.remove(db, PLACES, EDITOR, "H1", photo_id, clock())


async def restore(store: Store, clock: ManualClock, photo_id: int) -> None:
    async with store.writing() as db:
        await photos.restore(db, PLACES, EDITOR, "H1", photo_id, clock())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_upright_as_jpeg_without_place_and_maker(kind: str) -> None:
    photo = encode(phone_photo((2000, 1000), kind=kind))
    assert (photo.width, photo.height) == (640, 1280)
    for data, size in ((photo.data, (640, 1280)), (photo.small, (320, 640))):
        picture = opened(data)
        assert (picture.format or "JPEG", picture.size) == ("JPEG", size)
        assert data.startswith(b"\xff\xd8\xff")
        top, bottom = picture.getpixel((5, 5)), picture.getpixel((5, size[1] - 5))
        assert isinstance(top, tuple)
        assert isinstance(bottom, tuple)
        assert top[0] > 150 > 100 > bottom[0]


def test_what_was_transparent_is_white() -> None:
    output = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(output, "PNG")
    assert opened(encode(output.getvalue()).data).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8\xff" + bytes(8_000_000), PictureFault.TOO_BIG),
        (b"a text that is called .jpg", PictureFault.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.NOT_A_PICTURE),
        (phone_photo()[:-200], PictureFault.NOT_A_PICTURE),
        (b"", PictureFault.NOT_A_PICTURE),
    ],
    ids=["big", "text", "svg", "cut", "empty"],
)
def test_what_is_no_photo_is_refused(data: bytes, code: PictureFault) -> None:
    with pytest.raises(PictureRefused) as refused:
        encode(data)
    assert refused.value.code is code


def test_a_picture_of_very_many_pixels_is_refused_before_it_is_decoded() -> None:
    output = BytesIO()
    Image.new("1", (10_000, 10_000)).save(output, "PNG")
    with pytest.raises(PictureRefused) as refused:
        encode(output.getvalue())
    assert (refused.value.code, refused.value.most) == (PictureFault.TOO_MANY_PIXELS, 50)


async def test_three_photos_are_shown_in_the_order_that_was_chosen(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    for shade, said in ((1, "正门"), (40, "从侧门进，铃在左边"), (80, "")):
        await add(store, clock, made(shade), said)
    with pytest.raises(PhotosFull):
        await add(store, clock, made(120))
    with pytest.raises(PhotoKnown):
        await add(store, clock, made(1))
    first, side, third = await of(store)
    assert (side.description, side.width, side.height) == ("从侧门进，铃在左边", 30, 40)
    async with store.writing() as db:
        await photos.move_forward(db, PLACES, EDITOR, "H1", third.id, clock())
        await photos.move_forward(db, PLACES, EDITOR, "H1", third.id, clock())
        await photos.move_forward(db, PLACES, EDITOR, "H1", third.id, clock())  # is the first
    assert await of(store) == (third, first, side)
    async with store.reading() as db:
        station_id = await with_code(db, "H1") or 0
        in_chat = await shown.for_chat(db, station_id)
        assert [one.description for one in in_chat] == ["", "正门", "从侧门进，铃在左边"]
        assert await shown.has_photos(db, station_id)
        assert not await shown.has_photos(db, station_id + 1)
        assert await shown.read(db, first.name) == made(1).data
        assert await shown.read(db, "none") is None


async def test_a_removed_photo_is_hidden_and_can_be_restored_for_seven_days(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    for shade in (1, 40, 80):
        await add(store, clock, made(shade))
    first, second, third = await of(store)
    await remove(store, clock, first.id)
    assert await of(store) == (second, third)
    async with store.reading() as db:
        assert await shown.read(db, first.name) is None
        assert await photos.small(db, PLACES, EDITOR, "H1", first.id) == made(1).small
    assert await removed(store, clock) == [first.id]
    with pytest.raises(PhotoGone):
        await remove(store, clock, first.id)
    await restore(store, clock, first.id)
    assert await of(store) == (second, third, first)
    await remove(store, clock, third.id)
    await add(store, clock, made(120))
    with pytest.raises(PhotosFull):
        await restore(store, clock, third.id)
    clock.now += KEPT
    assert await removed(store, clock) == []
    with pytest.raises(PhotoGone):
        await restore(store, clock, third.id)


async def test_the_same_file_again_brings_a_removed_photo_back(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add(store, clock, made(), "旧")
    (photo,) = await of(store)
    await remove(store, clock, photo.id)
    await add(store, clock, made(), "新")
    assert await of(store) == (replace(photo, description="新"),)


async def test_a_removed_photo_is_deleted_after_seven_days(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add(store, clock, made(1))
    await add(store, clock, made(40))
    first, second = await of(store)
    await remove(store, clock, first.id)
    clock.now += KEPT
    assert "station_photos" not in await sweep(store, RetentionPeriods(KEPT, 52 * KEPT), clock())
    clock.now += KEPT
    done = await sweep(store, RetentionPeriods(KEPT, 52 * KEPT), clock())
    assert done["station_photos"] == 1
    assert await of(store) == (second,)


async def test_a_description_is_changed_unless_somebody_else_was_faster(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add(store, clock, made(), "正门")
    (photo,) = await of(store)

    async def describe(was: str, said: str) -> bool:
        async with store.writing() as db:
            return await photos.describe(db, PLACES, EDITOR, "H1", photo.id, was, said, clock())

    assert await describe("正门", " 从侧门进 ")
    assert not await describe("正门", "从侧门进")
    with pytest.raises(PhotoDescribed) as described:
        await describe("正门", "后门")
    assert described.value.description == "从侧门进"
    with pytest.raises(DescriptionTooLong):
        await describe("从侧门进", "长" * 61)


async def test_every_change_is_in_the_audit_log_with_its_league(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add(store, clock, made(1), "正门")
    await add(store, clock, made(40))
    first, second = await of(store)
    async with store.writing() as db:
        await photos.move_forward(db, PLACES, EDITOR, "H1", second.id, clock())
        await photos.describe(db, PLACES, EDITOR, "H1", first.id, "正门", "侧门", clock())
    await remove(store, clock, first.id)
    await restore(store, clock, first.id)
    async with store.reading() as db:
        entries = await audit.of_subject(db, SubjectKind.STATION, "H1")
    assert {one.league for one in entries} == {HOHHOT}
    named = {"photo": first.name}
    assert [(one.action, one.before, one.after) for one in entries] == [
        ("station.photo_restore", {}, {**named, "description": "侧门"}),
        ("station.photo_remove", {**named, "description": "侧门"}, {}),
        (
            "station.photo_describe",
            {**named, "description": "正门"},
            {**named, "description": "侧门"},
        ),
        (
            "station.photo_order",
            {"photo": second.name, "position": 2},
            {"photo": second.name, "position": 1},
        ),
        ("station.photo_add", {}, {"photo": second.name, "description": ""}),
        ("station.photo_add", {}, {**named, "description": "正门"}),
    ]


async def test_two_operators_at_once_never_leave_more_than_three(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add(store, clock, made(1))
    await add(store, clock, made(40))
    async with store.writing() as db:
        await photos.add(db, PLACES, EDITOR, "H1", made(80), "", clock())
        other = asyncio.create_task(add(store, clock, made(120)))
        await asyncio.wait({other}, timeout=0.3)  # it waits for this transaction
    with pytest.raises(PhotosFull):
        await other
    assert len(await of(store)) == 3


async def test_photos_of_another_league_or_station_are_refused(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add(store, clock, made())
    (photo,) = await of(store)
    with pytest.raises(NotAllowed):
        await add(store, clock, made(), code="B1")
    with pytest.raises(StationUnknown):
        await add(store, clock, made(), code="none")
    elsewhere = replace(EDITOR, leagues=frozenset({BAOTOU}))
    async with store.writing() as db:
        for operator in (READER, elsewhere):
            with pytest.raises(NotAllowed):
                await photos.remove(db, PLACES, operator, "H1", photo.id, clock())
        with pytest.raises(NotAllowed):
            await photos.small(db, PLACES, elsewhere, "H1", photo.id)
        assert await photos.small(db, PLACES, READER, "H1", photo.id) == made().small
        with pytest.raises(PhotoGone):
            await photos.remove(db, PLACES, EDITOR, "H2", photo.id, clock())
        with pytest.raises(PhotoGone):
            await photos.small(db, PLACES, EDITOR, "H2", photo.id)


async def test_photos_stay_through_an_imported_list_and_go_with_their_station(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    async with store.writing() as db:
        code = await db.scalar(select(StationRow.code).order_by(StationRow.code).limit(1))
        assert code is not None
        region = replace(EDITOR, leagues=frozenset())
        await photos.add(db, PLACES, region, code, made(), "正门", clock())
    clock.now += KEPT
    await applied(store, LIST.replace("新城支行驿站", "新城驿站"), clock)
    (photo,) = await of(store, code)
    assert photo.description == "正门"
    async with store.writing() as db:
        await db.execute(delete(StationRow).where(StationRow.code == code))
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(StationPhotoRow)) == 0
        assert await shown.read(db, photo.name) is None
