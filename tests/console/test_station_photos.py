"""Photos of a station's door on its page: added, described, ordered, removed and restored."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser, ViewportSize, expect

from bot.app.bootstrap import build
from bot.config.settings import read_settings
from bot.console.parts import Parts
from bot.services.operators.roles import Operator, Role
from bot.services.stations.administration import photos
from bot.services.stations.administration.photos import StationPhotos
from tests.conftest import ManualClock
from tests.support.console import (
    PHONE,
    ConsoleServer,
    OperatorClient,
    add_operator,
    fits,
    signed_in,
    text_of,
)
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.photos import opened, phone_photo

SIDE = "从侧门进，铃在左边"
SECRET = "1:" + "A" * 43 + "="
SMALL = ViewportSize(width=390, height=844)
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


async def upload(
    client: OperatorClient, data: bytes, said: str = "", name: str = "door.jpg"
) -> httpx.Response:
    await client.get("/stations/H1")
    return await client.post(
        "/stations/H1/photos", {"description": said}, files={"photo": (name, data)}
    )


async def seen(console: Parts, clock: ManualClock) -> StationPhotos:
    operator = Operator(0, "test", Role.READER)
    async with console.store.reading() as db:
        return await photos.of_station(db, console.places, operator, "H1", clock())


@asynccontextmanager
async def couriers(url: str, clock: ManualClock) -> AsyncIterator[str]:
    """The address of the public pages over the console's database."""
    settings = read_settings({"YIZHAN_DATABASE_URL": url, "YIZHAN_SECRET_KEYS": SECRET})
    app = await build(settings, clock=clock, migrate=False)
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
    await app.close()


def addresses(page: httpx.Response) -> Sequence[str]:
    return re.findall(r'<img src="(/stations/H1/photos/\d+\.jpg)"', page.text)


