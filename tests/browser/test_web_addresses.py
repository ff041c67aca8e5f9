"""What a visitor types, where they are and the secret of their browser stand in no address."""

import pytest
from playwright.async_api import Geolocation, expect

from tests.browser.chat_page import ChatServer, Visit, type_and_send

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, NAME = "18877665544", "钱鸬鹚"
HERE: Geolocation = {"latitude": 40.8345, "longitude": 111.6963}
LINKS = "[...document.querySelectorAll('[href], [src]')].map((node) => node.href || node.src)"
VISITOR = "JSON.parse(localStorage.getItem('yizhan.visitor'))"


async def test_no_address_holds_a_secret_a_phone_a_name_or_a_place(
    server: ChatServer, visit: Visit
) -> None:
    page = await visit("/?start=st-1", permissions=["geolocation"], geolocation=HERE)
    await type_and_send(page, f"{NAME} {PHONE}")
    await expect(page.get_by_text(f"听到 {NAME} {PHONE}")).to_be_visible()
    await page.click("#locate")
    await expect(page.get_by_text("收到 40.83,111.70")).to_be_visible()
    await page.get_by_role("button", name="有热水").click()
    await expect(page.get_by_text("按了 f:water", exact=True)).to_be_visible()
    shown = [page.url, *await page.evaluate(LINKS)]
    (address,) = {event.sender.id for event in server.turn.taken}
    visitor = await page.evaluate(VISITOR)
    await page.reload()
    await expect(page.locator(".theirs").first).to_be_visible()
    shown += [page.url, *await page.evaluate(LINKS), *server.requested]
    sent = [one for one in shown if not one.startswith("tel:")]  # to the phone's own dialler
    assert len(visitor) == 32
    assert any("/chat/ws" in one for one in shown)
    for value in (PHONE, "鸬鹚", "%E9%B8%AC", "40.8345", "111.6963", address, visitor):
        assert [one for one in sent if value in one] == [], value
