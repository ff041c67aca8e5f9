"""The location in the chat page: from the device, from the map, and stations drawn on it."""

import pytest
from playwright.async_api import Page, expect

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


async def test_denied_the_courier_chooses_a_city_and_then_a_district(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await page.get_by_role("button", name="发送我的位置").click()
    await expect(page.locator("#sheet-note")).to_contain_text("没拿到定位权限")
    await expect(page.locator("#map .outline")).to_have_count(12)
    await expect(page.locator("#sheet-confirm")).to_be_disabled()
    choices = page.locator("#sheet-places button")
    await expect(choices).to_have_count(12)
    await choices.filter(has_text="呼和浩特市").click()
    await expect(choices).to_have_count(1 + 9)
    await choices.filter(has_text="全部盟市").click()
    await choices.filter(has_text="乌兰察布市").click()
    await choices.filter(has_text="四子王旗").click()
    await expect(page.locator("#sheet-point")).to_have_text(
        "已选：乌兰察布市四子王旗，从城区中心找起。"
    )
    await page.locator("#sheet-confirm").click()
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(page.locator(".mine p")).to_have_text("乌兰察布市四子王旗")
    await expect(page.get_by_text("按了 near.place:150929")).to_be_visible()
    assert contents(server)[1:] == [Press("near.place:150929")]


@pytest.mark.parametrize("at", ["name", "dot"])
@pytest.mark.parametrize("screen", [(390, 844), (320, 568), (1280, 800)])
async def test_a_tapped_label_is_that_town(
    server: ChatServer, visit: Visit, screen: tuple[int, int], at: str
) -> None:
    page = await visit(viewport={"width": screen[0], "height": screen[1]})
    await page.click("#choose")
    label = page.locator("#map .city", has_text="呼和浩特")
    await expect(label).to_be_attached()
    await page.evaluate("sheet.scrollTo(0, sheet.scrollHeight)")  # on a small screen
    dot = await label.bounding_box()
    name = await label.locator("span").bounding_box()
    assert dot is not None
    assert name is not None
    if at == "dot":
        await page.mouse.click(dot["x"], dot["y"])
    else:
        await page.mouse.click(name["x"] + name["width"] / 2, name["y"] + name["height"] / 2)
    await expect(page.locator("#sheet-point")).to_contain_text("已选：呼和浩特市，")
    await page.locator("#sheet-confirm").click()
    await expect(page.get_by_text("按了 near.place:150100")).to_be_visible()


async def test_a_point_is_named_by_its_nearest_place_and_never_by_degrees(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await page.click("#choose")
    await page.locator("#sheet-places button", has_text="乌兰察布市").click()
    town = await page.locator("#map .town", has_text="四子王").bounding_box()
    assert town is not None
    await page.mouse.click(town["x"] + 10, town["y"] - 60)
    said = page.locator("#sheet-point")
    await expect(said).to_contain_text("已选：四子王旗附近，离那儿约")
    assert "°" not in await said.inner_text()
    await page.locator("#sheet-confirm").click()
    await expect(page.locator(".mine p")).to_have_text("四子王旗附近")
    point = contents(server)[1].point
    assert 41.53 < point.lat < 43
    assert abs(point.lon - 111.7) < 0.5


async def test_the_map_cannot_leave_the_region(visit: Visit) -> None:
    page = await visit()
    await page.click("#choose")
    await expect(page.locator("#map .city").first).to_be_attached()
    for _ in range(5):  # the middle of the whole region lies in another country
        await page.locator(".leaflet-control-zoom-in").click()
        assert await seats_in_sight(page) > 0
    await page.focus("#map")
    for key in ("ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"):
        for _ in range(12):
            await page.keyboard.press(key)
        assert await seats_in_sight(page) > 0, key


async def test_a_tap_outside_the_region_is_not_taken(visit: Visit) -> None:
    page = await visit()
    await page.click("#choose")
    first = await page.locator("#map .city", has_text="锡林郭勒").bounding_box()
    assert first is not None
    await page.mouse.click(first["x"] - 60, first["y"] - 90)
    await expect(page.locator("#sheet-point")).to_have_text("这里不在内蒙古，换个地方点。")
    await expect(page.locator("#sheet-confirm")).to_be_disabled()


async def test_the_map_is_usable_by_keyboard_and_escape_sends_nothing(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await page.get_by_role("button", name="地图选点").press("Enter")
    await expect(page.get_by_role("button", name="呼和浩特市")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#sheet")).to_be_hidden()
    await expect(page.get_by_role("button", name="地图选点")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="呼和浩特市")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="新城区")).to_be_focused()
    await page.focus("#map")
    await page.keyboard.press("Enter")  # the cross in the middle
    await expect(page.locator("#sheet-confirm")).to_be_enabled()
    await page.locator("#sheet-confirm").press("Enter")
    await expect(page.locator(".theirs")).to_have_count(2)
    assert len(contents(server)) == 2


async def seats_in_sight(page: Page) -> int:
    """How many towns, named or not, lie within the visible map or just beside it."""
    count: int = await page.evaluate(
        """() => {
          const seen = document.getElementById("map").getBoundingClientRect();
          return [...document.querySelectorAll("#map .town")].filter((town) => {
            const {x, y} = town.getBoundingClientRect();
            return x > seen.left - 400 && x < seen.right + 400
              && y > seen.top - 400 && y < seen.bottom + 400;
          }).length;
        }"""
    )
    return count
