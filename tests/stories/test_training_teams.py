"""A leader registers a team, and its members answer."""

import re

import pytest

from tests.support.courier import Deployment, Line, lines
from tests.support.training_stories import TrainingScenario

LI = "李四 13900000000"


async def lead(leader: Line) -> None:
    """带队报名 up to the question of how, for a leader whom we do not know yet."""
    await leader.says("带队报名 冬季骑行")
    assert "先留下你自己的姓名和手机号" in await leader.picks("冬季骑行安全 11月28日周六 09:30")
    assert "周九 13700000000" in await leader.says("周九 13700000000")
    assert "最多20人" in await leader.picks("同意并继续")


@pytest.mark.parametrize("mode", ["要去都去", "能去几个算几个"])
async def test_a_leader_brings_a_team(
    deployment: Deployment, scenario: TrainingScenario, mode: str
) -> None:
    leader, member, stranger = lines(deployment, "terminal", 3)
    await scenario.resize(scenario.safety, 2)
    await lead(leader)
    assert {"返回", "取消"} <= set((await leader.picks(mode)).labels)
    seen = await leader.says("张三 13800000001\n赵六 13800000002")
    assert "1. 张三 13800000001\n2. 赵六 13800000002" in seen
    seen = await leader.picks("都同意了，报名")
    code = re.search(r"DUI-\w{6}", seen.text)
    assert code is not None
    assert ("2个名额留到" in seen) == (mode == "要去都去")
    await stranger.says(code[0])
    await stranger.picks("我去")
    await stranger.says(LI)
    assert "不在这个队的名单里" in await stranger.picks("同意并报名")
    await member.arrives(f"tm-{code[0][4:]}")
    await member.picks("我去")
    await member.says("张三 138 0000 0001")
    assert "✓ 报上了：《冬季骑行安全》" in await member.picks("同意并报名")
    await leader.says("我的培训")
    seen = await leader.picks("我带的队（2人）")
    assert "张* 138****0001: 去" in seen
    assert "赵* 138****0002: 还没回话" in seen
    await stranger.says("报名冬季骑行安全")
    seen = await stranger.picks("对，排队" if mode == "要去都去" else "对，报名")
    assert ("你排第1位" in seen) == (mode == "要去都去")  # the second place waits for 赵六


async def test_consent_to_one_training_takes_no_place_of_a_team_for_another(
    deployment: Deployment, scenario: TrainingScenario
) -> None:
    leader, member = lines(deployment, "terminal")[0], lines(deployment, "web")[0]
    await lead(leader)
    await leader.picks("要去都去")
    await leader.says("张三 13800000001")
    code = re.search(r"DUI-\w{6}", (await leader.picks("都同意了，报名")).text)
    assert code is not None
    await member.says(code[0])
    await member.picks("我去")
    await member.says("张三 13800000001")
    member._actions["?"] = f"training.agree:{scenario.first_aid}:1"  # type: ignore[attr-defined]
    assert "✓ 报上了：《急救入门》" in await member.picks("?")
    await leader.says("我的培训")
    assert "张* 138****0001: 还没回话" in await leader.picks("我带的队（1人）")


async def test_a_team_that_does_not_fit_is_refused_whole(
    deployment: Deployment, scenario: TrainingScenario
) -> None:
    leader = lines(deployment, "terminal")[0]
    await lead(leader)
    await leader.picks("要去都去")
    await leader.says("张三 13800000001\n赵六 13800000002")
    assert "只剩1个名额" in await leader.picks("都同意了，报名")
    assert "没有报名的培训" in await leader.says("我的培训")


async def test_lines_of_a_team_that_cannot_be_read_are_named(
    terminal: Line, scenario: TrainingScenario
) -> None:
    await terminal.says("带队报名 急救")
    await terminal.picks("急救入门 11月25日周三 14:00")
    await terminal.says("周九 13700000001")
    await terminal.picks("同意并继续")
    await terminal.picks("能去几个算几个")
    seen = await terminal.says("张三 13800000001\n李四 1390000000\n赵六")
    assert "1. 张三 13800000001" in seen
    assert "没算进去：李四 1390000000（手机号要11位）；赵六（没写手机号）。改好再一次发来" in seen
    seen = await terminal.says("张三 13800000001\n李四 13900000000\n赵六 13700000000")
    assert "没算进去" not in seen
    assert "3. 赵六 13700000000" in seen
