"""What tired thumbs, old buttons and strangers send: one clear sentence, and the chat goes on."""

import pytest

from bot.conversation.events import Address, Event, Press
from bot.conversation.replies import Words
from tests.support.courier import Deployment, Line
from tests.support.stations import HERE

NOVEL = "长" * 10_000
HOSTILE = (
    "😀😀😀",
    "\u202eمرحبا\u202c",
    "a\x00b",
    "热\x08水\x1d\ufffe",
    "' OR 1=1; --",
    "<script>alert(1)</script>",
    "{reference} {0} %s",
    "𠮷" * 300,
    "\n\n\n.",
)
FORGED = (
    "nothing",
    "station.card",
    "station.card:",
    "station.card:-1",
    "station.card:999999999999999999",
    "station.card:9999999999999999999",
    "station.card:1e3",
    "station.card:\u0661",
    "near.with:99999999999",
    "near.more:x",
    "near.place:000000",
    "language:xx",
    ":::::",
)


async def test_ten_thousand_characters(courier: Line) -> None:
    assert "太长了" in await courier.says(NOVEL)
    assert "新城支行驿站" in await courier.shares(*HERE)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_hostile_text(courier: Line, text: str) -> None:
    seen = await courier.says(text)
    assert seen.text.strip()
    assert "编号" not in seen  # no reference code: nothing broke
    assert "新城支行驿站" in await courier.shares(*HERE)


@pytest.mark.parametrize("action", [one for one in FORGED if one.isascii()])
async def test_a_forged_button(deployment: Deployment, action: str) -> None:
    app = deployment.replicas[0]
    event = Event(action, Address("web", "visitor"), app.clock(), Press(action), "zh-CN")
    answer = await app.turn(event)
    first = answer.messages[0]
    assert isinstance(first, Words)
    said = "".join(say.text for say in first.paragraphs)
    expected = "把位置发给我" if action == "near.more:x" else "失效"
    assert expected in said


async def test_an_old_button_pressed_twice(courier: Line) -> None:
    await courier.shares(*HERE)
    first = await courier.picks("第1家怎么进")
    assert "放心进" in first
    assert "收藏了" in await courier.picks("收藏这家")
    assert "1. 新城支行驿站" in await courier.says("我的收藏")


async def test_impossible_places(courier: Line, channel: str) -> None:
    if channel == "web":
        pytest.skip("the page's frames cannot hold them; see test_web_protocol")
    for lat, lon in ((111.75, 40.84), (91.0, 0.0), (0.0, 181.0)):
        assert "位置读不出来" in await courier.shares(lat, lon)
    assert "新城支行驿站" in await courier.shares(*HERE)


async def test_the_buttons_label_as_text(courier: Line) -> None:
    """Telegram on a desktop sends the location button's label instead of a location."""
    assert "直接打地名" in await courier.says("发送位置")
    assert "新城区" in await courier.says("呼市新城区")


@pytest.mark.parametrize("typed", ["再见", "拜拜", "good night"])
async def test_a_goodbye_is_returned(terminal: Line, typed: str) -> None:
    assert "路上慢点" in await terminal.says(typed)
