"""One station's week as a bar, its next days as a calendar, switches, and what couriers read."""

import re
from datetime import date

import httpx
from playwright.async_api import Browser, expect
from sqlalchemy import select

from bot.common.i18n import load_languages
from bot.console.pages.week_bar import DayKind, calendar, spans, week_bar
from bot.console.parts import Parts
from bot.hours.calendar import Holidays
from bot.hours.opening import Change, Schedule
from bot.hours.weekly import parse
from bot.services.operators.roles import Operator, Role
from bot.store.models.stations import FacilityRow, FavouriteRow, StationRow
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
from tests.support.console_stations import HOHHOT, add_stations
from tests.support.trainings import create_couriers

T = load_languages().of("zh_CN", None)
MONDAY = date(2026, 11, 23)


async def setting(console: Parts, clock: ManualClock) -> Operator:
    await add_stations(console.store, clock)
    return await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])


def bars(answer: httpx.Response) -> list[list[tuple[int, int]]]:
    """By drawn day, minute and length of what is open."""
    drawn = re.findall(r'<svg class="daybar".*?</svg>', answer.text)
    found = [re.findall(r'class="open" x="(\d+)" width="(\d+)"', one) for one in drawn]
    return [[(int(at), int(length)) for at, length in one] for one in found]


async def shown(client: OperatorClient, form: dict[str, str]) -> httpx.Response:
    """The preview of a change of H1."""
    answer = await client.post("/stations/H1/preview", form)
    assert answer.status_code == 200, text_of(answer)
    return answer


def test_a_night_that_ends_in_the_morning_is_drawn_on_both_days() -> None:
    monday, tuesday = parse("Mo 18:00-26:00; Tu 09:00-12:00").week[:2]
    assert spans((), monday) == ((18 * 60, 6 * 60),)
    assert spans(monday, tuesday) == ((0, 120), (9 * 60, 3 * 60))


def test_the_week_marks_today_and_has_a_row_for_public_holidays() -> None:
    drawn = week_bar(T, parse("Mo-Fr 09:00-17:00; PH off"), MONDAY, marked=True)
    assert [one.name for one in drawn][-2:] == ["周日", "法定节假日"]
    assert [one.is_today for one in drawn] == [True] + [False] * 7
    assert [one.times for one in drawn[:6:5]] == ["09:00–17:00", "休息"]
    assert week_bar(T, None, MONDAY, marked=True) == ()


def test_the_calendar_tells_closed_changed_and_holiday_days_from_usual_ones() -> None:
    schedule = Schedule(
        parse("Mo-Su 09:00-17:00"),
        (
            Change(date(2026, 9, 30), date(2026, 9, 30), None, "盘点"),
            Change(date(2026, 10, 9), date(2026, 10, 9), parse("Mo-Su 10:00-12:00")),
        ),
    )
    days = calendar(T, schedule, Holidays.from_csv(), date(2026, 9, 29), "不详")
    assert len(days) == 14
    kinds = {one.day: one.kind for one in days}
    assert kinds[date(2026, 9, 29)] is DayKind.USUAL
    assert kinds[date(2026, 9, 30)] is DayKind.CLOSED
    assert kinds[date(2026, 10, 1)] is DayKind.HOLIDAY
    assert kinds[date(2026, 10, 9)] is DayKind.CHANGED
    assert (days[1].times, days[1].reason) == ("休息", "盘点")
    unknown = calendar(T, Schedule(None), Holidays({}), MONDAY, "不详")
    assert {one.times for one in unknown} == {"不详"}


