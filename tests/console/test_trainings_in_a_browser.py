"""In Chromium: a trainer calls a training off, and its couriers get the message that was shown."""

import pytest
from playwright.async_api import Browser, expect

from bot.documents.pdf import Fonts
from bot.handlers.files import CourierFiles
from bot.handlers.system_phrases import turn_phrases
from bot.handlers.trainings.notifications import TrainingNotifications
from bot.outbox.preparation import NoticeRenderer
from bot.services.couriers.profiles import Profiles
from bot.services.file_links import FileLinks
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import DESK, KEYS, PHONE, ConsoleServer, add_operator, fits
from tests.support.console_trainings import add_trainings
from tests.support.outbox import LANGUAGES, FakeChannel, worker


@pytest.mark.parametrize(("viewport", "javascript"), [(DESK, True), (PHONE, False)])
async def test_a_training_is_called_off_with_its_messages(
    chromium: Browser,
    server: ConsoleServer,
    clock: ManualClock,
    viewport: dict[str, int],
    *,
    javascript: bool,
) -> None:
    trainings = await add_trainings(server.console.store, KEYS, clock)
    trainer = await add_operator(server.console.store, clock, Role.TRAINER, ["150100"])
    async with server.browser_of(
        chromium, trainer, viewport=viewport, javascript=javascript
    ) as page:
        await page.goto("/trainings")
        await page.get_by_role("link", name="冬季骑行安全").click()
        await page.get_by_role("link", name="取消这场").click()
        await expect(page.locator("h2")).to_have_text("通知3位骑手")
        shown = await page.locator(".told li").all_text_contents()
        await page.get_by_role("button", name="确认取消，通知3位骑手").click()
        await expect(page.locator(".notice.good")).to_contain_text("已取消")
        await expect(page.locator(".tag.bad")).to_have_text("已取消")
        await page.goto(f"/trainings/{trainings.hohhot}/screen")
        assert await fits(page) == []
    channel = FakeChannel()
    files = CourierFiles(Profiles(KEYS), FileLinks(KEYS, "https://bot.example"), Fonts())
    renderers = TrainingNotifications(files).feature().renderers
    renderer = NoticeRenderer(renderers, LANGUAGES, turn_phrases, KEYS)
    await worker(server.console.store, clock, channel, renderer=renderer).run_once()
    assert sorted(channel.taken) == [(f"9{one}", "\n".join(shown)) for one in trainings.couriers]
