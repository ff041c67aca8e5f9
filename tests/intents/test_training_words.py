"""Names, phones and trainings in what couriers type."""

from datetime import date, datetime

import pytest

from bot.intents.contacts import gives_up, name, people, phone, unread
from bot.intents.training_hints import likeness, training_hint

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "who", "number"),
    [
        ("报名 王强 13812345678 周六上午那场", "王强", "13812345678"),
        ("王强13812345678", "王强", "13812345678"),
        ("我叫王强,电话138 1234 5678", "王强", "13812345678"),
        ("王强　１３８１２３４５６７８", "王强", "13812345678"),
        ("阿拉坦·其其格 +86 138-1234-5678", "阿拉坦·其其格", "13812345678"),
        ("周杰 13812345678", "周杰", "13812345678"),
        ("报名急救那个", None, None),
        ("帮我报周六上午", None, None),
        ("138123456789", None, None),
        ("电话 12345678901", None, None),
    ],
)
def test_a_name_and_a_phone_beside_other_words(
    typed: str, who: str | None, number: str | None
) -> None:
    assert name(typed) == who
    assert phone(typed) == number


def test_a_name_that_was_asked_for_may_be_any() -> None:
    assert name("Wang Qiang 13812345678", asked=True) == "Wang Qiang"
    assert name("巴特尔", asked=True) == "巴特尔"
    assert name("13812345678", asked=True) is None


NAMES = (
    "王强 李二梅 乌云其木格 斯琴 敖特根·巴雅尔 巴雅尔 那日苏 苏日娜 孟和 高娃 白斯古楞 额尔敦 "
    "萨仁图雅 哈斯额尔敦 阿木古楞 铁木真 欧阳娜娜 王名扬 谢和平 王小强 格日勒图 包特木尔 "
    "Bataar Батаар ᠪᠠᠭᠠᠲᠤᠷ"
)


@pytest.mark.parametrize("typed", NAMES.split())
def test_names_are_names(typed: str) -> None:
    assert name(typed, asked=True) == typed
    assert name(f"我叫{typed}", asked=True) == typed
    assert name(f"{typed} 13812345678", asked=True) == typed


TALK = (
    "好冷啊 今天好冷 我在海拉尔火车站，手冻僵了 厕所和热水 我不想办了 不知道 转人工 谢谢 你好 "
    "海拉尔 呼和浩特 包头 周六 明天 高兴 随便 哈哈 可以 好的 要 138 等一下 啥意思 充电 火车站 "
    "hello cancel"
)


@pytest.mark.parametrize("typed", TALK.split())
def test_talk_is_no_name(typed: str) -> None:
    assert name(typed, asked=True) is None


@pytest.mark.parametrize(
    "typed",
    [
        "+86 138-1234-5678",
        "１３８１２３４５６７８",
        "(+86)13812345678",
        "0086-138 12345678",
        "138.1234.5678",
        "我的手机 138　1234　5678",
        "138-123-45678",
    ],
)
def test_a_phone_in_any_spelling(typed: str) -> None:
    assert phone(typed) == "13812345678"


@pytest.mark.parametrize(
    "typed",
    [
        *("我不想办了", "不报了", "算了吧", "不用了", "不想报名了", "不去了"),
        *("算了 不办了", "我要退", "我要退出", "算了，我不想弄了，太麻烦了", "不填了谢谢"),
    ],
)
def test_who_gives_up_is_understood(typed: str) -> None:
    assert gives_up(typed)


@pytest.mark.parametrize(
    "typed",
    ["不要培训提醒", "我想办卡", "王强", "不知道", "办不了卡咋办", "我要退货", "谢谢", "不对"],
)
def test_who_does_not_give_up_goes_on(typed: str) -> None:
    assert not gives_up(typed)


def test_what_a_list_leaves_out_is_known() -> None:
    typed = "名单：\n1. 张三 13800000001\n李四，1390000000\n赵六\n王五, 13800000005；孙七 1370000"
    assert people(typed) == [("张三", "13800000001"), ("王五", "13800000005")]
    assert unread(typed) == [("李四 1390000000", True), ("赵六", False), ("孙七 1370000", True)]


