"""The public pages of content over real HTTP: in both languages, escaped, while it is served."""

from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest
from aiohttp import web
from PIL import Image
from sqlalchemy import select, update

from bot.app.bootstrap import App, build
from bot.config.settings import read_settings
from bot.store.models.content import ContentPictureRow, ContentRow
from tests.conftest import ManualClock
from tests.pages.test_routes import KEYS, Outside
from tests.support.content import article, lesson, photo, put_content


@pytest.fixture
async def app(sqlite_url: str, clock: ManualClock) -> AsyncIterator[App]:
    """One service with an article and a lesson."""
    settings = read_settings({"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": KEYS})
    built = await build(settings, clock=clock, migrate=False)
    pictures = {"bike.jpg": photo(exif=True)}
    files = (article(picture="bike.jpg"), lesson(), lesson("sample", sample=True))
    await put_content(built.store, clock, *files, pictures=pictures)
    yield built
    await built.close()


@pytest.fixture
async def browser(app: App) -> AsyncIterator[aiohttp.ClientSession]:
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(address, headers={"Accept-Language": "zh-CN"}) as session:
        yield session
    await runner.cleanup()


async def read(
    browser: aiohttp.ClientSession, path: str, status: int = 200, language: str = "zh-CN"
) -> str:
    async with browser.get(path, headers={"Accept-Language": language}) as answer:
        assert answer.status == status
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        return await answer.text()


async def test_an_article_has_a_page_in_each_language_with_lists_links_and_its_source(
    browser: aiohttp.ClientSession,
) -> None:
    page = await read(browser, "/a/parking")
    for html in (
        "<h1>冬天怎么停车</h1>",
        "把车停在<strong>避风</strong>的地方。",
        "<ol><li>先断电</li><li>再锁车</li></ol>",
        'href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer"',
        'href="tel:12351"',
        "来源：示例支行",
        'href="/?start=a-parking"',
    ):
        assert html in page
    assert "Park out of the wind." in await read(browser, "/a/parking", language="en")
    outside = Outside()
    outside.feed(page)


async def test_a_lesson_has_its_cards_on_one_page_and_its_questions_in_the_chat_only(
    browser: aiohttp.ClientSession,
) -> None:
    page = await read(browser, "/a/gloves")
    assert page.count("<section>") == 3
    assert "聊天里还有3道题" in page
    assert "雪搓" not in page


async def test_a_picture_is_served_from_here_without_metadata(
    browser: aiohttp.ClientSession, app: App
) -> None:
    async with app.store.reading() as db:
        name = await db.scalar(select(ContentPictureRow.name))
    assert f'src="/a/pictures/{name}"' in await read(browser, "/a/parking")
    async with browser.get(f"/a/pictures/{name}") as answer:
        assert answer.content_type == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        data = await answer.read()
    assert b"SECRETCAMERA" not in data
    with Image.open(BytesIO(data)) as opened:
        assert opened.size == (30, 40)
    await read(browser, "/a/pictures/other.jpg", 404)


async def test_text_is_escaped_even_if_it_reached_the_database(
    browser: aiohttp.ClientSession, app: App
) -> None:
    bad = "<script>alert(1)</script> 好"
    async with app.store.writing() as db:
        await db.execute(update(ContentRow).values(title=bad, source=bad))
    page = await read(browser, "/a/parking")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 好" in page


async def test_expired_content_and_samples_have_no_page_and_overdue_content_says_so(
    browser: aiohttp.ClientSession, app: App, clock: ManualClock
) -> None:
    await read(browser, "/a/sample", 404)
    await read(browser, "/a/nothing", 404)
    files = article(review="2026-11-01", valid_until="2026-11-23")
    await put_content(app.store, clock, files)
    assert "过了复核日期" in await read(browser, "/a/parking")
    clock.forward(days=1)
    assert "已经下架" in await read(browser, "/a/parking", 404)
