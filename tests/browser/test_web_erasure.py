"""After a courier has had their data deleted, the page keeps nothing of them either."""

import pytest
from playwright.async_api import Page, expect

from bot.channels.protocol import Conversation
from tests.browser.chat_page import ChatServer, Visit, type_and_send

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

STORED = "({...localStorage, ...sessionStorage})"


async def erase(page: Page) -> None:
    await type_and_send(page, "删除我的数据")
    await page.get_by_role("button", name="确认全部删除").click()
    await expect(page.get_by_text("已删除")).to_be_visible()


async def test_the_page_is_empty_but_for_the_confirmation(server: ChatServer, visit: Visit) -> None:
    page = await visit()
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    visitor = await page.evaluate("localStorage['yizhan.visitor']")
    await erase(page)
    await expect(page.locator("article")).to_have_count(1)
    await expect(page.locator("#status")).to_have_text("已连接")
    stored = await page.evaluate(STORED)
    assert visitor not in str(stored)
    assert "东胜" not in str(stored)
    assert "yizhan.story" not in stored


async def test_who_writes_again_is_somebody_new_and_a_reload_begins_anew(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await erase(page)
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    first, *_, last = [event.sender for event in server.turn.taken]
    assert first != last
    await page.reload()
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    await expect(page.get_by_text("已删除")).to_have_count(0)


async def test_the_other_tabs_are_emptied_at_once(server: ChatServer, visit: Visit) -> None:
    page = await visit()
    other = await page.context.new_page()
    await other.goto(server.url)
    await type_and_send(other, "东胜")
    await expect(other.get_by_text("听到 东胜")).to_be_visible()
    before = await other.evaluate("localStorage['yizhan.visitor']")
    await erase(page)
    await expect(other.locator("article")).to_have_count(0)
    await expect(other.locator("#status")).to_have_text("已连接")
    stored = await other.evaluate(STORED)
    assert before not in str(stored)
    assert "yizhan.story" not in stored
    await type_and_send(other, "新城")
    await expect(other.get_by_text("听到 新城")).to_be_visible()
    await type_and_send(page, "新城")
    await expect(page.get_by_text("听到 新城")).to_be_visible()
    one, two = server.turn.taken[-2:]
    assert one.sender == two.sender != server.turn.taken[0].sender


async def test_a_tab_that_was_away_meanwhile_comes_back_empty(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    other = await page.context.new_page()
    await other.goto(server.url)
    await type_and_send(other, "东胜")
    await expect(other.get_by_text("听到 东胜")).to_be_visible()
    await other.goto("about:blank")  # its sessionStorage waits for the way back
    await erase(page)
    await other.go_back()
    await expect(other.locator("#status")).to_have_text("已连接")
    await expect(other.get_by_text("听到 东胜")).to_have_count(0)
    assert "东胜" not in str(await other.evaluate(STORED))


@pytest.mark.parametrize(
    ("stored", "stays"), [(Conversation.NONE, False), (Conversation.CLEARED, True)]
)
async def test_a_deletion_from_elsewhere_empties_open_pages(
    server: ChatServer, visit: Visit, stored: Conversation, stays: bool
) -> None:
    page = await visit()
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(server.url)
    await type_and_send(other, "新城")
    await expect(other.get_by_text("听到 新城")).to_be_visible()
    visitor = await page.evaluate("localStorage['yizhan.visitor']")
    server.stored = stored
    assert server.chat is not None
    await server.chat.refresh()
    for tab in (page, other):
        await expect(tab.locator("article")).to_have_count(0)
        await expect(tab.locator("#status")).to_have_text("已连接")
        kept = str(await tab.evaluate(STORED))
        assert (visitor in kept) is stays
        assert "东胜" not in kept
        assert "新城" not in kept
    await type_and_send(page, "你好")
    await expect(page.get_by_text("听到 你好")).to_be_visible()
    first, *_, last = [event.sender for event in server.turn.taken]
    assert (first == last) is stays


async def test_a_page_that_was_away_during_a_deletion_comes_back_empty(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    await page.goto("about:blank")
    server.stored = Conversation.NONE
    await page.goto(server.url)
    await expect(page.locator("#status")).to_have_text("已连接")
    await expect(page.locator("article")).to_have_count(0)
    assert "东胜" not in str(await page.evaluate(STORED))
