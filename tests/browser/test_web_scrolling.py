"""What of the conversation is in sight when something arrives."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.channels.web.channel import ABILITIES
from bot.conversation.degrade import degrade
from bot.conversation.phrases import Phrases
from bot.conversation.replies import Reply, Say
from tests.browser.chat_page import ChatServer, Visit, type_and_send

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

IN_SIGHT = """async (bubble) => {
  const log = document.getElementById("log");
  await Promise.all(log.getAnimations({subtree: true}).map((one) => one.finished));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const range = document.createRange();
  range.selectNodeContents(bubble.querySelector("p, h3"));
  const line = range.getClientRects()[0];
  const seen = log.getBoundingClientRect();
  const whole = bubble.getBoundingClientRect();
  return {
    first: line.top >= seen.top - 1 && line.bottom <= seen.bottom + 1,
    whole: whole.top >= seen.top - 1 && whole.bottom <= seen.bottom + 1,
    fits: whole.height + 30 <= seen.height,
    room: seen.height,
  };
}"""
KEYBOARD = """(height) => {
  Object.defineProperty(visualViewport, "height", {value: height, configurable: true});
  visualViewport.dispatchEvent(new Event("resize"));
}"""
SCREENS = {"phone": (390, 844), "small": (320, 568), "desktop": (1280, 800)}
DELAYS = (0.0, 0.05, 0.15, 0.3)  # seconds
CONDITIONS = ("as it is", "keyboard", "200 % text")


async def opened(visit: Visit, screen: str, condition: str) -> Page:
    """The page on that screen; a keyboard covers 42 % of it, as on common phones."""
    width, height = SCREENS[screen]
    page: Page = await visit(
        viewport={"width": width, "height": height}, reduced_motion="no-preference"
    )
    if condition == "keyboard":
        await page.evaluate(KEYBOARD, round(height * 0.58))
    elif condition == "200 % text":
        session = await page.context.new_cdp_session(page)
        await session.send("Page.enable")
        sizes = {"standard": 32, "fixed": 26}
        await session.send("Page.setFontSizes", {"fontSizes": sizes})
        await page.wait_for_function(
            "parseFloat(getComputedStyle(document.documentElement).fontSize) > 30"
        )
    return page


async def sight_of(bubble: Locator) -> dict[str, Any]:
    seen: dict[str, Any] = await bubble.evaluate(IN_SIGHT)
    return seen


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("screen", SCREENS)
async def test_an_answer_to_ones_own_message_is_in_sight_from_its_first_line(
    server: ChatServer, visit: Visit, screen: str, condition: str
) -> None:
    page = await opened(visit, screen, condition)
    messages = [(text, delay) for delay in DELAYS for text in ("很长", "热水")]
    for count, (text, delay) in enumerate(messages, 2):
        server.delay = delay
        await type_and_send(page, text)
        await expect(page.locator(".theirs")).to_have_count(count)
        seen = await sight_of(page.locator(".theirs").last)
        assert seen["first"], (text, delay, seen)
        assert seen["whole"] or not seen["fits"], (text, delay, seen)
        await expect(page.locator("#newer")).to_be_hidden()


async def test_who_reads_above_and_taps_a_button_there_sees_its_answer(
    server: ChatServer, visit: Visit
) -> None:
    page = await opened(visit, "phone", "as it is")
    await type_and_send(page, "很长")
    await expect(page.locator(".theirs")).to_have_count(2)
    await page.get_by_role("button", name="帮助", exact=True).click()
    await expect(page.locator(".theirs")).to_have_count(3)
    assert (await sight_of(page.locator(".theirs").last))["first"]


async def test_a_notice_does_not_move_who_reads_above_and_is_one_tap_away(
    server: ChatServer, visit: Visit
) -> None:
    page = await opened(visit, "phone", "as it is")
    await type_and_send(page, "很长")
    await expect(page.locator(".theirs")).to_have_count(2)
    before = await page.evaluate("log.scrollTop")
    await deliver(server, "明天元旦,你收藏的 2 家不开")
    await expect(page.locator(".theirs")).to_have_count(3)
    newer = page.get_by_role("button", name="↓ 新消息")
    await expect(newer).to_be_visible()
    assert await page.evaluate("log.scrollTop") == before
    assert not (await sight_of(page.locator(".theirs").last))["first"]
    await newer.click()
    assert (await sight_of(page.locator(".theirs").last))["whole"]
    await expect(page.locator("#newer")).to_be_hidden()


async def test_scrolling_down_to_the_new_message_takes_its_button_away(
    server: ChatServer, visit: Visit
) -> None:
    page = await opened(visit, "phone", "as it is")
    await type_and_send(page, "很长")
    await expect(page.locator(".theirs")).to_have_count(2)
    await deliver(server, "明天元旦")
    await expect(page.locator("#newer")).to_be_visible()
    await page.focus("#log")
    await page.keyboard.press("End")
    await expect(page.locator("#newer")).to_be_hidden()


async def test_a_notice_at_the_end_of_the_conversation_is_followed(
    server: ChatServer, visit: Visit
) -> None:
    page = await opened(visit, "phone", "as it is")
    for count in range(2, 8):
        await type_and_send(page, "热水")
        await expect(page.locator(".theirs")).to_have_count(count)
    await deliver(server, "明天元旦")
    await expect(page.locator(".theirs")).to_have_count(8)
    assert (await sight_of(page.locator(".theirs").last))["whole"]
    await expect(page.locator("#newer")).to_be_hidden()


async def test_a_keyboard_that_opens_leaves_the_last_answer_in_sight(visit: Visit) -> None:
    page = await opened(visit, "phone", "as it is")
    for count in range(2, 8):
        await type_and_send(page, "热水")
        await expect(page.locator(".theirs")).to_have_count(count)
    await page.evaluate(KEYBOARD, 490)
    assert (await sight_of(page.locator(".theirs").last))["whole"]


async def test_a_reload_shows_the_last_answer_from_its_first_line(visit: Visit) -> None:
    page = await opened(visit, "phone", "as it is")
    await type_and_send(page, "热水")
    await type_and_send(page, "很长")
    await expect(page.locator(".theirs")).to_have_count(3)
    await page.reload()
    await expect(page.locator(".theirs")).to_have_count(3)
    assert (await sight_of(page.locator(".theirs").last))["first"]


async def deliver(server: ChatServer, text: str) -> None:
    """A notice to the visitor, who has opened the page."""
    assert server.chat is not None
    notice = degrade(Reply((Say(text),)), ABILITIES, Phrases("", ""))
    await server.chat.deliver(server.turn.taken[0].sender.id, notice)
