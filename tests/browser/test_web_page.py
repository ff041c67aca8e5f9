"""The chat page in a real browser: a conversation by thumb and keyboard, with a bad network."""

import asyncio

import pytest
from playwright.async_api import expect

from bot.channels.web.channel import ABILITIES
from bot.conversation.degrade import degrade
from bot.conversation.events import ChatOpened, Event, Press, Text
from bot.conversation.phrases import Phrases
from bot.conversation.replies import (
    Answer,
    Reply,
    Say,
)
from tests.browser.chat_page import (
    NUMBERS,
    ChatServer,
    Visit,
    contents,
    type_and_send,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_conversation_by_keyboard_alone(server: ChatServer, visit: Visit) -> None:
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
    assert contents(server) == [ChatOpened(), Text("东胜 充电"), Press("help")]


async def test_shift_enter_is_a_new_line_and_an_input_method_keeps_its_enter(
    server: ChatServer, visit: Visit
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
    assert contents(server)[1:] == [Text("一\n二")]


async def test_after_a_restart_a_waiting_message_is_sent_once(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    await server.stop()
    await expect(page.locator("#status")).to_contain_text("连接断了")
    await type_and_send(page, "还在吗")
    await type_and_send(page, "喂")
    await expect(page.locator("#status")).to_contain_text("2 条消息等待发送")
    await expect(page.locator(".fate").first).to_contain_text("等网络恢复后自动发送")
    await server.start()
    await expect(page.get_by_text("听到 喂")).to_be_visible(timeout=20_000)
    await expect(page.locator("#status")).to_have_text("已连接")
    assert await page.locator(".theirs").all_inner_texts() != []
    assert contents(server) == [ChatOpened(), Text("还在吗"), Text("喂")]
    await expect(page.locator(".theirs")).to_have_count(3)


async def test_an_answer_lost_on_its_way_is_fetched_and_the_turn_not_repeated(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    held = asyncio.Event()
    taken = server.turn

    async def hold(event: Event) -> Answer:
        answer = await taken(event)
        held.set()
        await asyncio.Event().wait()  # until the connection is cut
        return answer

    await server.stop()
    server.turn = hold  # type: ignore[assignment]
    await server.start()
    await type_and_send(page, "报名")
    await asyncio.wait_for(held.wait(), 20)
    server.turn = taken
    await server.stop()
    await server.start()
    await expect(page.get_by_text("听到 报名")).to_be_visible(timeout=20_000)
    assert contents(server) == [ChatOpened(), Text("报名")]
    await expect(page.locator(".theirs")).to_have_count(2)


async def test_a_reload_keeps_the_conversation_and_its_old_buttons(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit("/?start=poster_7")
    await expect(page.get_by_text("我是驿站小助手。poster_7")).to_be_visible()
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    await page.get_by_role("button", name="帮助", exact=True).click()
    await expect(page.get_by_text("按了 help")).to_be_visible()
    assert contents(server) == [ChatOpened("poster_7"), Text("东胜"), Press("help")]
    assert len({event.sender for event in server.turn.taken}) == 1


async def test_a_notice_appears_by_itself_and_counts_as_delivered(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit()
    notice = degrade(Reply((Say("明天元旦,你收藏的 2 家不开"),)), ABILITIES, Phrases("", ""))
    assert server.chat is not None
    await server.chat.deliver(server.turn.taken[0].sender.id, notice)
    await expect(page.get_by_text("明天元旦")).to_be_visible()


async def test_a_double_tap_is_one_press(server: ChatServer, visit: Visit) -> None:
    page = await visit()
    chip = page.get_by_role("button", name="帮助", exact=True)
    await chip.evaluate("chip => { chip.click(); chip.click(); }")  # both before any answer
    await expect(page.get_by_text("按了 help")).to_be_visible()
    await type_and_send(page, "好")
    await expect(page.get_by_text("听到 好")).to_be_visible()
    assert len([one for one in contents(server) if isinstance(one, Press)]) == 1


async def test_ten_thousand_characters_are_refused_with_a_sentence_and_kept(
    server: ChatServer, visit: Visit
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
    assert contents(server)[1:] == [Text("驿" * 2000)]


async def test_phone_numbers_can_be_tapped_and_other_numbers_cannot(visit: Visit) -> None:
    page = await visit()
    await type_and_send(page, "号码")
    await expect(page.get_by_text("工会热线")).to_be_visible()
    links = await page.evaluate(
        "[...document.querySelectorAll('.theirs:last-of-type a')]"
        ".map((link) => [link.textContent, link.href, link.target])"
    )
    assert links == [
        ["0471-1234567", "tel:04711234567", ""],
        ["13812345678", "tel:13812345678", ""],
        ["(0471)7654321", "tel:04717654321", ""],
        ["400-100-2000", "tel:4001002000", ""],
        ["12351", "tel:12351", ""],
        ["120", "tel:120", ""],
        ["110", "tel:110", ""],
        ["119", "tel:119", ""],
        ["120", "tel:120", ""],
        ["打120", "tel:120", ""],
    ]
    shown = await page.locator(".theirs p").nth(-2).inner_text()
    assert shown == "\n".join(NUMBERS)
    for box in await page.evaluate(
        "[...document.querySelectorAll('.phone')].map((one) => one.getBoundingClientRect().height)"
    ):
        assert box >= 44


async def test_a_message_never_becomes_markup(server: ChatServer, visit: Visit) -> None:
    page = await visit()
    await type_and_send(page, "<img src=x onerror=alert(1)><b>粗</b>")
    await expect(page.get_by_text("听到 <img src=x onerror=alert(1)><b>粗</b>")).to_be_visible()
    assert await page.locator("#log b, #log img").count() == 0


async def test_a_long_list_shows_the_numbers_that_typing_means(visit: Visit) -> None:
    page = await visit()
    await type_and_send(page, "打分")
    await expect(page.locator(".numbered li")).to_have_count(31)
    shown = await page.evaluate(
        "[...document.querySelectorAll('.numbered li')].map((one) => [one.value, one.textContent])"
    )
    assert shown == [[n, f"{n}分"] for n in range(30, 0, -1)] + [[31, "不打了"]]
