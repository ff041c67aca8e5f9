"""The pages of the honour over real HTTP: winners, photos, certificates, and the upload."""

from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest
from aiohttp import FormData, web
from PIL import Image
from sqlalchemy import delete, func, select, update

from bot.app.bootstrap import App, build
from bot.config.settings import read_settings
from bot.services.honours.photos import MAX_SIDE, NotAPhoto, encode, read_photo
from bot.services.honours.statuses import NominationStatus
from bot.store.models.couriers import CourierRow
from bot.store.models.honours import CampaignRow, NominationPhotoRow, NominationRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.content import photo
from tests.support.honours import STORY, nominate, open_campaign

SECRET = "1:" + "A" * 43 + "="


@pytest.fixture
async def app(sqlite_url: str, clock: ManualClock) -> AsyncIterator[App]:
    """A winner of a published campaign, and one of the short list of another."""
    settings = {"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": SECRET}
    app = await build(read_settings(settings), clock=clock, migrate=False)
    now = clock()
    async with app.store.writing() as db:
        db.add(CourierRow(id=1, created_at=now, seen_at=now))
    past = await open_campaign(app.store, now, code="past", title="<往届>", published_at=now)
    running = await open_campaign(app.store, now)
    await nominate(
        app.store, now, past, "王强<b>", NominationStatus.WINNER,
        courier_id=1, place=1, certificate="RY-2026-ABCDEFGH12",
    )  # fmt: skip
    await nominate(app.store, now, running, "娜仁", courier_id=1)
    yield app
    await app.close()


@pytest.fixture
async def base(app: App) -> AsyncIterator[str]:
    """The address of the service."""
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def get(url: str, language: str = "zh-CN") -> tuple[int, str, dict[str, str]]:
    async with (
        aiohttp.ClientSession(headers={"Accept-Language": language}) as http,
        http.get(url) as answer,
    ):
        return answer.status, (await answer.read()).decode(errors="replace"), dict(answer.headers)


async def upload(url: str, data: bytes, field: str = "photo") -> int:
    form = FormData()
    form.add_field(field, BytesIO(data), filename="me.jpg", content_type="image/jpeg")
    async with aiohttp.ClientSession() as http, http.post(url, data=form) as answer:
        return answer.status


def photo_page(app: App, base: str, nomination: int, clock: ManualClock) -> str:
    token = app.files.links.link("honourphoto", nomination, clock()).rpartition("/")[2]
    return f"{base}/honours/photo/{token}"


async def set_status(app: App, nomination: int, status: NominationStatus) -> None:
    async with app.store.writing() as db:
        await db.execute(
            update(NominationRow).where(NominationRow.id == nomination).values(status=status)
        )


async def test_winners_stand_there_in_both_languages_escaped_and_nobody_else(base: str) -> None:
    status, html, headers = await get(f"{base}/honours")
    assert status == 200
    assert "王强&lt;b&gt;" in html
    assert "&lt;往届&gt;" in html
    assert STORY in html
    assert "呼和浩特市" in html
    assert "娜仁" not in html
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    _, english, _ = await get(f"{base}/honours", "en")
    assert "The most beautiful couriers" in english
    assert "Courier of 2026" in english


async def test_who_withdraws_is_gone_from_the_page(app: App, base: str) -> None:
    async with app.store.writing() as db:
        await db.execute(delete(NominationRow).where(NominationRow.id == 1))
    _, html, _ = await get(f"{base}/honours")
    assert "王强" not in html
    status, _, _ = await get(f"{base}/honours/certificate/RY-2026-ABCDEFGH12")
    assert status == 404


async def test_a_certificate_is_verified(base: str) -> None:
    status, html, _ = await get(f"{base}/honours/certificate/ry-2026-abcdefgh12")
    assert status == 200
    assert "王强" in html
    status, _, _ = await get(f"{base}/honours/certificate/RY-2026-ABCDEFGH13")
    assert status == 404


async def test_a_photo_is_encoded_sealed_and_served_only_when_published(
    app: App, base: str, clock: ManualClock
) -> None:
    await set_status(app, 2, NominationStatus.APPROVED)
    page = photo_page(app, base, 2, clock)
    assert "multipart/form-data" in (await get(page))[1]
    assert await upload(page, photo((3000, 2000), exif=True)) == 200
    async with app.store.reading() as db:
        jpeg = await read_photo(db, KEYS, 2)
        row = await db.get(NominationRow, 2)
        stored = await db.scalar(select(NominationPhotoRow.photo))
    assert row is not None
    assert row.status == NominationStatus.NEW  # what was approved had no photo
    assert jpeg is not None
    assert stored is not None
    assert b"SECRETCAMERA" not in jpeg
    assert b"JFIF" not in stored
    with Image.open(BytesIO(jpeg)) as kept:
        assert max(kept.size) == MAX_SIDE
        assert kept.size[0] < kept.size[1]  # turned upright
        assert not kept.getexif()
    assert (await get(f"{base}/honours/photos/2"))[0] == 404
    await set_status(app, 2, NominationStatus.WINNER)
    assert (await get(f"{base}/honours/photos/2"))[0] == 404  # the result is not published
    async with app.store.writing() as db:
        await db.execute(update(CampaignRow).values(published_at=clock()))
    async with aiohttp.ClientSession() as http, http.get(f"{base}/honours/photos/2") as answer:
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        assert await answer.read() == jpeg


async def test_what_is_no_photo_is_refused_and_nothing_kept(
    app: App, base: str, clock: ManualClock
) -> None:
    await set_status(app, 2, NominationStatus.NEW)
    page = photo_page(app, base, 2, clock)
    assert await upload(page, b"<svg onload=alert(1)>") == 422
    assert await upload(page, photo()[:200]) == 422
    assert await upload(page, photo(), field="other") == 422
    assert await upload(page, b"\xff" * 12_000_001) == 422
    async with aiohttp.ClientSession() as http, http.post(page, data=b"no form") as answer:
        assert answer.status == 422
    async with app.store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(NominationPhotoRow)) == 0


async def test_the_page_for_a_photo_ends_after_a_day_and_with_the_short_list(
    app: App, base: str, clock: ManualClock
) -> None:
    page = photo_page(app, base, 2, clock)
    assert await upload(page, photo()) == 409  # short-listed: as it was approved
    other = app.files.links.link("certificate", 2, clock()).rpartition("/")[2]
    assert (await get(f"{base}/honours/photo/{other}"))[0] == 410
    clock.forward(days=1, minutes=1)
    assert (await get(page))[0] == 410
    assert await upload(page, photo()) == 410


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(NotAPhoto):
        encode(photo((8000, 6300), "PNG"))