def test_a_team_in_lines_commas_or_without_names() -> None:
    typed = "张三 13800000001\n李四13800000002,王五:138-0000-0003；13800000004\n张三 13800000001"
    assert people(typed) == [
        ("张三", "13800000001"),
        ("李四", "13800000002"),
        ("王五", "13800000003"),
        ("", "13800000004"),
    ]
    assert len(people("\n".join(f"张三 138{n:08d}" for n in range(30)))) == 30


@pytest.mark.parametrize(
    "typed",
    [
        "张三13800000001李四13800000002",
        "13800000001 张三\n13800000002 李四",
        "13800000001张三 13800000002李四",
        "张三\n13800000001\n李四\n13800000002",
        "张三（13800000001）、李四（13800000002）",
        "张三 138 0000 0001 / 李四 138-0000-0002",
        "1、张三 13800000001 2、李四 13800000002",
        "张三\t13800000001\n李四\t13800000002",
        "姓名：张三 电话：13800000001；姓名：李四 电话：13800000002",
        "张三13800000001和李四13800000002",
        "我们俩：张三13800000001，还有李四13800000002",
        "张三 李四 13800000001 13800000002",
    ],
)
def test_a_team_in_any_separators_and_order(typed: str) -> None:
    assert people(typed) == [("张三", "13800000001"), ("李四", "13800000002")]
    assert unread(typed) == []


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("张三 13800000001 李四 王五 13800000003", ["李四"]),
        ("张三 13800000001\n李四 13800000001", ["李四 13800000001"]),
        ("张三 李四 王五 13800000001 13800000002", ["张三", "李四", "王五"]),
        ("张三 李四 13800000002", ["张三"]),
        ("张三\n李四\n13800000002", ["张三"]),
        ("13800000002 张三 李四", ["李四"]),
    ],
)
def test_nobody_of_a_team_is_left_out_silently(typed: str, left: list[str]) -> None:
    assert [one for one, _ in unread(typed)] == left


@pytest.mark.parametrize(
    ("typed", "first", "last", "hours"),
    [
        ("周六上午那场", (11, 28), (11, 28), (5, 12)),
        ("这周末", (11, 28), (11, 29), None),
        ("大讲堂这周讲什么", (11, 23), (11, 29), None),
        ("下周有什么课", (11, 30), (12, 6), None),
        ("下周三", (12, 2), (12, 2), None),
        ("明天下午", (11, 24), (11, 24), (12, 18)),
        ("28号", (11, 28), (11, 28), None),
        ("12月5日晚上", (12, 5), (12, 5), (17, 24)),
        ("saturday morning", (11, 28), (11, 28), (5, 12)),
    ],
)
def test_which_days_are_meant(
    typed: str,
    first: tuple[int, int],
    last: tuple[int, int],
    hours: tuple[int, int] | None,
) -> None:
    hint = training_hint(typed, MONDAY)
    assert hint.first == date(2026, *first)
    assert hint.last == date(2026, *last)
    assert hint.hours == hours


@pytest.mark.parametrize("typed", ["32号", "2月30日", "报名", "13/45", ""])
def test_no_day_is_named(typed: str) -> None:
    assert not training_hint(typed, MONDAY)


def test_a_day_past_is_the_next_of_its_name() -> None:
    assert training_hint("周一", date(2026, 11, 25)).first == date(2026, 11, 30)
    assert training_hint("3号", MONDAY).first == date(2026, 12, 3)
    assert training_hint("1月5日", MONDAY).first == date(2027, 1, 5)
    assert training_hint("31号", date(2026, 4, 30)).first == date(2026, 5, 31)
    assert training_hint("31号", date(2026, 3, 31)).first == date(2026, 3, 31)
    assert training_hint("5号", date(2026, 12, 6)).first == date(2027, 1, 5)
    assert not training_hint("30号", date(2026, 1, 31))  # February has none


def test_hours_count_from_their_first_to_before_their_last() -> None:
    morning = training_hint("上午", MONDAY)
    assert morning.fits(datetime(2026, 11, 28, 5))  # noqa: DTZ001 - local by contract
    assert not morning.fits(datetime(2026, 11, 28, 12))  # noqa: DTZ001


def test_a_title_is_recognised_by_its_telling_words() -> None:
    assert likeness("报名急救那个", "急救入门") > likeness("报名急救那个", "冬季骑行安全")
    assert likeness("最近有啥培训", "安全培训") == 0
