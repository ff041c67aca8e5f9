"""The public pages over real HTTP: files behind links, and the check of a number."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from icalendar import Calendar
from sqlalchemy import insert

from bot.app.bootstrap import App, build
from bot.common.clock import CHINA
from bot.common.rate_limit import Buckets
from bot.config.settings import read_settings
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.certificates import (
    NETWORK_LIMIT,
    issue,
    lookup_counters,
    verify,
    withdraw,
)
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.trainings import RegistrationRow
from tests.conftest import ManualClock
from tests.support.pdf import text_of
from tests.support.trainings import create_couriers, create_training

KEYS = "1:" + "A" * 43 + "="


@pytest.fixture
async def app(sqlite_url: str, clock: ManualClock) -> AsyncIterator[App]:
    """One service with a public address."""
    settings = read_settings(
        {
            "YIZHAN_DATABASE_URL": sqlite_url,
            "YIZHAN_SECRET_KEYS": KEYS,
            "YIZHAN_PUBLIC_URL": "https://b.example",
            "YIZHAN_CERTIFICATE_ISSUER": "呼和浩特市总工会",
        }
    )
    built = await build(settings, clock=clock, migrate=False)
    yield built
    await built.close()


@pytest.fixture
async def home(app: App) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that speaks Chinese."""
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    headers = {"Accept-Language": "zh-CN,zh;q=0.9"}
    async with aiohttp.ClientSession(address, headers=headers) as session:
        yield session
    await runner.cleanup()


async def attend(store: Store, clock: ManualClock, name: str = "王建国") -> tuple[int, int]:
    """A session and a courier who was there; both ids."""
    async with store.writing() as db:
        session = await create_training(db, clock() + timedelta(days=1), now=clock())
        (courier,) = await create_couriers(db, 1, clock())
        if name:
            profiles = Profiles(parse_keys(KEYS))
            await profiles.remember(db, courier, name, "13800000000", clock(), "web")
        await db.execute(
            insert(RegistrationRow).values(
                training_id=session,
                courier_id=courier,
                status=RegistrationStatus.SEAT,
                attended_at=clock(),
                created_at=clock(),
                updated_at=clock(),
            )
        )
    return session, courier


