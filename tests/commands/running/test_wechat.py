"""`yizhan wechat menu` and `yizhan wechat qr` against a platform on this machine."""

import argparse
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.cli import parser
from bot.commands.running.wechat import bottom_menu, run
from bot.common.i18n import load_languages
from bot.config.settings import Settings, read_settings
from tests.conftest import ManualClock
from tests.support.fakes.wechat import FakeWeChat
from tests.support.fakes.wechat_api import APP_ID, SECRET

T = load_languages().of("zh_CN", None)


@pytest.fixture
async def wechat(clock: ManualClock) -> AsyncIterator[FakeWeChat]:
    """The platform."""
    async with FakeWeChat(clock) as fake:
        yield fake


def settings(wechat: FakeWeChat, **more: str) -> Settings:
    return read_settings(
        {
            "YIZHAN_WECHAT_APP_ID": APP_ID,
            "YIZHAN_WECHAT_APP_SECRET": SECRET,
            "YIZHAN_WECHAT_API_BASE": wechat.url,
            **more,
        }
    )


def called(*words: str) -> argparse.Namespace:
    return parser(T).parse_args(["wechat", *words])


async def test_the_menu_is_shown_and_then_set(
    wechat: FakeWeChat, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(called("menu"), settings(wechat), T) == 0
    shown = json.loads(capsys.readouterr().out.rpartition("}")[0] + "}")
    assert wechat.calls == []
    assert await run(called("menu", "--apply"), settings(wechat), T) == 0
    assert wechat.calls[0].params == shown
    tops = shown["button"]
    assert [top["name"] for top in tops] == ["发送位置", "服务", "我的"]
    assert tops[0]["type"] == "location_select"
    assert [one["name"] for one in tops[1]["sub_button"]][:3] == ["附近驿站", "办卡进度", "培训"]


def test_the_menu_fits_in_every_language_and_has_the_web_page_where_there_is_one() -> None:
    for t in load_languages().translators.values():
        text = json.dumps(bottom_menu(t, "https://bot.example.org/"))
        assert "https://bot.example.org/" in text
        assert "view" not in json.dumps(bottom_menu(t))


async def test_a_poster_gets_its_code(
    wechat: FakeWeChat, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "poster.svg"
    args = called("qr", "poster-7", "--days", "30", "--to", str(picture))
    assert await run(args, settings(wechat), T) == 0
    assert "http://weixin.qq.com/q/02" in capsys.readouterr().out
    assert "<svg" in picture.read_text()
    assert wechat.calls[0].params["expire_seconds"] == 2_592_000
    assert await run(called("qr", "desk_1"), settings(wechat), T) == 0
    assert "expire_seconds" not in wechat.calls[1].params


@pytest.mark.parametrize(
    "words",
    [("qr", "两个"), ("qr", "x", "--days", "0"), ("qr", "x", "--days", "31"),
     ("qr", "x", "--to", "x.gif")],
)  # fmt: skip
async def test_what_is_wrongly_called_is_not_sent(wechat: FakeWeChat, words: tuple[str]) -> None:
    assert await run(called(*words), settings(wechat), T) == 2
    assert wechat.tokens_asked == 0


async def test_why_it_could_not_be_done(
    wechat: FakeWeChat, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(called("menu", "--apply"), read_settings({}), T) == 2
    assert "YIZHAN_WECHAT_APP_ID" in capsys.readouterr().err
    wechat.faults["stable_token"] = [40164]
    assert await run(called("menu", "--apply"), settings(wechat), T) == 1
    assert "40164" in capsys.readouterr().err
    nowhere = settings(wechat, YIZHAN_WECHAT_API_BASE="http://127.0.0.1:9")
    assert await run(called("menu", "--apply"), nowhere, T) == 1
    said = capsys.readouterr().err
    assert "连不上微信" in said
    assert SECRET not in said
