"""A leader registers a team, and its members answer."""

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from bot.services.trainings.team_code_lockout import CHAT_LIMIT
from bot.store.models.trainings import TeamMemberRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine, lines
from tests.support.training_stories import TrainingScenario, introduce

LI = "李四 13900000000"
TEAM = "张三 13800000001\n赵六 13800000002"
ASKED = ("web", "wechat", "terminal")
"""The channels on which names and phones are asked for."""


async def known_leader(
    deployment: Deployment, clock: ManualClock, channel: str = "terminal"
) -> Line:
    """A courier who first wrote a day ago."""
    leader = lines(deployment, channel)[0]
    await leader.says("你好")
    clock.forward(days=1)
    return leader


async def lead(leader: Line) -> None:
    """带队报名 up to the question of how, for a leader whose phone we do not know yet."""
    await leader.says("带队报名 冬季骑行")
    assert "先留下你自己的姓名和手机号" in await leader.picks("冬季骑行安全 11月28日周六 09:30")
    assert "周九 13700000000" in await leader.says("周九 13700000000")
    assert "最多20人" in await leader.picks("同意并继续")


async def bring(leader: Line, mode: str, team: str) -> Sequence[str]:
    """A team, led; the code of each member."""
    await lead(leader)
    await leader.picks(mode)
    await leader.says(team)
    seen = await leader.picks("都同意了，报名")
    codes = re.findall(r"DUI-\w{8}", seen.text)
    assert len(set(codes)) == len(team.splitlines())
    return codes


async def accept(member: Line, code: str, who: str) -> None:
    """Sends the code and says yes, for a member whose phone is not known yet."""
    await member.says(code)
    await member.picks("我去")
    await member.says(who)


@pytest.mark.parametrize("mode", ["要去都去", "能去几个算几个"])
@pytest.mark.parametrize("channel", ASKED)
async def test_a_leader_brings_a_team(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock, channel: str, mode: str
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock, channel)
    _, member, stranger = lines(deployment, channel, 3)
    await lead(leader)
    assert {"返回", "取消"} <= set((await leader.picks(mode)).labels)
    assert "1. 张三 13800000001\n2. 赵六 13800000002" in await leader.says(TEAM)
    seen = await leader.picks("都同意了，报名")
    assert "每人一个邀请码，单独发给本人" in seen
    found = re.findall(r"(\S+ \S+): 还没回话，邀请码 DUI-(\w{8})", seen.text)
    assert [who for who, _ in found] == ["张* 138****0001", "赵* 138****0002"]
    assert ("2个名额留到" in seen) == (mode == "要去都去")
    of_zhang, of_zhao = (code for _, code in found)
    await accept(stranger, f"DUI-{of_zhao}", LI)
    assert "这个邀请码对不上你的手机号" in await stranger.picks("同意并报名")
    await member.arrives(f"tm-{of_zhang}")
    await member.picks("我去")
    await member.says("张三 138 0000 0001")
    assert "✓ 报上了：《冬季骑行安全》" in await member.picks("同意并报名")
    await leader.says("我的培训")
    seen = await leader.picks("我带的队（2人）")
    assert "张* 138****0001: 去\n" in seen
    assert f"赵* 138****0002: 还没回话，邀请码 DUI-{of_zhao}" in seen
    await scenario.resize(scenario.safety, 2)
    await stranger.says("报名冬季骑行安全")
    seen = await stranger.picks("对，排队" if mode == "要去都去" else "对，报名")
    assert ("你排第1位" in seen) == (mode == "要去都去")  # the second place waits for 赵六


@pytest.mark.parametrize(("size", "linked"), [(8, True), (9, False), (20, False)])
@pytest.mark.parametrize("channel", ASKED)
async def test_every_code_fits_in_the_answer_and_is_a_link_in_a_small_team(
    database_url: str,
    deployment: Deployment,
    scenario: TrainingScenario,
    clock: ManualClock,
    channel: str,
    *,
    size: int,
    linked: bool,
) -> None:
    await scenario.resize(scenario.safety, 70)
    page = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": "https://bot.example.org"}
    async with Deployment(page, clock) as public:
        leader = await known_leader(public, clock, channel)
        codes = await bring(
            leader, "要去都去", "\n".join(f"李卫国 138000000{n:02}" for n in range(size))
        )
        await leader.says("我的培训")
        seen = await leader.picks(f"我带的队（{size}人）")
        assert f"{size}个名额留到" in seen
        for code in codes:
            assert code in seen
            assert (f"https://bot.example.org/?start=tm-{code[4:]}" in seen) == linked


