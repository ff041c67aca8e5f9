"""Every reply about stations as WeChat gets it, markup and all, beside the last reviewed one.

`UPDATE_GOLDEN=1 pytest tests/stories/test_wechat_golden.py` writes them anew, to be read again.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest

from bot.channels.wechat.abilities import TEXT_BYTES
from bot.common.clock import CHINA
from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.courier import Deployment
from tests.support.fakes.wechat import FakeWeChat, Pushed
from tests.support.paths import TEST_DATA
from tests.support.stations import GOBI, HERE, create_stations

FOLDER = TEST_DATA / "wechat_golden"
WHO = "oFollower-_0001"
NIGHT = datetime(2026, 11, 23, 3, tzinfo=CHINA)
HOLIDAY = datetime(2026, 10, 1, 10, tzinfo=CHINA)
Do = Callable[[FakeWeChat], Awaitable[Pushed]]


@pytest.fixture
async def deployment(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    """Words do not depend on the database."""
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment({"YIZHAN_DATABASE_URL": sqlite_url}, clock) as opened:
        yield opened


def says(words: str) -> Do:
    return lambda wechat: wechat.text(WHO, words)


def taps(label: str) -> Do:
    return lambda wechat: wechat.tap(WHO, label)


def shares(lat: float, lon: float) -> Do:
    return lambda wechat: wechat.location(WHO, lat, lon)


def sends(kind: str) -> Do:
    return lambda wechat: wechat.push(wechat.message(WHO, kind, {"MediaId": "m"}))


def clicks(key: str) -> Do:
    return lambda wechat: wechat.click(WHO, key)


def keeps(count: int) -> tuple[Do, ...]:
    return tuple(clicks(f"station.keep:{number}") for number in range(1, count + 1))


SCENES: dict[str, tuple[Do, ...]] = {
    "welcome": (lambda wechat: wechat.follow(WHO, "poster-7"),),
    "help": (says("帮助"),),
    "ask_location": (clicks("locate"),),
    "nearest": (shares(*HERE),),
    "nearest_filtered": (shares(*HERE), taps("热饭"), taps("取暖")),
    "nearest_more": (shares(*HERE), taps("更多")),
    "nearest_of_a_place": (says("新城区哪里能充电"),),
    "later_today": (shares(*HERE), says("晚上10点以后还有开的吗")),
    "several_places": (says("乌拉特"),),
    "wish_without_place": (says("哪有热水"),),
    "none_with_it": (says("呼和浩特有换电的吗"),),
    "none_near": (shares(*GOBI),),
    "far_away": (shares(0.0, 0.0),),
    "no_more": (shares(*HERE), says("换一个"), says("换一个"), says("换一个")),
    "card": (shares(*HERE), taps("第1家怎么进")),
    "card_of_a_poor_entry": (clicks("station.card:6"),),
    "card_with_a_closure": (clicks("station.card:5"),),
    "card_kept": (clicks("station.keep:1"), clicks("station.card:1")),
    "kept": (shares(*HERE), taps("第1家怎么进"), taps("收藏这家")),
    "favourites": (*keeps(3), says("我的收藏")),
    "favourites_many": (*keeps(6), says("我的收藏")),
    "favourites_none": (says("我的收藏"),),
    "favourite_dropped": (*keeps(2), says("我的收藏"), taps("删第1家")),
    "fallback": (says("量子力学"),),
    "human": (says("转人工"),),
    "voice": (sends("voice"),),
    "image": (sends("image"),),
    "old_button": (clicks("station.card:999"),),
    "languages": (says("语言"),),
    "english": (says("English"), shares(*HERE)),
    "thanks": (says("谢谢"),),
    "cancelled": (says("取消"),),
}
MOMENTS = {"at_night": NIGHT, "on_a_holiday": HOLIDAY}


@pytest.mark.parametrize("name", [*SCENES, *MOMENTS, "none_open"])
async def test_as_it_was_reviewed(deployment: Deployment, clock: ManualClock, name: str) -> None:
    if name == "none_open":
        clock.set(NIGHT)
    clock.set(MOMENTS.get(name, clock()))
    scene = SCENES.get(name, (shares(*HERE),))
    if name == "none_open":
        scene = (shares(*HERE), taps("热饭"))
    pushed = [await do(deployment.wechat) for do in scene][-1]
    assert pushed.shown is not None
    content = pushed.shown.text
    assert len(content.encode()) <= TEXT_BYTES
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(content + "\n", encoding="utf-8")
    assert content + "\n" == path.read_text(encoding="utf-8")


def test_no_rendering_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {*SCENES, *MOMENTS, "none_open"}
