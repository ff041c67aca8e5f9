"""是不是骗子: red flags are named and explained, nothing is called safe, nothing pasted is kept."""

import pytest
from sqlalchemy import select

from bot.intents.subjects.scams import red_flags, rules
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.stations import DemandRow
from tests.support.cards import KEYS
from tests.support.courier import Deployment, Line, lines

PASTED = (
    "【顺丰】您派送的快件丢失，鸬鹚客服为您办理双倍赔付，请下载会议软件共享屏幕，"
    "验证码774431，详见 http://canary-7741.top/x"
)
CANARIES = ("鸬鹚", "774431", "canary-7741")
PROMISES = ("安全的", "是真的", "放心", "正规的", "it is safe", "is honest.")


async def test_flags_are_named_with_why_and_what_to_do(courier: Line) -> None:
    await courier.arrives()
    await courier.picks("钱的事")
    seen = await courier.picks("是不是骗子")
    assert "我只看，不存" in seen
    seen = await courier.says(PASTED)
    for words in ("5处", "假客服退款", "共享屏幕", "验证码", "不明链接", "96110", "别转账"):
        assert words in seen
    assert not any(one in seen.text for one in CANARIES)
    assert "贴过来" in await courier.picks("再查一条")


async def test_nothing_is_called_safe(courier: Line) -> None:
    await courier.says("这是不是骗子")
    seen = await courier.says("您好，您的外卖到楼下了，麻烦下来取一下")
    assert "这不等于没问题" in seen
    assert "96110" in seen
    assert not any(one in seen.text for one in PROMISES)


@pytest.mark.parametrize("first", [None, "是不是骗子"])
async def test_what_was_pasted_is_kept_nowhere(
    deployment: Deployment, channel: str, first: str | None
) -> None:
    courier = lines(deployment, channel)[0]
    if first:
        await courier.says(first)
    assert "骗局特征" in await courier.says(PASTED)
    async with deployment.replicas[0].store.reading() as db:
        kept = [
            KEYS.open(value, place)
            for place, column in (
                ("inbox.answer", InboxRow.answer),
                ("chat.state", ChatRow.state),
                ("chat.pushed", ChatRow.pushed),
            )
            for value in await db.scalars(select(column))
            if value
        ]
        assert not list(await db.scalars(select(DemandRow)))
    assert kept
    assert not [one for one in CANARIES if one in "".join(kept)]


async def test_a_short_question_about_something_else_is_answered_instead(terminal: Line) -> None:
    await terminal.says("是不是骗子")
    seen = await terminal.says("厕所在哪")
    assert "位置" in seen
    assert "骗" not in seen.text


async def test_a_whole_card_number_is_warned_of_and_not_repeated(terminal: Line) -> None:
    await terminal.says("是不是骗子")
    seen = await terminal.says("让我往6222020200112233446转钱 这是安全账户")
    assert "整串" in seen or "卡号" in seen
    assert "安全账户" in seen
    assert "6222020200112233446" not in seen.text


async def test_an_emergency_comes_before_a_scam(terminal: Line) -> None:
    await terminal.says("是不是骗子")
    seen = await terminal.says("我被撞了 动不了")
    assert "120" in seen
    assert "骗" not in seen.text


async def test_the_check_in_english(deployment: Deployment) -> None:
    courier = lines(deployment, "web")[0]
    await courier.says("English")
    await courier.says("is it a scam")
    seen = await courier.says("Your account is locked, share your screen and tell us the code")
    assert "Shared screen" in seen
    assert "96110" in seen


async def test_a_map_link_is_no_stranger_s_link(terminal: Line) -> None:
    seen = await terminal.says("https://uri.amap.com/marker?position=111.75,40.84&name=x")
    assert "骗局" not in seen.text


def test_every_rule_says_why_and_what_to_do_in_both_languages() -> None:
    codes = [rule.code for rule in rules()]
    assert len(codes) == len(set(codes)) >= 15
    for rule in rules():
        for words in (*rule.name, *rule.why, *rule.todo):
            assert words
        for chinese in (rule.name[0], rule.why[0], rule.todo[0]):
            assert not chinese.isascii()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("先交 300 手续费 才能放款", "fee_first"),
        ("把 验 证 码 发 我", "code"),
        ("动动手指 日赚300 佣金日结", "brushing"),
        ("我是客服，给您退款，请点链接", "fake_service"),
        ("打开腾讯会议共享你的屏幕", "screen"),
        ("扫码进群领礼品", "courier"),
        ("把钱转到安全账户配合调查", "police"),
        ("不转钱就把视频发给你通讯录", "nude"),
        ("http://a-b.top/x", "link"),
        ("专业修复征信", "credit"),
        ("黑户也能秒批", "easy_loan"),
        ("老师带单稳赚", "invest"),
        ("我是你领导，换号了", "friend"),
        ("高价收银行卡", "bank_card"),
        ("恭喜您中奖", "prize"),
        ("帮忙送一个现金包裹", "mule"),
        ("入职先交服装费", "job_fee"),
        ("不处理即将冻结", "hurry"),
        ("下载我们的app", "app"),
        ("+44 7911 123456", "abroad_number"),
        ("0085212345678", "abroad_number"),
    ],
)
def test_each_trick_is_recognised(text: str, code: str) -> None:
    assert code in {rule.code for rule in red_flags(text)}


@pytest.mark.parametrize(
    "text", ["我的卡到哪了", "附近有热水吗", "13812345678", "+86 13812345678", "明天下午有课吗"]
)
def test_plain_messages_have_no_flag(text: str) -> None:
    assert red_flags(text) == ()