async def test_the_page_draws_the_week_and_says_it_in_words(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        page = await client.get("/stations/H1")
    week, days = bars(page)[:7], bars(page)[7:]
    assert week == [[(540, 480)]] * 5 + [[]] * 2
    assert len(days) == 14
    assert page.text.count('aria-current="date"') == 2  # in the week and in the calendar
    assert "周一 今天 09:00–17:00" in text_of(page)
    assert "style=" not in page.text


async def test_a_closure_of_one_day_names_that_day_once_everywhere(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    close = {"does": "close", "first": "2026-11-27", "last": "2026-11-27", "reason": "盘点"}
    async with signed_in(console, editor) as client:
        preview = await shown(client, close)
        assert "11月27日：休息 盘点" in text_of(preview)
        version = re.search(r'name="version" value="(\d+)"', preview.text)
        assert version is not None
        done = await client.sends("/stations/H1/save", {**close, "version": version[1]})
    for page in (preview, done):
        assert "11月27日到" not in text_of(page)
    assert re.search(r'<li class="shut"><a href="/stations/H1\?day=2026-11-27#close"', done.text)
    assert "11月27日 周五：休息 盘点" in text_of(done)


async def test_a_day_of_the_calendar_fills_the_form_that_closes(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        page = await client.get("/stations/H1", day="2026-11-29")
        assert page.text.count('name="first" value="2026-11-29"') == 2
        assert page.text.count('name="last" value="2026-11-29"') == 2
        odd = await client.get("/stations/H1", day='"><script>')
        assert odd.status_code == 200
        assert '"><script>' not in odd.text


async def test_switches_add_and_remove_facilities_and_couriers_text_is_shown_before(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    switched = {
        "does": "facilities",
        "was:water": "broken", "water": "broken",
        "was:toilet": "none", "toilet": "ok", "has": "toilet",
    }  # fmt: skip
    async with signed_in(console, editor) as client:
        page = await client.get("/stations/H1")
        on = re.findall(r'role="switch" name="has" value="(\w+)" checked', page.text)
        assert on == ["water"]
        preview = await shown(client, switched)
        assert "<ins>设施：厕所</ins>" in preview.text
        version = re.search(r'name="version" value="(\d+)"', preview.text)
        assert version is not None
        await client.sends("/stations/H1/save", {**switched, "version": version[1]})
    async with console.store.reading() as db:
        has = select(FacilityRow.code, FacilityRow.state).join(StationRow)
        rows = await db.execute(has.where(StationRow.code == "H1"))
        assert [tuple(one) for one in rows] == [("toilet", "ok")]


async def test_who_keeps_it_is_counted_and_their_notice_is_shown_before(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    async with console.store.writing() as db:
        station = await db.scalar(select(StationRow.id).where(StationRow.code == "H1"))
        for courier in await create_couriers(db, 2, clock()):
            db.add(FavouriteRow(courier_id=courier, station_id=station, added_at=clock()))
    async with signed_in(console, editor) as client:
        assert "2名骑手收藏" in text_of(await client.get("/stations/H1"))
        hours = {"does": "fields", "was:hours": "周一至周五 09:00–17:00", "hours": "10:00-16:00"}
        said = text_of(await shown(client, hours))
        assert "你收藏的新城区爱心驿站" in said
        assert "每天 10:00–16:00" in said
        assert "时间：每天 10:00–16:00" in said
        moved = {"does": "move", "place": "111.70,40.85", "datum": "gcj02"}
        said = text_of(await shown(client, moved))
        assert "高德或腾讯地图的坐标" in said
        assert "gcj02" not in said
        assert "wgs84" not in said


async def test_a_day_is_closed_from_the_calendar_on_a_phone(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    editor = await setting(server.console, clock)
    async with server.browser_of(chromium, editor, viewport=PHONE) as page:
        await page.goto("/stations/H1")
        assert await fits(page) == []
        bar = page.locator(".weekbar .daybar .open").first
        box = await bar.bounding_box()
        assert box is not None
        assert box["width"] > 20
        await page.locator('.fortnight a[href*="2026-11-25"]').click()
        form = page.locator("#close form").first
        await form.get_by_role("button").click()
        await expect(page.locator("ins", has_text="11月25日：休息")).to_be_visible()
        assert await fits(page) == []
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator(".fortnight .shut")).to_have_count(1)
        await page.get_by_text("修改设施").click()
        assert await fits(page) == []
        switch = page.get_by_role("switch", name="厕所")
        await switch.check()
        await expect(page.get_by_label("厕所的状态")).to_be_visible()