async def test_who_typed_the_phone_of_a_member_answers_and_erases_nothing_of_theirs(
    deployment: Deployment, channel: str, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await scenario.resize(scenario.safety, 7)
    of_zhang, of_zhao = await bring(await known_leader(deployment, clock), "要去都去", TEAM)
    claimant = lines(deployment, channel, 2)[1]
    if isinstance(claimant, TelegramLine):
        await introduce(claimant, "张三 13800000001")
    else:
        await accept(claimant, of_zhao, "张三 13800000001")
        assert "这个邀请码对不上你的手机号" in await claimant.picks("同意并报名")
    await claimant.says("删除我的数据")
    assert "都删了" in await claimant.picks("确认全部删除")
    member = lines(deployment, "terminal", 3)[2]
    await accept(member, of_zhang, "张三 13800000001")
    assert "✓ 报上了：《冬季骑行安全》" in await member.picks("同意并报名")


async def test_a_member_who_has_their_data_deleted_leaves_the_leaders_list(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    """Also while somebody else says that the phone is theirs."""
    await scenario.resize(scenario.safety, 7)
    of_zhang, of_zhao = await bring(await known_leader(deployment, clock), "要去都去", TEAM)
    member, claimant = lines(deployment, "web", 2)
    await accept(claimant, of_zhao, "张三 13800000001")
    await claimant.picks("同意并报名")
    await accept(member, of_zhang, "张三 13800000001")
    await member.picks("同意并报名")
    await member.says("删除我的数据")
    assert "都删了" in await member.picks("确认全部删除")
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(TeamMemberRow)) == 1


@pytest.mark.parametrize("channel", ASKED)
async def test_one_no_frees_the_seats_of_a_team_of_all_or_nobody(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock, channel: str
) -> None:
    """Who had accepted is told and may come alone; the leader is told and chooses again."""
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock, channel)
    _, zhang, zhao = lines(deployment, channel, 3)
    of_zhang, of_zhao = await bring(leader, "要去都去", TEAM)
    await accept(zhang, of_zhang, "张三 13800000001")
    seen = await zhang.picks("同意并报名")
    assert "✓ 报上了" in seen
    assert "全队都答应了才算数，等到今天14:00" in seen
    seen = await zhao.says(of_zhao)
    assert "要去都去：有一个不去，全队的名额就都放了" in seen
    assert "好，你不去" in await zhao.picks("我不去")
    seen = await zhang.says("我的培训")
    assert "没有报名的培训" in seen
    await deployment.deliver()
    if channel == "terminal":  # elsewhere it was pushed
        assert "有人去不了，带队的选了“要去都去”，你的名额也放了" in seen
        assert "报名" in seen.labels
        seen = await leader.says("帮助")
        assert "有人没答应，按“要去都去”，名额都放了" in seen
        assert "张* 138****0001: 答应过" in seen
        assert "赵* 138****0002: 不去" in seen
        seen = await leader.picks("剩下的要去都去")
    else:
        await leader.says("我的培训")
        await leader.picks("我带的队（2人）")
        seen = await leader.picks("剩下的要去都去")
    assert f"张* 138****0001: 还没回话，邀请码 {of_zhang}" in seen
    assert "1个名额留到" in seen
    await zhang.says(of_zhang)
    seen = await zhang.picks("我去")
    assert "✓ 报上了" in seen
    assert "才算数" not in seen  # nobody is left to wait for


async def test_a_missing_answer_frees_the_seats_of_a_team_of_all_or_nobody(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock)
    of_zhang, of_zhao = await bring(leader, "要去都去", TEAM)
    zhang, zhao = lines(deployment, "terminal", 3)[1:]
    await accept(zhang, of_zhang, "张三 13800000001")
    await zhang.picks("同意并报名")
    await scenario.pass_time(hours=4)
    seen = await leader.says("帮助")
    assert "有人没答应，按“要去都去”，名额都放了" in seen
    assert "张* 138****0001: 答应过" in seen
    assert "赵* 138****0002: 没回话" in seen
    seen = await leader.picks("能去几个算几个")
    assert "名额留到" not in seen
    await zhao.says(of_zhao)
    await zhao.picks("我去")
    await zhao.says("赵六 13800000002")
    assert "✓ 报上了" in await zhao.picks("同意并报名")
    seen = await zhang.says("帮助")
    assert "你的名额也放了" in seen
    assert "✓ 报上了" in await zhang.picks("报名")


@pytest.mark.parametrize("mode", ["要去都去", "能去几个算几个"])
async def test_the_leader_is_told_when_a_member_withdraws(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock, mode: str
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock)
    (code,) = await bring(leader, mode, "张三 13800000001")
    zhang = lines(deployment, "wechat")[0]
    await accept(zhang, code, "张三 13800000001")
    await zhang.picks("同意并报名")
    await zhang.says("我的培训")
    await zhang.picks("退第1场")
    assert "已退" in await zhang.picks("确定退")
    seen = await leader.says("帮助")
    assert "你队里的张* 138****0001不去《冬季骑行安全》" in seen
    assert "张* 138****0001: 不去" in await leader.picks("谁答应了")


