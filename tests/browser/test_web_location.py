"""The location in the chat page: from the device, from the map, and stations drawn on it."""

import pytest
from playwright.async_api import expect

from bot.conversation.events import Location, Press
from bot.geo.point import Point
from tests.browser.chat_page import ChatServer, Visit, contents, type_and_send

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_the_device_location_is_sent_when_allowed(server: ChatServer, visit: Visit) -> None:
    place = {"latitude": 40.833, "longitude": 111.696}
    page = await visit(permissions=["geolocation"], geolocation=place)
    await page.get_by_role("button", name="发送我的位置").click()
    await expect(page.get_by_text("收到 40.83,111.70")).to_be_visible()
    await expect(page.locator(".places-card .sketch")).to_have_attribute(
        "aria-label", "方位示意图，上北下南：1 示例·新城区爱心驿站"
    )
    assert contents(server)[1] == Location(Point(40.833, 111.696))
    link = page.locator(".link")
    assert [await link.nth(n).get_attribute("href") for n in range(await link.count())] == [
        "https://example.org/go"
    ]
    await page.get_by_role("button", name="放大看图").click()
    await expect(page.locator("#map .station")).to_be_visible()
    await expect(page.locator("#sheet-list")).to_contain_text("迎宾北路 12 号")


async def test_every_station_is_drawn_with_its_number_and_a_tap_opens_it(
    server: ChatServer, visit: Visit
) -> None:
    here = {"latitude": 39.81, "longitude": 109.99}
    page = await visit(permissions=["geolocation"], geolocation=here)
    await page.click("#locate")
    await expect(page.get_by_text("收到 39.81")).to_be_visible()
    await type_and_send(page, "东胜")
    sketch = page.locator(".places-card .sketch").last
    await expect(sketch.locator(".number")).to_have_text(["6", "5", "4"])  # the best lies on top
    await expect(sketch.locator(".me")).to_have_count(1)
    await expect(sketch.get_by_text("北", exact=True)).to_have_count(1)
    await expect(sketch.locator(".start")).to_contain_text("公里")
    four, five = [await sketch.locator(".pin").nth(at).bounding_box() for at in (2, 1)]
    assert four is not None
    assert five is not None
    apart = abs(four["x"] - five["x"]) >= 20 or abs(four["y"] - five["y"]) >= 20
    assert apart, "two stations 140 m apart, and one hides the other"
    await sketch.locator(".pin").last.click()
    await expect(page.get_by_text("按了 card:4")).to_be_visible()
    await page.get_by_role("button", name="放大看图").last.click()
    await expect(page.locator("#map .station")).to_have_text(["4", "5", "6"])
    await expect(page.locator(".leaflet-control-scale")).to_contain_text("里")
    await page.get_by_role("button", name="示例·六站").click()
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(page.get_by_text("按了 card:6")).to_be_visible()
    assert contents(server)[-2:] == [Press("card:4"), Press("card:6")]


async def test_who_asks_about_a_far_town_is_not_drawn_beside_it(visit: Visit) -> None:
    here = {"latitude": 49.2, "longitude": 119.8}
    page = await visit(permissions=["geolocation"], geolocation=here)
    await page.click("#locate")
    await expect(page.get_by_text("收到 49.20")).to_be_visible()
    await type_and_send(page, "东胜")
    sketch = page.locator(".places-card .sketch").last
    await expect(sketch.locator(".number")).to_have_count(3)
    await expect(sketch.locator(".me")).to_have_count(0)


async def test_one_button_sends_the_location_and_stays_on_one_line(visit: Visit) -> None:
    page = await visit(viewport={"width": 320, "height": 568})
    assert await page.get_by_role("button", name="位置").all_inner_texts() == ["发送我的位置"]
    label = page.locator("#locate span")
    line = await label.evaluate("node => parseFloat(getComputedStyle(node).lineHeight)")
    box = await label.bounding_box()
    assert box is not None
    assert box["height"] < 1.5 * line


async def test_denied_the_map_opens_and_a_tap_is_sent(server: ChatServer, visit: Visit) -> None:
    page = await visit()
    await page.get_by_role("button", name="发送我的位置").click()
    await expect(page.locator("#sheet-note")).to_contain_text("没有拿到手机定位权限")
    await expect(page.locator("#map .outline")).to_have_count(12)
    await expect(page.locator("#sheet-confirm")).to_be_disabled()
    box = await page.locator("#map .city", has_text="呼和浩特").bounding_box()
    assert box is not None
    await page.mouse.click(box["x"], box["y"])
    await page.locator("#sheet-confirm").click()
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(page.get_by_text("收到 40")).to_be_visible()
    point = contents(server)[1].point
    assert abs(point.lat - 40.81) < 0.3
    assert abs(point.lon - 111.65) < 0.3


async def test_the_map_is_usable_by_keyboard_and_escape_sends_nothing(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await page.get_by_role("button", name="地图选点").press("Enter")
    await expect(page.locator("#map")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(page.get_by_role("button", name="地图选点")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#map")).to_be_focused()
    await page.keyboard.press("Enter")  # the cross in the middle
    await expect(page.locator("#sheet-confirm")).to_be_enabled()
    await page.locator("#sheet-confirm").press("Enter")
    await expect(page.get_by_text("收到 4")).to_be_visible()
    assert len(contents(server)) == 2
