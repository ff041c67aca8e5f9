"""The chat page in a real browser, as a courier uses it: by thumb, by keyboard, with a bad network.

No request may leave this machine's own server: every test ends by checking all that were made.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.channels.web import WebChat
from bot.channels.web.channel import ABILITIES
from bot.common.clock import system_clock
from bot.conversation.degrade import Phrases, degrade
from bot.conversation.events import Arrival, Event, Location, Press, Text
from bot.conversation.replies import (
    Answer,
    AskLocation,
    Button,
    Buttons,
    Document,
    Link,
    Pin,
    Reply,
    Say,
    Then,
)
from bot.geo.point import Point
from tests.support.fakes.web import ScriptedTurn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
PIN = Pin(
    Point(40.8312, 111.708),
    "示例·新城区爱心驿站",
    "迎宾北路 12 号",
    "示例·新城区爱心驿站\n开到 17:00,到了还能歇 38 分钟",
    (Link("导航", "https://example.org/go"), Link("坏", "javascript:alert(1)")),
)


TOWNS = (("四", 39.80, 109.98, 4), ("五", 39.801, 109.981, 5), ("六", 39.78, 110.02, 6))
PLACES = tuple(
    Pin(
        Point(lat, lon),
        f"示例·{name}站",
        "某路 1 号",
        f"{number}. 示例·{name}站",
        mark=str(number),
        more=Button(f"第{number}家怎么进", f"card:{number}"),
    )
    for name, lat, lon, number in TOWNS
)


def script(event: Event) -> Answer:
    """A short conversation that shows every kind of part."""
    match event.content:
        case Arrival(code):
            reply = Reply(
                (
                    Say(f"你好,我是驿站小助手。{code}"),
                    AskLocation("发位置", {}),
                    Buttons(((Button("帮助", "help"),),), "你想做什么?"),
                )
            )
        case Location(point):
            near = Say(f"收到 {point.lat:.2f},{point.lon:.2f}")
            more = Buttons(((Button("有热水", "f:water"), Button("更多", "more")),), "还要什么?")
            reply = Reply((near, PIN, more), Then("stations.more"))
        case Press(action):
            file = Document("课程.ics", "text/calendar", b"BEGIN", Link("课程", "https://e.org/1"))
            reply = Reply((Say(f"按了 {action}"), file))
        case Text("东胜"):
            reply = Reply((Say("听到 东胜"), *PLACES))
        case Text(text):
            reply = Reply((Say(f"听到 {text}"),))
        case _:
            reply = Reply((Say("没看懂"),))
    return degrade(reply, ABILITIES, Phrases("请回复数字", "下略"))


@dataclass
class House:
    """A web chat on a port that it keeps when it is stopped and started again."""

    turn: ScriptedTurn
    port: int = 0
    runner: web.AppRunner | None = None
    chat: WebChat | None = None
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serves, as a new process would: nothing is remembered but what the turn stored."""
        chat = self.chat = WebChat(self.turn, system_clock)
        app = web.Application()
        app.add_routes(chat.routes())

        async def close(_: web.Application) -> None:
            await chat.close()

        app.on_shutdown.append(close)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)  # as if killed: no turn is awaited
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        """Closes the sockets and the port."""
        if self.runner is not None:
            await self.runner.cleanup()
        self.runner = None

    def watch(self, context: BrowserContext) -> None:
        """Records every request, and what the console complains of."""
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on(
            "page",
            lambda page: page.on("websocket", lambda socket: self.requested.append(socket.url)),
        )

    def _console(self, message: Any) -> None:
        # while the server is stopped, a refused connection is what we test
        if message.type in {"error", "warning"} and "ERR_CONNECTION_REFUSED" not in message.text:
            self.complaints.append(message.text)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        reason = "no Chromium: install one, or name it in CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def house() -> AsyncIterator[House]:
    opened = House(ScriptedTurn(script))
    await opened.start()
    yield opened
    await opened.stop()
    own = (opened.url, opened.url.replace("http", "ws"), f"blob:{opened.url}")
    assert opened.requested
    assert [url for url in opened.requested if not url.startswith(own)] == []
    assert opened.complaints == []