async def test_a_member_who_withdraws_early_is_told_that_the_whole_team_goes(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock)
    of_zhang, _ = await bring(leader, "要去都去", TEAM)
    zhang = lines(deployment, "web")[0]
    await accept(zhang, of_zhang, "张三 13800000001")
    await zhang.picks("同意并报名")
    assert "全队的名额就都放了" in await zhang.says("周六来不了了 帮我退了")
    await zhang.picks("确定退")
    seen = await leader.says("帮助")
    assert "张* 138****0001: 不去" in seen
    assert "赵* 138****0002: 没回话" in seen


@pytest.mark.parametrize("page", ["", "https://bot.example.org"])
async def test_codes_are_not_taken_where_messages_leave_the_country(
    database_url: str,
    deployment: Deployment,
    scenario: TrainingScenario,
    clock: ManualClock,
    page: str,
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock)
    of_zhang, _ = await bring(leader, "要去都去", TEAM)
    settings = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": page}
    async with Deployment(settings, clock) as other:
        member = lines(other, "telegram")[0]
        assert isinstance(member, TelegramLine)
        await introduce(member, "张三 13800000001")  # linked with a chat where it was asked for
        for seen in (await member.says(of_zhang), await member.arrives(f"tm-{of_zhang[4:]}")):
            assert "我去" not in seen.labels
            assert ("发到网页上" if page else "发到微信公众号") in seen
    await leader.says("我的培训")
    assert "张* 138****0001: 还没回话" in await leader.picks("我带的队（2人）")


async def test_a_member_who_is_known_is_told_without_the_code(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = await known_leader(deployment, clock)
    member = lines(deployment, "telegram")[0]
    assert isinstance(member, TelegramLine)
    await introduce(member, "张三 13800000001")
    of_zhang, _ = await bring(leader, "要去都去", TEAM)
    await deployment.deliver()
    (told,) = [
        one["text"] for one in deployment.telegram.messages[7000] if "带队" in one.get("text", "")
    ]
    assert "问带队的人要你的邀请码" in told
    assert of_zhang[4:] not in str(deployment.telegram.messages[7000])


@pytest.mark.parametrize("channel", ASKED)
async def test_a_new_leader_brings_a_team_without_reserving(
    deployment: Deployment, scenario: TrainingScenario, channel: str
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader = lines(deployment, channel)[0]
    await lead(leader)
    await leader.picks("要去都去")
    await leader.says(TEAM)
    seen = await leader.picks("都同意了，报名")
    assert "你刚来，用满一天就能给全队留名额" in seen
    seen = await leader.picks("能去几个算几个")
    assert len(re.findall(r"邀请码 DUI-\w{8}", seen.text)) == 2
    assert "留到" not in seen


async def test_a_team_beyond_the_share_is_brought_without_reserving(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await scenario.resize(scenario.safety, 6)
    leader = await known_leader(deployment, clock)
    await lead(leader)
    await leader.picks("要去都去")
    await leader.says(TEAM)
    assert "最多给带队的留1个名额" in await leader.picks("都同意了，报名")
    assert "邀请了2人" in await leader.picks("能去几个算几个")


async def test_consent_to_one_training_takes_no_place_of_a_team_for_another(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await scenario.resize(scenario.safety, 7)
    leader, member = await known_leader(deployment, clock), lines(deployment, "web")[0]
    (code,) = await bring(leader, "要去都去", "张三 13800000001")
    await accept(member, code, "张三 13800000001")
    member._actions["?"] = f"training.agree:{scenario.first_aid}:1"  # type: ignore[attr-defined]
    assert "✓ 报上了：《急救入门》" in await member.picks("?")
    await leader.says("我的培训")
    assert "张* 138****0001: 还没回话" in await leader.picks("我带的队（1人）")


async def test_a_team_that_does_not_fit_is_refused_whole(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    leader = await known_leader(deployment, clock)
    await lead(leader)
    await leader.picks("要去都去")
    await leader.says(TEAM)
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


@pytest.mark.parametrize("channel", ASKED)
async def test_who_sends_wrong_codes_is_told_when_to_try_again(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock, channel: str
) -> None:
    leader = await known_leader(deployment, clock, channel)
    of_zhang, _ = await bring(leader, "能去几个算几个", TEAM)
    _, guesser, zhang = lines(deployment, channel, 3)
    for _ in range(CHAT_LIMIT.most):
        assert "没有这个邀请码" in await guesser.says("DUI-ZZZZZZZZ")
    told = "一小时后再发给我"
    assert told in await guesser.says(of_zhang)
    assert told in await guesser.arrives("tm-" + of_zhang.removeprefix("DUI-"))
    assert told not in await zhang.says(of_zhang)
    clock.forward(hours=1)
    assert "我去" in (await guesser.says(of_zhang)).labels
