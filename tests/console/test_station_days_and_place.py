"""Days that differ from the usual hours, listed, added and removed; a station that is moved."""

import re

from playwright.async_api import Browser, expect

from bot.console.parts import Parts
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.console.test_stations import confirmed, version
from tests.support.console import PHONE, ConsoleServer, add_operator, fits, signed_in, text_of
from tests.support.console_stations import HOHHOT, add_stations

SHORT = {
    "does": "days",
    "first": "2026-12-01",
    "last": "2026-12-05",
    "hours": "9点到12点",
    "reason": "盘点",
}
MOVE = {"does": "move", "place": "111.706712,40.802585", "datum": "gcj02"}


async def test_other_hours_for_some_days_are_added_and_removed(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        assert "近期没有" in text_of(await client.get("/stations/H1"))
        page, form = await confirmed(client, "H1", SHORT)
        assert "12月1日到12月5日：每天 09:00–12:00 盘点" in text_of(page)
        done = await client.sends("/stations/H1/save", form)
        assert "12月1日到12月5日：每天 09:00–12:00 盘点" in text_of(done)
        assert "近期没有" not in text_of(done)
        longer = {**SHORT, "hours": "10:00-14:00"}
        _, form = await confirmed(client, "H1", longer)
        done = await client.sends("/stations/H1/save", form)
        assert "12月1日到12月5日：每天 10:00–14:00 盘点" in text_of(done)
        drop = {"does": "drop", "first": "2026-12-01", "last": "2026-12-05"}
        page, form = await confirmed(client, "H1", drop)
        told = text_of(page).partition("骑手将看到")[2].partition("今后14天")[0]
        assert told
        assert "12月1日" not in told
        assert "近期没有" in text_of(await client.sends("/stations/H1/save", form))
        page, form = await confirmed(client, "H1", drop)
        assert "本来就是这样" in text_of(await client.sends("/stations/H1/save", form))


async def test_days_that_cannot_be_are_refused_and_the_input_is_kept(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR)
    async with signed_in(console, editor) as client:
        for wrong in (
            {"hours": ""},
            {"hours": "看情况"},
            {"first": ""},
            {"first": "2026-12-06"},
            {"first": "2026-11-01", "last": "2026-11-02"},
            {"reason": "长" * 121},
        ):
            form = {**SHORT, **wrong}
            answer = await client.post("/stations/H1/preview", form)
            assert answer.status_code == 422, wrong
            for value in filter(None, form.values()):
                assert f'value="{value}"' in answer.text, (wrong, value)
            saved = await client.post("/stations/H1/save", {**form, "version": "0"})
            assert saved.status_code == 422, wrong


async def test_two_operators_who_change_the_days_of_one_station_lose_nothing(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR)
    async with signed_in(console, editor) as client:
        _, mine = await confirmed(client, "H1", SHORT)
        other = {**SHORT, "first": "2027-01-04", "last": "2027-01-04"}
        _, theirs = await confirmed(client, "H1", other)
        await client.sends("/stations/H1/save", mine)
        answer = await client.post("/stations/H1/save", theirs)
        assert answer.status_code == 409
        assert "09:00–12:00 盘点" in text_of(answer)
        done = text_of(
            await client.sends("/stations/H1/save", {**theirs, "version": version(answer)})
        )
        assert "12月1日到12月5日" in done
        assert "1月4日" in done


async def test_a_move_shows_the_metres_and_both_places_on_maps_before_it_is_saved(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        page, form = await confirmed(client, "H1", MOVE)
        metres = re.search(r"移动(\d+)米", text_of(page))
        assert metres is not None
        assert 0 < int(metres[1]) < 500
        before, after = re.findall(r"uri\.amap\.com/marker\?position=([\d.]+,[\d.]+)&", page.text)
        assert after == "111.706712,40.802585"
        assert before != after
        assert page.text.count("<circle") == 2
        await client.sends("/stations/H1/save", form)
        assert after in (await client.get("/stations/H1")).text


async def test_coordinates_are_read_in_either_order_and_refused_where_they_are_none(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR)
    async with signed_in(console, editor) as client:
        for place in ("40.802585 111.706712", "纬度40.802585，经度111.706712"):
            page = await client.post("/stations/H1/preview", {**MOVE, "place": place})
            assert "position=111.706712,40.802585" in page.text
        for wrong in (
            {"place": ""},
            {"place": "111.7"},
            {"place": "新华大街1号门口"},
            {"place": "0,0"},
            {"place": "999,999"},
            {"place": "-0.1276,51.5072"},
            {"datum": "moon"},
        ):
            answer = await client.post("/stations/H1/preview", {**MOVE, **wrong})
            assert answer.status_code == 422, wrong


async def test_days_and_place_are_changed_on_a_phone(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    await add_stations(server.console.store, clock)
    editor = await add_operator(server.console.store, clock, Role.EDITOR, [HOHHOT])
    async with server.browser_of(chromium, editor, viewport=PHONE) as page:
        await page.goto("/stations/H1")
        await page.get_by_text("某几天改时间").click()
        await page.fill("#exceptions input[name=hours]", "9点到12点")
        await page.locator("#exceptions details button").click()
        assert await fits(page) == []
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator("#exceptions .days li")).to_have_count(1)
        await page.get_by_role("button", name="取消：").click()
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator("#exceptions")).to_contain_text("近期没有")
        await page.get_by_text("改位置").click()
        await page.fill("#move input[name=place]", "111.706712,40.802585")
        await page.locator("#move button").click()
        await expect(page.locator("#move .dot.new")).to_be_visible()
        assert await fits(page) == []
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("status")).to_be_visible()
