"""The QR codes of posters made in the console are those of the command line's posters."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.chat_codes import PosterCodes
from bot.config.settings import Settings, read_settings
from bot.console.parts import CodesUnavailable, Parts
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import add_operator, signed_in, text_of
from tests.support.console_stations import add_stations
from tests.support.fakes.telegram import FakeTelegram
from tests.support.fakes.telegram_chats import BOT
from tests.support.fakes.wechat import FakeWeChat
from tests.support.fakes.wechat_api import APP_ID, SECRET
from tests.support.pdf import text_of as text_of_pdf

PUBLIC = {"YIZHAN_PUBLIC_URL": "https://bot.example.org"}


def of_wechat(fake: FakeWeChat) -> Settings:
    """An installation with an account there."""
    return read_settings(
        PUBLIC
        | {
            "YIZHAN_WECHAT_APP_ID": APP_ID,
            "YIZHAN_WECHAT_APP_SECRET": SECRET,
            "YIZHAN_WECHAT_API_BASE": fake.url,
        }
    )


def at(console: Parts, settings: Settings, clock: ManualClock) -> Parts:
    return replace(console, settings=settings, chat_codes=PosterCodes(settings, clock))


async def test_telegram_is_asked_once_what_the_bot_is_called(clock: ManualClock) -> None:
    async with FakeTelegram() as telegram:
        settings = read_settings(
            PUBLIC
            | {
                "YIZHAN_TELEGRAM_TOKEN": telegram.token,
                "YIZHAN_TELEGRAM_API_BASE": telegram.url.removesuffix("/bot"),
            }
        )
        codes = PosterCodes(settings, clock)
        found = await codes("st-H1", "s/H1")
        assert await codes("st-H1", "s/H1") == found
        asked = [one for one in telegram.calls if one.method == "getMe"]
    assert len(asked) == 1
    assert [(one.caption, one.url) for one in found] == [
        ("Telegram", f"https://t.me/{BOT['username']}?start=st-H1"),
        ("手机浏览器", "https://bot.example.org/s/H1"),
    ]


async def test_a_station_gets_one_code_of_wechat_however_often_its_poster_is_made(
    console: Parts, clock: ManualClock, tmp_path: Path
) -> None:
    await add_stations(console.store, clock)
    reader = await add_operator(console.store, clock, Role.READER)
    async with (
        FakeWeChat(clock) as wechat,
        signed_in(at(console, of_wechat(wechat), clock), reader) as client,
    ):
        for _ in range(2):
            poster = await client.get("/stations/H1/poster.pdf")
            said = text_of_pdf(poster.content, tmp_path)
            assert "微信扫一扫" in said
            assert "手机浏览器" in said
        made = [one for one in wechat.calls if "action_name" in one.params]
    assert [one.params["action_info"] for one in made] == [{"scene": {"scene_str": "st-H1"}}]


async def test_an_account_that_may_make_no_codes_leaves_the_others_on_the_poster(
    clock: ManualClock,
) -> None:
    async with FakeWeChat(clock) as wechat:
        wechat.faults["qrcode/create"] = [48001]
        found = await PosterCodes(of_wechat(wechat), clock)("st-H1", "s/H1", wechat=True)
    assert [one.caption for one in found] == ["手机浏览器"]


async def test_no_poster_is_made_while_wechat_cannot_make_its_code(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    reader = await add_operator(console.store, clock, Role.READER)
    async with FakeWeChat(clock) as wechat:
        parts = at(console, of_wechat(wechat), clock)
        wechat.faults["qrcode/create"] = [45009, 45009]
        with pytest.raises(CodesUnavailable):
            await parts.chat_codes("st-H1", wechat=True)
        async with signed_in(parts, reader) as client:
            answer = await client.get("/stations/H1/poster.pdf")
            assert answer.status_code == 303
            assert "微信暂时" in text_of(await client.get("/stations/H1"))
