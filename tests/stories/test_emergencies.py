"""Somebody is hurt or in despair: numbers to call come before everything else, and nothing else."""

import re

import pytest

from tests.support.cards import NUMBER
from tests.support.courier import Deployment, Line, lines
from tests.support.screens import Screen


def numbers_in(seen: Screen) -> list[str]:
    """The numbers to call; a screen of the page has them in its links only."""
    called = re.findall(r"打(\d+)（", seen.text)
    return called or [link.removeprefix("tel:") for link in seen.links]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("我摔了 腿断了", ("120",)),
        ("出车祸了", ("120", "122")),
        ("胸口疼", ("120",)),
        ("救命", ("120", "110", "119")),
        ("救护车", ("120", "110", "119")),
        ("110", ("120", "110", "119")),
        ("煤气味", ("119", "120")),
        ("不想活了", ("12356", "110", "120", "12351")),
    ],
)
async def test_an_emergency_is_answered_with_numbers_and_nothing_else(
    courier: Line, channel: str, typed: str, numbers: tuple[str, ...]
) -> None:
    seen = await courier.says(typed)
    assert numbers_in(seen) == list(numbers)
    assert seen.labels == []
    assert "\n\n" not in seen.text.strip()  # one paragraph, and nothing after it
    if channel != "telegram":  # there the app itself finds numbers; WeChat's are taps
        assert channel == "wechat" or f"tel:{numbers[0]}" in (*seen.links, *seen.text.split())
    again = await courier.says(typed)
    assert again.text == seen.text


async def test_an_emergency_in_a_form_is_answered_and_the_form_goes_on(
    courier: Line, bank: None
) -> None:
    await courier.says("我卡办到哪了")
    await courier.picks("同意")
    assert numbers_in(await courier.says("我摔了 腿断了")) == ["120"]
    assert "后四位" in await courier.says(NUMBER)


async def test_an_emergency_is_no_answer_to_a_question(courier: Line) -> None:
    await courier.says("提醒设置")
    await courier.picks("免打扰时间")
    assert numbers_in(await courier.says("喘不上气")) == ["120"]
    assert "记下了：22:00到9:00不发" in await courier.says("22:00-9:00")


async def test_held_notices_wait_while_there_is_an_emergency(deployment: Deployment) -> None:
    courier = lines(deployment, "terminal")[0]
    await courier.says("提醒设置")
    await courier.picks("发一条试试")
    await deployment.deliver()
    assert "试发" not in await courier.says("救命")
    assert "试发" in await courier.says("帮助")


async def test_an_emergency_in_english_is_answered_in_english(deployment: Deployment) -> None:
    courier = lines(deployment, "terminal")[0]
    await courier.says("english")
    seen = await courier.says("I want to die")
    assert "Call 12356 (mental health line, free)" in seen


async def test_the_number_of_the_union_is_answered_with_people_to_call(terminal: Line) -> None:
    assert "工会热线：12351" in await terminal.says("12351")


@pytest.mark.parametrize("typed", ["累死了", "冻死了", "救急", "急救课"])
async def test_what_only_sounds_like_an_emergency_gets_its_usual_answer(
    courier: Line, typed: str
) -> None:
    seen = await courier.says(typed)
    assert "打120" not in seen
    assert "tel:120" not in seen.links
