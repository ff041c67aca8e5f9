"""The dashboard: figures as charts and tables, by league, as files, without what is small."""

import io
import json

import pytest
from playwright.async_api import Browser, expect
from python_calamine import CalamineWorkbook
from sqlalchemy import insert

from bot.console.parts import Parts
from bot.services.demo.stations import seed_demo
from bot.services.demo.week import tell_week
from bot.services.operators.roles import Role
from bot.services.overview.dashboard import stored
from bot.services.stations.demand import DemandOutcome
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support.console import (
    DESK,
    KEYS,
    PHONE,
    ConsoleServer,
    add_operator,
    fits,
    signed_in,
    text_of,
)
from tests.support.console_stations import (
    BAOTOU,
    HOHHOT,
    XSS,
    add_hostile_station,
    add_stations,
)
from tests.support.trainings import create_couriers

TABLES = (
    "searches", "couriers", "trips", "belief", "cards", "trainings", "delivery", "leagues",
    "freshness", "cells",
)  # fmt: skip
CHARTS = 8
PIXELS = """(place) => {
    const canvas = place.querySelector("canvas");
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 200) seen.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
    }
    return seen.size;
}"""
"""How many different colours were drawn: nothing drawn is none, axes alone very few."""


async def count(console: Parts) -> None:
    await stored.refresh(console.store, console.places, console.clock(), always=True)


async def tell(console: Parts) -> None:
    async with console.store.writing() as db:
        await seed_demo(db, console.clock())
    await tell_week(console.store, KEYS, console.places, console.clock())
    await count(console)


async def add_searches(console: Parts, league: str, couriers: int) -> None:
    async with console.store.writing() as db:
        rows = [
            {
                "courier_id": one, "at": console.clock(), "cell": "816:2233", "league": league,
                "outcome": DemandOutcome.FOUND, "wanted": "",
            }
            for one in await create_couriers(db, couriers, console.clock())
        ]  # fmt: skip
        await db.execute(insert(DemandRow), rows)


async def test_before_anything_was_counted_the_page_says_so(
    console: Parts, clock: ManualClock
) -> None:
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, reader) as client:
        assert "还没有统计数据" in text_of(await client.get("/dashboard"))
        assert (await client.get("/dashboard/searches.xlsx")).status_code == 404
        assert (await client.get("/dashboard/nothing.xlsx")).status_code == 404


async def test_numbers_stand_in_tables_and_small_ones_nowhere(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    await add_searches(console, HOHHOT, 12)
    await add_searches(console, BAOTOU, 3)
    await count(console)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        page = await client.get("/dashboard", days="30")
        said = text_of(page)
        assert "2026-11-23 15 0 0" in said
        assert "呼和浩特市 2 12 10 10 0 0" in said
        assert "包头市 1 &lt;5 &lt;5 &lt;5 0 0" in said
        charts = json.loads(page.text.split('id="charts">')[1].split("</script>")[0])
        assert charts["searches"]["series"][0]["values"][-1] == 15
        of_baotou = await client.get("/dashboard", league=BAOTOU)
        assert "2026-11-23 &lt;5 0 0" in text_of(of_baotou)
        assert " 3 0 0" not in text_of(of_baotou)


async def test_every_table_can_be_had_as_a_workbook_with_numbers(
    console: Parts, clock: ManualClock
) -> None:
    await tell(console)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        for name in TABLES:
            answer = await client.get(f"/dashboard/{name}.xlsx", days="7")
            assert answer.status_code == 200, name
            book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
            rows = book.get_sheet_by_index(0).to_python()
            assert len(rows) > 1, name
            assert any(isinstance(cell, float) for cell in rows[1]), name
        assert (
            "searches-region-7-20261123.xlsx"
            in (await client.get("/dashboard/searches.xlsx")).headers["content-disposition"]
        )


async def test_an_editor_sees_their_league_only_and_a_try_is_refused(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    await count(console)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        said = text_of(await client.get("/dashboard"))
        assert "呼和浩特市 2" in said
        assert "包头市" not in said
        for path in ("/dashboard", "/dashboard/leagues.xlsx"):
            assert (await client.get(path, league=BAOTOU)).status_code == 403
        # An unknown league is not the whole region by the back door.
        assert "包头市" not in text_of(await client.get("/dashboard", league="999999"))


async def test_markup_in_an_owner_is_a_text_in_table_and_chart(
    console: Parts, clock: ManualClock
) -> None:
    await add_hostile_station(console.store, clock)
    await count(console)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        page = await client.get("/dashboard")
        assert XSS[:40] not in page.text
        charts = json.loads(page.text.split('id="charts">')[1].split("</script>")[0])
        assert charts["freshness"]["labels"] == [XSS[:40]]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_charts_are_drawn_and_saved_as_png(
    chromium: Browser,
    server: ConsoleServer,
    clock: ManualClock,
    viewport: dict[str, int],
    *,
    dark: bool,
) -> None:
    await tell(server.console)
    operator = await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, operator, viewport=viewport, dark=dark) as page:
        await page.goto("/dashboard?days=7")
        drawn = page.locator(".chart canvas")
        await expect(drawn).to_have_count(CHARTS, timeout=20_000)
        for place in await page.locator(".chart").all():
            await page.wait_for_function(
                f"(place) => ({PIXELS})(place) > 10", arg=await place.element_handle()
            )
        assert await fits(page) == []
        assert await page.locator("#map svg path").count() == 12
        assert await page.locator("#map svg circle").count() > 20
        await page.locator(".chart").first.hover()  # the tooltip needs no style attribute
        for name in ("searches", "map"):
            async with page.expect_download() as saving:
                await page.locator(f"[data-png={name}]").click()
            saved = await (await saving.value).path()
            assert saved.read_bytes().startswith(b"\x89PNG")
            assert (await saving.value).suggested_filename == f"{name}.png"
        assert await page.locator("details.numbers[open]").count() == 0


async def test_without_javascript_the_tables_are_open(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    await tell(server.console)
    clock.forward(minutes=1)
    operator = await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, operator, javascript=False) as page:
        await page.goto("/dashboard")
        await expect(page.locator("#searches tbody tr")).to_have_count(7)
        await expect(page.locator("#searches tbody tr").first).to_be_visible()
        await expect(page.locator(".chart").first).to_be_hidden()
