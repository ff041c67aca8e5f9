"""A station is not as the list has it: the courier says so, and goes on to the next."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.common.clock import CHINA
from bot.store.models.administration.operators import OperatorNoteRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine
from tests.support.stations import HERE

SORRY = "对不住，让你白跑了。新城支行驿站今天不给你推了"


@pytest.mark.parametrize(
    "words",
    ["门锁着 没人", "热水坏了", "保安不让进", "地址不对", "这家没了", "换一家 这家没开"],
)
async def test_a_reported_station_is_left_out_and_the_next_named_at_once(
    courier: Line, deployment: Deployment, words: str
) -> None:
    await courier.shares(*HERE)
    seen = await courier.says(words)
    assert SORRY in seen
    assert "新城支行驿站（最近）" not in seen
    assert "骑车约" in seen
    assert "你今天报过有问题，先没排：新城支行驿站" in seen
    async with deployment.replicas[0].store.reading() as db:
        notes = list(await db.scalars(select(OperatorNoteRow)))
    assert [note.params["code"] for note in notes] == ["S1"]


async def test_on_each_channel_the_report_holds_until_the_next_morning(
    courier: Line, clock: ManualClock
) -> None:
    await courier.shares(*HERE)
    assert SORRY in await courier.says("门锁着 没人")
    assert "1. 鼓楼驿站" in await courier.shares(*HERE)
    clock.set(clock() + timedelta(days=1))
    assert "1. 新城支行驿站（最近）" in await courier.shares(*HERE)


async def test_a_report_is_taken_back_or_given_to_another_station(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.says("门锁着")
    seen = await courier.picks("说的是鼓楼驿站")
    assert "鼓楼驿站今天不给你推了" in seen
    assert "1. 新城支行驿站（最近）" in seen
    seen = await courier.picks("鼓楼驿站没问题，放回来")
    assert "2. 鼓楼驿站" in seen


async def test_the_station_is_told_by_number_by_name_or_by_what_was_opened(courier: Line) -> None:
    await courier.shares(*HERE)
    assert "鼓楼驿站今天不给你推了" in await courier.says("第二家门锁着")
    assert "中山路驿站今天不给你推了" in await courier.says("中山路那家没开")
    await courier.says("更多")
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    assert "新城支行驿站今天不给你推了" in await courier.says("门锁着")


async def test_a_picture_with_words_below_it_is_a_report(
    deployment: Deployment,
) -> None:
    courier = TelegramLine(deployment, 7000)
    await courier.shares(*HERE)
    await deployment.telegram.photo(courier.chat, "门锁着")
    assert "1. 鼓楼驿站" in await courier.shares(*HERE)


@pytest.mark.parametrize("words", ["这家关门了吗", "我的车坏了", "几点关门", "冻坏了"])
async def test_a_question_or_another_trouble_is_no_report(courier: Line, words: str) -> None:
    await courier.shares(*HERE)
    assert "白跑" not in await courier.says(words)


async def test_a_report_before_any_station_is_shown_asks_which(courier: Line) -> None:
    assert "是哪一家" in await courier.says("门锁着 没人")


async def test_reported_at_night_it_stays_out_for_the_rest_of_the_night(
    courier: Line, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 23, 50, tzinfo=CHINA))
    await courier.shares(*HERE)
    assert "如意路驿站今天不给你推了" in await courier.says("门锁着")
    clock.set(datetime(2026, 11, 24, 3, tzinfo=CHINA))
    assert "先没排：如意路驿站" in await courier.shares(*HERE)
