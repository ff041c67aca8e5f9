"""The map of a league: dots that lead to stations, and to a closer map where several are near."""

import re

from playwright.async_api import Browser, expect

from bot.console.parts import Parts
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import PHONE, ConsoleServer, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, add_far_station, add_stations

MAP = "/stations/-/map"


async def test_a_league_is_shown_to_its_operators_only(console: Parts, clock: ManualClock) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        page = await client.get(MAP)
        assert "这里有2个驿站" in text_of(page)
        assert "新城区爱心驿站" in page.text
        assert "昆都仑" not in page.text
        assert (await client.get(MAP, league=BAOTOU)).status_code == 403
        for wrong in (
            {"league": "110000"},
            {"closer": "9", "at": "111.7,40.8"},
            {"closer": "1", "at": "111.7"},
            {"closer": "1", "at": "nan,40.8"},
        ):
            assert (await client.get(MAP, **wrong)).status_code == 404, wrong


async def test_stations_near_each_other_are_one_dot_until_the_map_is_close_enough(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    await add_far_station(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        page = await client.get(MAP)
        assert re.findall(r'<a href="/stations/(\w+)"', page.text) == ["F1"]
        steps = 0
        while found := re.search(rf'<a href="({re.escape(MAP)}\?[^"]+)"', page.text):
            page = await client.get(found[1].replace("&amp;", "&"))
            steps += 1
        assert steps == 5  # both are at one place: at last the dot leads to the first
        assert re.findall(r'<a href="/stations/(\w+)"', page.text) == ["H1"]
        assert "整个盟市" in text_of(page)


async def test_a_dot_opens_its_station_on_a_phone(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    await add_stations(server.console.store, clock)
    await add_far_station(server.console.store, clock)
    editor = await add_operator(server.console.store, clock, Role.EDITOR, [HOHHOT])
    async with server.browser_of(chromium, editor, viewport=PHONE) as page:
        await page.goto("/stations")
        await page.get_by_role("link", name="地图", exact=True).click()
        await page.get_by_role("link", name="远处的驿站").click()
        await expect(page.locator("h1")).to_have_text("远处的驿站")
