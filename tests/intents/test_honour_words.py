"""Messages about the honour, and those that only look like them."""

import pytest

from bot.intents.normalise import normalise
from bot.intents.subjects.honour_words import HonourWish, honour_wish

WISHES = {
    HonourWish.NOMINATE: "提名老王 我要提名 提名 怎么提名 咋提名 我想提名我们站的老王 "
    "提名一个同事 提名最美快递员 "
    "推荐老王当最美快递员 我推荐我徒弟参加最美快递员 最美快递员怎么提名 "
    "我想提名李二梅 提名张师傅当最美小哥 "
    "想提名个人 在哪提名 nominate",
    HonourWish.NOMINATE_SELF: "自荐 我要自荐 提名我自己 我想参评 参加最美快递员评选 "
    "我要参加最美快递员 报名最美快递员",
    HonourWish.VOTE: "投票 我要投票 怎么投票 给老王投票 给老王投一票 在哪投票 "
    "去哪投票 最美快递员怎么投票 我想投票 "
    "候选人有谁 候选名单 投给最美快递员 投票在哪 vote",
    HonourWish.WITHDRAW: "撤回提名 取消提名 撤销我的提名 我不参加评选了 把提名撤了 "
    "把我提名撤了 把我的提名撤了 我提名撤回 "
    "我要撤回提名 退出评选 不参加评选了",
    HonourWish.MINE: "我的提名 我的提名咋样了 查我的提名 我的提名怎么样了",
    HonourWish.SHOW: "最美快递员 最美快递员是谁 评选 评选啥时候开始 最美快递员评选 "
    "今年最美快递员评选结果 最美小哥 "
    "最美骑手 投票啥时候截止 提名截止了吗 往届最美快递员 "
    "最美快递员有啥条件 最美快递小哥名单 投票结果 "
    "最美快递员的故事 评选规则 去年的最美快递员是谁",
}
OTHERS = (
    "老王电话多少 提名老王电话多少 老王在哪 最美驿站在哪 "
    "最美的站在哪 投票站附近有厕所吗 去投票站 给老王打电话 "
    "推荐个驿站 "
    "推荐个热水近的地方 选个近的驿站 取消报名 撤回 撤回申请 "
    "我的培训 参加培训 我要报名 报名 最近的驿站 退出 "
    "老王推荐的驿站 "
    "我的卡 自己办卡行吗 推荐张卡 参加急救课 取消 不参加了 "
    "我不参加培训了 我的申请 名单 结果 有啥活动 快递员 "
    "快递小哥奋斗卡 "
    "奋斗卡评选上了能办吗 投诉 投递 投个快递 给老王送热水 提前名额 "
    "名额还有吗 今天有评优课吗 附近最美的驿站有热水吗 哪家驿站最好 "
    "我想学点啥 接着学 微课 老王呢 帮老王报名 老王也报名 员工评选在哪个驿站开会"
)


@pytest.mark.parametrize(
    ("text", "wish"), [(one, wish) for wish, texts in WISHES.items() for one in texts.split()]
)
def test_what_is_asked_about_the_honour_is_understood(text: str, wish: HonourWish) -> None:
    assert honour_wish(normalise(text)) is wish


@pytest.mark.parametrize("text", OTHERS.split())
def test_other_messages_are_left_to_their_subjects(text: str) -> None:
    assert honour_wish(normalise(text)) is None


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("I want to nominate a colleague", HonourWish.NOMINATE),
        ("nominate myself", HonourWish.NOMINATE_SELF),
        ("how do I vote?", HonourWish.VOTE),
        ("withdraw my nomination", HonourWish.WITHDRAW),
        ("my nomination", HonourWish.MINE),
        ("courier of the year winners", HonourWish.SHOW),
        ("what is the courier of my parcel", None),
        ("vote for hot water at the station", None),
    ],
)
def test_english_messages(text: str, wish: HonourWish | None) -> None:
    assert honour_wish(normalise(text)) is wish


@pytest.mark.parametrize(
    ("piece", "wish"),
    [
        ("想要", None),
        ("我们咱们", None),
        ("吧呢", None),
        ("推荐给该", None),
        ("看看", None),
        ("查查", None),
        ("评选", HonourWish.SHOW),
        ("最美快递员", HonourWish.SHOW),
        ("投票结果", HonourWish.VOTE),
    ],
)
def test_long_messages_of_repeated_words_are_read_in_no_time(
    piece: str, wish: HonourWish | None
) -> None:
    assert honour_wish(piece * 100 + "x") is wish