class Outside(HTMLParser):
    """Collects whatever a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [
            value or "" for name, value in attrs if name in {"src", "href", "action", "srcset"}
        ]


async def test_a_certificate_is_checked_by_anybody_and_shows_a_masked_name(
    app: App, home: aiohttp.ClientSession, clock: ManualClock
) -> None:
    session, courier = await attend(app.store, clock)
    async with app.store.writing() as db:
        issued = await issue(db, parse_keys(KEYS), courier, session, "王建国", clock())
    for path in (f"/verify/{issued.number}", f"/verify?number={issued.number.lower()}"):
        async with home.get(path) as answer:
            page = await answer.text()
            assert answer.status == 200
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"
        for words in ("真实有效", "王*", "冬季骑行安全", issued.number):
            assert words in page
        assert "王建国" not in page
        outside = Outside()
        outside.feed(page)
        assert all(one.startswith("/") and not one.startswith("//") for one in outside.loaded)
        assert "/pages/page.css" in outside.loaded
    async with home.get("/pages/page.css") as answer:
        assert answer.status == 200
        assert "url(" not in await answer.text()


async def test_a_withdrawn_certificate_reads_as_withdrawn_and_names_nobody(
    app: App, home: aiohttp.ClientSession, clock: ManualClock
) -> None:
    session, courier = await attend(app.store, clock)
    async with app.store.writing() as db:
        issued = await issue(db, parse_keys(KEYS), courier, session, "王建国", clock())
    async with app.store.writing() as db:
        assert await withdraw(db, Seating(timedelta()), session, issued.id, clock())
    async with home.get(f"/verify/{issued.number}") as answer:
        page = await answer.text()
        assert answer.status == 410
    day = clock().astimezone(CHINA).date().isoformat()
    for words in ("已撤销", issued.number, day):
        assert words in page
    for words in ("查无此证", "真实有效", "王*", "冬季骑行安全"):
        assert words not in page


async def test_a_number_that_is_none_is_said_and_never_becomes_markup(
    home: aiohttp.ClientSession,
) -> None:
    async with home.get("/verify") as answer:
        assert answer.status == 200
    async with home.get("/verify/DJT-2026-000000") as answer:
        assert answer.status == 404
        assert "DJT-2026-000000" in await answer.text()
    async with home.get("/verify", params={"number": '"><script>alert(1)</script>'}) as answer:
        page = await answer.text()
        assert answer.status == 404
        assert "<script" not in page
        assert "&lt;script&gt;" in page


async def test_numbers_guessed_on_the_page_are_refused_for_an_hour(
    app: App, home: aiohttp.ClientSession, clock: ManualClock
) -> None:
    """By whatever address of the same network, and genuine ones too."""
    session, courier = await attend(app.store, clock)
    async with app.store.writing() as db:
        issued = await issue(db, parse_keys(KEYS), courier, session, "王建国", clock())
        charged = lookup_counters(parse_keys(KEYS), network="127.0.0.1")
        for at in range(NETWORK_LIMIT.most):
            assert await verify(db, parse_keys(KEYS), f"DJT-2026-{at:06}", charged, clock()) is None
    async with home.get(f"/verify/{issued.number}") as answer:
        assert answer.status == 429
        assert "一小时" in await answer.text()
    clock.forward(minutes=60)
    async with home.get(f"/verify/{issued.number}") as answer:
        assert answer.status == 200


async def test_a_calendar_link_gives_the_session_as_it_is_and_ends_after_a_day(
    app: App, home: aiohttp.ClientSession, clock: ManualClock
) -> None:
    session, _ = await attend(app.store, clock)
    t = app.languages.of("zh_CN", None)
    async with app.store.reading() as db:
        document = await app.files.calendar(db, session, t, clock())
    assert document is not None
    path = document.link.url.removeprefix("https://b.example")
    async with home.get(path) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.content_disposition is not None
        assert answer.content_disposition.filename == document.name
        assert re.fullmatch("培训-\\d+月\\d+日.ics", document.name)
        data = await answer.read()
    assert data == document.content
    (event,) = Calendar.from_ical(data).events
    assert event["summary"] == "冬季骑行安全"
    async with home.get(f"{path}x") as answer:
        assert answer.status == 404
    clock.forward(days=1, minutes=1)
    async with home.get(path) as answer:
        assert answer.status == 410
        assert "链接" in await answer.text()


async def test_a_certificate_is_fetched_by_its_link(
    app: App,
    home: aiohttp.ClientSession,
    clock: ManualClock,
    tmp_path: Path,
) -> None:
    session, courier = await attend(app.store, clock)
    t = app.languages.of("zh_CN", None)
    async with app.store.writing() as db:
        document = await app.files.issue(db, courier, session, t, clock())
    assert "王" not in document.link.url + document.name
    async with home.get(document.link.url.removeprefix("https://b.example")) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/pdf"
        pdf = await answer.read()
    said = text_of(pdf, tmp_path)
    assert "王建国" in said
    assert "呼和浩特市总工会" in said
    forged = app.files.links.link("certificate", 999, clock())
    async with home.get(forged.removeprefix("https://b.example")) as answer:
        assert answer.status == 404


async def test_without_a_name_or_a_glyph_nothing_is_printed(
    app: App, home: aiohttp.ClientSession, clock: ManualClock
) -> None:
    session, courier = await attend(app.store, clock, name="")
    t = app.languages.of("zh_CN", None)
    async with app.store.writing() as db:
        with pytest.raises(TrainingRefused) as refused:
            await app.files.issue(db, courier, session, t, clock())
        assert refused.value.reason is TrainingRefusal.NO_NAME
        issued = await issue(db, parse_keys(KEYS), courier, session, "王𬭸", clock())
    link = app.files.links.link("certificate", issued.id, clock())
    async with home.get(link.removeprefix("https://b.example")) as answer:
        assert answer.status == 422
        assert "𬭸" in await answer.text()


def test_one_client_is_slowed_down_and_others_are_not() -> None:
    now = [0.0]
    buckets = Buckets(3, 0.5, lambda: now[0], remembered=2)
    assert [buckets.of("a").take() for _ in range(5)] == [True, True, True, False, False]
    assert buckets.of("b").take()
    now[0] = 2.0
    assert [buckets.of("a").take() for _ in range(2)] == [True, False]
    assert buckets.of("c").take()
    assert buckets.of("d").take()
    assert [buckets.of("d").take() for _ in range(3)] == [True, True, False]


async def test_too_many_requests_are_answered_with_429(
    app: App, home: aiohttp.ClientSession
) -> None:
    statuses = []
    for _ in range(40):
        async with home.get("/verify/DJT-2026-000000") as answer:
            statuses.append(answer.status)
    assert statuses[0] == 404
    assert statuses[-1] == 429