async def test_an_editor_adds_a_photo_that_everybody_sees_without_its_metadata(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, editor) as client:
        answer = await upload(client, phone_photo(), SIDE)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/stations/H1#photos"
        page = await client.get("/stations/H1")
        assert "已添加，骑手马上能看到" in text_of(page)
        assert f'value="{SIDE}"' in page.text
    async with signed_in(console, reader) as client:
        page = await client.get("/stations/H1")
        assert SIDE in text_of(page)
        assert "移除" not in text_of(page)
        (address,) = addresses(page)
        answer = await client.get(address)
        assert answer.headers["content-type"] == "image/jpeg"
        assert opened(answer.content).size == (300, 400)
        assert (await client.get("/stations/H1/photos/99.jpg")).status_code == 404
        assert (await client.get("/stations/H2/photos/1.jpg")).status_code == 404
        assert (await client.get("/stations/H1/photos/x.jpg")).status_code == 404


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a text that is called .jpg", "不是照片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "不是照片"),
        (b"\xff\xd8\xff" + bytes(8_000_000), "超过8 MB"),
    ],
    ids=["text", "svg", "big"],
)
async def test_what_is_no_photo_is_said_and_the_description_stays(
    console: Parts, clock: ManualClock, data: bytes, said: str
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        answer = await upload(client, data, SIDE)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert f'value="{SIDE}"' in answer.text
    assert (await seen(console, clock)).shown == ()


async def test_very_many_pixels_a_missing_file_and_a_long_description_are_said(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    bomb = BytesIO()
    Image.new("1", (10_000, 10_000)).save(bomb, "PNG")
    async with signed_in(console, editor) as client:
        answer = await upload(client, bomb.getvalue(), name="door.png")
        assert (answer.status_code, "5000万像素" in text_of(answer)) == (422, True)
        answer = await client.post("/stations/H1/photos", {"description": SIDE})
        assert (answer.status_code, "先选一张照片" in text_of(answer)) == (422, True)
        answer = await upload(client, phone_photo(), "长" * 61)
        assert (answer.status_code, "最多60个字" in text_of(answer)) == (422, True)
        answer = await upload(client, bytes(20_000_000))
        assert answer.status_code == 413
    assert (await seen(console, clock)).shown == ()


async def test_a_fourth_and_the_same_photo_are_refused_with_409(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        for shade in (1, 40):
            assert (await upload(client, phone_photo(shade=shade))).status_code == 303
        answer = await upload(client, phone_photo(shade=1))
        assert (answer.status_code, "这张照片已经有了" in text_of(answer)) == (409, True)
        assert (await upload(client, phone_photo(shade=80))).status_code == 303
        answer = await upload(client, phone_photo(shade=120))
        assert (answer.status_code, "已经有3张照片" in text_of(answer)) == (409, True)
        assert 'type="file"' not in answer.text
    assert len((await seen(console, clock)).shown) == 3


async def test_photos_are_described_ordered_removed_and_restored(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        await upload(client, phone_photo(shade=1))
        await upload(client, phone_photo(shade=40), "正门")
        first, second = (await seen(console, clock)).shown
        base = "/stations/H1/photos"
        page = await client.sends(f"{base}/{second.id}/forward")
        assert addresses(page) == [f"{base}/{one.id}.jpg" for one in (second, first)]
        form = {"was": "正门", "description": HOSTILE}
        page = await client.sends(f"{base}/{second.id}/description", form)
        assert HOSTILE not in page.text
        assert "&lt;script&gt;" in page.text
        answer = await client.post(f"{base}/{second.id}/description", form | {"description": SIDE})
        assert (answer.status_code, "刚才有人把说明改成了" in text_of(answer)) == (409, True)
        assert f'value="{SIDE}"' in answer.text
        page = await client.sends(f"{base}/{second.id}/remove")
        assert "7天内可以恢复" in text_of(page)
        assert "2026-11-30 10:00前可以恢复" in text_of(page)
        answer = await client.post(f"{base}/{second.id}/remove")
        assert (answer.status_code, "刚才有人移除或恢复" in text_of(answer)) == (409, True)
        page = await client.sends(f"{base}/{second.id}/restore")
        assert addresses(page) == [f"{base}/{one.id}.jpg" for one in (first, second)]
        page = await client.get("/records")
    for said in ("添加照片", "修改照片说明", "移除照片", "恢复照片", "照片顺序已改"):
        assert said in text_of(page)


async def test_photos_of_another_league_and_forms_without_their_token_are_refused(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    other = await add_operator(console.store, clock, Role.EDITOR, [BAOTOU], "other")
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, editor) as client:
        await upload(client, phone_photo())
        token, client.token = client.token, ""
        answer = await client.post(
            "/stations/H1/photos", files={"photo": ("door.jpg", phone_photo(shade=40))}
        )
        assert answer.status_code == 403
        assert token
    (photo,) = (await seen(console, clock)).shown
    for operator in (other, reader):
        async with signed_in(console, operator) as client:
            for path in ("", *(f"/{photo.id}/{one}" for one in ("remove", "forward", "restore"))):
                files = {"photo": ("door.jpg", phone_photo(shade=40))} if not path else None
                answer = await client.post(f"/stations/H1/photos{path}", {}, files=files)
                assert answer.status_code == 403, path
    async with signed_in(console, other) as client:
        assert (await client.get(f"/stations/H1/photos/{photo.id}.jpg")).status_code == 403
    async with signed_in(console, editor) as client:
        answer = await client.post(
            "/stations/none/photos", {}, files={"photo": ("door.jpg", phone_photo())}
        )
        assert answer.status_code == 404
    assert (await seen(console, clock)).shown == (photo,)


async def test_a_photo_is_uploaded_seen_by_couriers_and_removed_in_a_browser(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, sqlite_url: str, tmp_path: Path
) -> None:
    await add_stations(server.console.store, clock)
    editor = await add_operator(server.console.store, clock, Role.EDITOR, [HOHHOT])
    file = tmp_path / "door.jpg"
    file.write_bytes(phone_photo((1600, 1200)))
    async with (
        couriers(sqlite_url, clock) as public,
        server.browser_of(chromium, editor, viewport=PHONE) as page,
        await chromium.new_context(locale="zh-CN", viewport=SMALL) as phone,
    ):
        await page.goto("/stations/H1")
        await page.get_by_label("从街上拍的照片").set_input_files(file)
        await page.get_by_label("照片说明，骑手会看到").fill(SIDE)
        await page.get_by_role("button", name="添加照片").click()
        await expect(page.get_by_role("status")).to_contain_text("已添加")
        shown = page.locator("#photos img")
        await expect(shown).to_have_js_property("naturalWidth", 480)
        assert await fits(page) == []

        seen, requested = await phone.new_page(), list[str]()
        seen.on("request", lambda request: requested.append(request.url))
        complaints = list[str]()
        seen.on("console", lambda message: complaints.append(message.text))
        await seen.goto(f"{public}/s/H1")
        photo = seen.get_by_role("img", name=SIDE)
        await photo.scroll_into_view_if_needed()
        await expect(photo).to_have_js_property("naturalWidth", 960)
        await expect(seen.get_by_role("figure")).to_contain_text(SIDE)
        assert [one for one in requested if not one.startswith(f"{public}/")] == []
        assert complaints == []

        await page.get_by_role("button", name="第1张照片：移除").click()
        await expect(page.get_by_role("status")).to_contain_text("7天内可以恢复")
        await seen.reload()
        await expect(seen.get_by_role("figure")).to_have_count(0)
        await page.get_by_role("button", name="移除的第1张照片：恢复").click()
        await seen.reload()
        await expect(seen.get_by_role("figure")).to_have_count(1)