Visit = Callable[..., Any]


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, house: House) -> AsyncIterator[Visit]:
    """Opens the page as `visit(…)` on a phone in Chinese, or with other context options."""
    contexts: list[BrowserContext] = []

    async def open_page(path: str = "/", **options: Any) -> Page:
        context = await browser.new_context(
            **{"locale": "zh-CN", "viewport": PHONE, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        house.watch(context)
        page = await context.new_page()
        await page.goto(house.url + path)
        await expect(page.locator(".theirs").first).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        await context.close()


def contents(house: House) -> list[Any]:
    return [event.content for event in house.turn.taken]


async def type_and_send(page: Page, text: str) -> None:
    await page.fill("#words", text)
    await page.press("#words", "Enter")


async def test_a_conversation_by_keyboard_alone(house: House, visit: Visit) -> None:
    page = await visit()
    assert await page.evaluate("document.activeElement.id") in {"words", ""}
    for _ in range(3):  # to the link that skips the conversation
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.className") == "skip":
            await page.keyboard.press("Enter")
            break
    await page.focus("#words")
    await page.keyboard.type("东胜 充电")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("听到 东胜 充电")).to_be_visible()
    assert await page.evaluate("document.activeElement.id") == "words"
    for _ in range(8):  # back to the chip of the first answer
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent") == "帮助":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("按了 help")).to_be_visible()
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="下载 课程.ics").press("Enter")
    saved = await (await saving.value).path()
    assert saved.read_bytes() == b"BEGIN"
    assert contents(house) == [Arrival(), Text("东胜 充电"), Press("help")]


async def test_shift_enter_is_a_new_line_and_an_input_method_keeps_its_enter(
    house: House, visit: Visit
) -> None:
    page = await visit()
    await page.focus("#words")
    await page.keyboard.type("一")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("二")
    await page.evaluate(
        "words.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    assert await page.input_value("#words") == "一\n二"
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("听到 一")).to_be_visible()
    assert contents(house)[1:] == [Text("一\n二")]


async def test_the_device_location_is_sent_when_allowed(house: House, visit: Visit) -> None:
    place = {"latitude": 40.833, "longitude": 111.696}
    page = await visit(permissions=["geolocation"], geolocation=place)
    await page.get_by_role("button", name="发送我的位置").click()
    await expect(page.get_by_text("收到 40.83,111.70")).to_be_visible()
    await expect(page.locator(".places-card .sketch")).to_have_attribute(
        "aria-label", "方位示意图，上北下南：1 示例·新城区爱心驿站"
    )
    assert contents(house)[1] == Location(Point(40.833, 111.696))
    link = page.locator(".link")
    assert [await link.nth(n).get_attribute("href") for n in range(await link.count())] == [
        "https://example.org/go"
    ]
    await page.get_by_role("button", name="放大看图").click()
    await expect(page.locator("#map .station")).to_be_visible()
    await expect(page.locator("#sheet-list")).to_contain_text("迎宾北路 12 号")


