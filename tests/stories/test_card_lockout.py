"""Guessing the facts of an application is of no use: wrong tries lock, and tell nothing."""

import re

import pytest
from sqlalchemy import func, select

from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardBindingRow
from tests.conftest import ManualClock
from tests.stories.card_conversation import bind
from tests.support.cards import (
    NUMBER,
)
from tests.support.courier import Deployment, Line, lines

pytestmark = pytest.mark.usefixtures("bank")


async def test_a_wrong_fact_and_no_such_record_look_the_same(
    deployment: Deployment, channel: str
) -> None:
    one, other = lines(deployment, channel, 2)
    for left in (4, 3, 2, 1):
        wrong = await bind(one, digits="0000")
        none = await bind(other, number="NM99999999")
        assert "对不上，或者银行的消息还没到" in wrong
        assert f"还能再试{left}次" in wrong
        assert (wrong.text, wrong.labels) == (none.text, none.labels)
    wrong, none = await bind(one, digits="0000"), await bind(other, number="NM99999999")
    assert "先锁24小时" in wrong
    assert (wrong.text, wrong.labels) == (none.text, none.labels)


async def test_five_wrong_tries_lock_for_a_day_on_every_channel(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    for digits in ("0000", "0001", "0002", "0003"):
        assert "对不上" in await bind(courier, digits=digits)
    assert "先锁24小时" in await bind(courier, digits="0004")
    assert "先锁24小时" in await bind(courier)
    other = lines(deployment, "web", 2)[1]
    assert "先锁24小时" in await bind(other)  # the number is locked, whoever asks
    async with deployment.replicas[0].store.reading() as db:
        kinds = list(await db.scalars(select(OperatorNoteRow.kind)))
    assert kinds == ["card.locked", "card.locked"]  # the chat's and the number's
    clock.forward(hours=23, minutes=55)
    assert "先锁24小时" in await bind(courier)
    clock.forward(minutes=6)
    assert "【奋斗卡】" in await bind(courier)


async def test_a_hundred_tries_through_three_channels_learn_nothing(deployment: Deployment) -> None:
    """Wrong and missing look the same on each, before the lock and after it."""
    came: dict[str, set[str]] = {}
    right = 0
    for at in range(35):
        number = NUMBER if at % 2 else "NM99999999"
        for channel in ("telegram", "web", "terminal"):
            attacker = lines(deployment, channel, at + 1)[at]
            seen = await bind(attacker, number, f"{at:04}")
            said = re.sub(r"\s+", " ", seen.text).strip()
            came.setdefault(f"{channel} {number}", set()).add(f"{said} {seen.labels}")
            right += "【奋斗卡】" in seen
    assert right == 0
    for channel in ("telegram", "web", "terminal"):
        assert came[f"{channel} {NUMBER}"] == came[f"{channel} NM99999999"]
        assert any("先锁24小时" in said for said in came[f"{channel} {NUMBER}"])
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardBindingRow)) == 0


async def test_deleting_ones_data_gives_no_new_tries(terminal: Line) -> None:
    for digits in ("0000", "0001", "0002", "0003", "0004"):
        await bind(terminal, number="NM77777777", digits=digits)
    await terminal.says("删除我的数据")
    await terminal.picks("确认全部删除")
    assert "先锁24小时" in await bind(terminal)


async def test_a_forged_button_shows_nothing(deployment: Deployment) -> None:
    owner, stranger = lines(deployment, "terminal", 2)
    await bind(owner)
    web = lines(deployment, "web")[0]
    for action in ("card.show:1", "card.show:999", "card.unbind:1", "card.show:x"):
        seen = await web._ask({"type": "press", "action": action})  # type: ignore[attr-defined]
        assert "按钮" in seen
        assert "奋斗卡" not in seen
    assert "【奋斗卡】" not in await stranger.says("办卡进度")