async def test_every_station_is_drawn_with_its_number_and_a_tap_opens_it(
    house: House, visit: Visit
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
    assert contents(house)[-2:] == [Press("card:4"), Press("card:6")]


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


async def test_the_field_stays_above_a_keyboard_that_covers_the_page(visit: Visit) -> None:
    page = await visit()
    cover = """(height) => {
      Object.defineProperty(visualViewport, "height", {value: height, configurable: true});
      visualViewport.dispatchEvent(new Event("resize"));
      return document.getElementById("words").getBoundingClientRect().bottom;
    }"""
    assert await page.evaluate(cover, 430) <= 430
    assert await page.evaluate("document.body.style.height") == "430px"
    assert await page.evaluate(cover, PHONE["height"]) > 430


async def test_denied_the_map_opens_and_a_tap_is_sent(house: House, visit: Visit) -> None:
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
    point = contents(house)[1].point
    assert abs(point.lat - 40.81) < 0.3
    assert abs(point.lon - 111.65) < 0.3


async def test_the_map_is_usable_by_keyboard_and_escape_sends_nothing(
    house: House, visit: Visit
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
    assert len(contents(house)) == 2


async def test_after_a_restart_a_waiting_message_is_sent_once(house: House, visit: Visit) -> None:
    page = await visit()
    await house.stop()
    await expect(page.locator("#status")).to_contain_text("连接断了")
    await type_and_send(page, "还在吗")
    await type_and_send(page, "喂")
    await expect(page.locator("#status")).to_contain_text("2 条消息等待发送")
    await expect(page.locator(".fate").first).to_contain_text("等网络恢复后自动发送")
    await house.start()
    await expect(page.get_by_text("听到 喂")).to_be_visible(timeout=20_000)
    await expect(page.locator("#status")).to_have_text("已连接")
    assert await page.locator(".theirs").all_inner_texts() != []
    assert contents(house) == [Arrival(), Text("还在吗"), Text("喂")]
    await expect(page.locator(".theirs")).to_have_count(3)


async def test_an_answer_lost_on_its_way_is_fetched_and_the_deed_not_repeated(
    house: House, visit: Visit
) -> None:
    page = await visit()
    held = asyncio.Event()
    taken = house.turn

    async def hold(event: Event) -> Answer:
        answer = await taken(event)
        held.set()
        await asyncio.Event().wait()  # until the connection is cut
        return answer

    await house.stop()
    house.turn = hold  # type: ignore[assignment]
    await house.start()
    await type_and_send(page, "报名")
    await asyncio.wait_for(held.wait(), 20)
    house.turn = taken
    await house.stop()
    await house.start()
    await expect(page.get_by_text("听到 报名")).to_be_visible(timeout=20_000)
    assert contents(house) == [Arrival(), Text("报名")]
    await expect(page.locator(".theirs")).to_have_count(2)


async def test_a_reload_keeps_the_conversation_and_its_old_buttons(
    house: House, visit: Visit
) -> None:
    page = await visit("/?start=poster_7")
    await expect(page.get_by_text("我是驿站小助手。poster_7")).to_be_visible()
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    await page.get_by_role("button", name="帮助", exact=True).click()
    await expect(page.get_by_text("按了 help")).to_be_visible()
    assert contents(house) == [Arrival("poster_7"), Text("东胜"), Press("help")]
    assert len({event.sender for event in house.turn.taken}) == 1


async def test_a_notice_appears_by_itself_and_counts_as_delivered(
    house: House, visit: Visit
) -> None:
    page = await visit()
    notice = degrade(Reply((Say("明天元旦,你收藏的 2 家不开"),)), ABILITIES, Phrases("", ""))
    assert house.chat is not None
    await house.chat.deliver(house.turn.taken[0].sender.id, notice)
    await expect(page.get_by_text("明天元旦")).to_be_visible()


async def test_a_double_tap_is_one_press(house: House, visit: Visit) -> None:
    page = await visit()
    chip = page.get_by_role("button", name="帮助", exact=True)
    await chip.evaluate("chip => { chip.click(); chip.click(); }")  # both before any answer
    await expect(page.get_by_text("按了 help")).to_be_visible()
    await type_and_send(page, "好")
    await expect(page.get_by_text("听到 好")).to_be_visible()
    assert len([one for one in contents(house) if isinstance(one, Press)]) == 1


async def test_ten_thousand_characters_are_refused_with_a_sentence_and_kept(
    house: House, visit: Visit
) -> None:
    page = await visit()
    await page.fill("#words", "驿" * 10_000)
    await page.press("#words", "Enter")
    await expect(page.locator("#hint")).to_contain_text("太长了：10000 字，最多 2000 字")
    assert len(await page.input_value("#words")) == 10_000
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.fill("#words", "驿" * 2000)
    await page.press("#words", "Enter")
    await expect(page.get_by_text("听到 驿")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert contents(house)[1:] == [Text("驿" * 2000)]


async def test_what_is_said_never_becomes_markup(house: House, visit: Visit) -> None:
    page = await visit()
    await type_and_send(page, "<img src=x onerror=alert(1)><b>粗</b>")
    await expect(page.get_by_text("听到 <img src=x onerror=alert(1)><b>粗</b>")).to_be_visible()
    assert await page.locator("#log b, #log img").count() == 0


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_scrolls_sideways_and_targets_fit_a_glove(visit: Visit, width: int) -> None:
    page = await visit(
        viewport={"width": width, "height": 720},
        permissions=["geolocation"],
        geolocation={"latitude": 40.833, "longitude": 111.696},
        locale="en-GB" if width == 320 else "zh-CN",
    )
    await page.click("#locate")
    await expect(page.locator(".places-card")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate("log.scrollWidth <= log.clientWidth")
    small = await page.evaluate(
        "[...document.querySelectorAll('button, .link, textarea')]"
        ".filter((node) => node.checkVisibility())"
        ".filter((node) => node.getBoundingClientRect().height < 48).map((node) => node.outerHTML)"
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_colours_have_contrast_in_both_schemes(visit: Visit, scheme: str) -> None:
    page = await visit(color_scheme=scheme)
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(ground) < 0.1) == (scheme == "dark")
    pairs = await page.evaluate(
        """[...document.querySelectorAll(
          'h1, #status, .theirs p, .mine p, .chip, #locate, #choose, #words'
        )].map((node) => {
          let behind = node;
          const clear = 'rgba(0, 0, 0, 0)';
          while (getComputedStyle(behind).backgroundColor === clear) behind = behind.parentElement;
          return [node.id || node.tagName, getComputedStyle(node).color,
                  getComputedStyle(behind).backgroundColor];
        })"""
    )
    assert len(pairs) >= 8
    for name, ink, paper in pairs:
        light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


async def test_the_page_speaks_the_browsers_language(visit: Visit) -> None:
    page = await visit(locale="en-GB")
    assert await page.get_attribute("html", "lang") == "en"
    await expect(page.get_by_role("button", name="Send my location")).to_be_visible()
    page = await visit(locale="zh-CN")
    assert await page.get_attribute("html", "lang") == "zh-CN"
    await expect(page.get_by_role("log", name="对话")).to_have_attribute("aria-live", "polite")


def luminance(colour: str) -> float:
    """Relative luminance of an `rgb(…)` colour (WCAG 2.2)."""
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
