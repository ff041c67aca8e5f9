"""A courier finds a training and registers for it."""

from datetime import datetime

import pytest
from sqlalchemy import text

from bot.common.clock import CHINA
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine, lines
from tests.support.training_stories import TrainingScenario, introduce, sign_up
from tests.support.trainings import create_training

WANG = "王强 13812345678"
LI = "李四 13900000000"


@pytest.fixture(params=["web", "terminal", "wechat"])
def courier_at_home(deployment: Deployment, request: pytest.FixtureRequest) -> Line:
    """A courier on a channel inside the country, where names are asked for."""
    return lines(deployment, request.param)[0]


async def test_registering_takes_two_taps_once_name_and_phone_are_known(
    courier_at_home: Line, scenario: TrainingScenario
) -> None:
    courier = courier_at_home
    seen = await courier.says("最近有啥培训")
    assert "1. 急救入门\n11月25日周三 14:00–16:00 · 工行新城支行二楼会议室\n还有30个名额" in seen
    assert "11月26日周四 10:00–12:00 · 线上" in seen
    seen = await courier.picks("看第1场")
    assert "报名截止：周三13:30" in seen
    assert any("apis.map.qq.com" in link for link in seen.links)
    seen = await courier.picks("报名")
    assert "只问这一次" in seen
    assert {"返回", "取消"} <= set(seen.labels)
    assert "手机号呢" in await courier.says("王强")
    seen = await courier.says("13812345678")
    assert "王强 13812345678，报《急救入门》" in seen  # shown once before it is stored
    seen = await courier.picks("同意并报名")
    assert "✓ 报上了：《急救入门》11月25日周三 14:00–16:00" in seen
    await courier.says("最近有啥培训")
    await courier.picks("看第2场")
    assert "✓ 报上了：《禁寄物品识别》" in await courier.picks("报名")
    seen = await courier.says("我报的那个课几点 在哪来着")
    assert "1. 急救入门\n11月25日周三 14:00–16:00 · 工行新城支行二楼会议室\n✓ 有名额。" in seen
    assert "2. 禁寄物品识别" in seen


async def test_one_sentence_is_enough_to_register(
    courier_at_home: Line, scenario: TrainingScenario
) -> None:
    courier = courier_at_home
    seen = await courier.says(f"报名 {WANG} 周六上午那场")
    assert "王强 13812345678，报《冬季骑行安全》11月28日周六 09:30–11:30" in seen
    assert {"填错了", "返回", "取消"} <= set(seen.labels)
    assert "✓ 报上了：《冬季骑行安全》" in await courier.picks("同意并报名")


async def test_the_waitlist_moves_when_a_seat_is_given_back(
    deployment: Deployment, channel: str, scenario: TrainingScenario, clock: ManualClock
) -> None:
    first, second = lines(deployment, channel, 2)
    await sign_up(first, "周六上午那场", WANG)
    seen = await sign_up(second, "周六上午那场", LI)
    assert "满了：《冬季骑行安全》11月28日周六 09:30–11:30，你排第1位" in seen
    assert "给你留2小时，夜里不算" in seen
    assert "报上了" not in seen
    assert "排第1位，还没有名额" in await second.says("排队排到第几了")
    seen = await first.says("周六来不了了 帮我退了")
    assert "确定退《冬季骑行安全》" in seen
    assert "已退：《冬季骑行安全》" in await first.picks("确定退")
    await deployment.deliver()
    seen = await second.says("我的培训")
    assert "有个名额给你留到今天12:00" in seen
    assert "✓ 报上了：《冬季骑行安全》" in await second.picks("要第1场名额")
    assert "没有报名的培训" in await first.says("我的培训")


async def test_a_week_a_place_and_a_topic_narrow_the_list(
    at_home: Line, scenario: TrainingScenario
) -> None:
    seen = await at_home.says("大讲堂这周讲什么")
    assert "急救入门" in seen
    assert "派送规范" not in seen
    seen = await at_home.says("赤峰有啥培训")
    assert "赤峰市近期培训" in seen
    assert "客户服务" in seen
    assert "急救入门" not in seen
    assert "那段时间没有安排" in await at_home.says("后天晚上有什么培训")
    seen = await at_home.says("阿拉善有什么培训")
    assert "禁寄物品识别" in seen  # online is everywhere
    assert "急救入门" not in seen


async def test_a_refusal_names_its_reason(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, "terminal")[0]
    await sign_up(courier, "急救入门", WANG)
    await courier.says("报名急救入门")
    await scenario.move(scenario.safety, datetime(2026, 11, 25, 15, tzinfo=CHINA))
    await courier.says("报名冬季骑行安全")
    assert "那个时间你已经报了《急救入门》" in await courier.picks("对，报名")
    seen = await courier.says("报名派送规范那场")
    assert "只限中通的小哥" in seen
    assert "你在中通吗" in await courier.picks("对，报名")
    assert "✓ 报上了：《派送规范》" in await courier.picks("在")
    other = lines(deployment, "terminal")[0]
    clock.set(datetime(2026, 11, 25, 10, tzinfo=CHINA))
    await other.says("报名急救入门")
    clock.set(datetime(2026, 11, 25, 13, 45, tzinfo=CHINA))
    assert "已截止报名" in await other.picks("对，报名")
    await scenario.cancel(scenario.zto)
    assert "你的培训" in await courier.says("我的培训")
    assert "派送规范" not in await courier.says("我的培训")


async def test_back_and_cancel_leave_nothing_behind(
    at_home: Line, scenario: TrainingScenario
) -> None:
    await at_home.says(f"报名 {WANG} 周六上午那场")
    await at_home.picks("填错了")
    await at_home.says("李四")
    assert "李四 13900000000" in await at_home.says("13900000000")
    assert "【冬季骑行安全】" in await at_home.picks("返回")
    await at_home.says("取消")
    assert "没有报名的培训" in await at_home.says("我的培训")


async def test_names_and_phones_are_nowhere_in_plain_text(
    deployment: Deployment, at_home: Line, scenario: TrainingScenario
) -> None:
    await sign_up(at_home, "急救入门", WANG)
    await at_home.says("带队报名 冬季骑行")
    await at_home.picks("冬季骑行安全 11月28日周六 09:30")
    await at_home.picks("能去几个算几个")
    await at_home.says("张三 13800000001")
    await at_home.picks("都同意了，报名")
    dumped = b""
    tables = (
        "profile",
        "team",
        "team_member",
        "registration",
        "outbox",
        "chat",
        "inbox",
        "consent",
    )
    async with deployment.replicas[0].store.reading() as db:
        for table in tables:
            for row in await db.execute(text(f"SELECT * FROM {table}")):  # noqa: S608
                dumped += b" ".join(
                    value if isinstance(value, bytes) else str(value).encode() for value in row
                )
    for secret in ("王强", "13812345678", "张三", "13800000001", "5678"):
        assert secret.encode() not in dumped


async def test_what_is_no_name_is_not_taken_for_one(
    at_home: Line, scenario: TrainingScenario
) -> None:
    await at_home.says("报名急救入门")
    await at_home.picks("对，报名")
    for typed in ("随便说说", "谢谢", "不知道", "哈哈哈"):
        seen = await at_home.says(typed)
        assert "这不像姓名" in seen
        assert "“取消”" in seen
    assert "手机号呢" in await at_home.says("乌云其木格")
    seen = await at_home.says("+86 138-1234-5678")
    assert "乌云其木格 13812345678，报《急救入门》" in seen
    assert "只问这一次" in await at_home.says("不对")
    assert "乌云其木格 13812345678，报" in await at_home.says("乌云其木格13812345678")
    assert "✓ 报上了" in await at_home.says("同意")


async def test_an_unusual_name_is_taken_when_it_is_said_again(
    at_home: Line, scenario: TrainingScenario
) -> None:
    await at_home.says("报名急救入门")
    await at_home.picks("对，报名")
    assert "再发一次" in await at_home.says("谢谢")
    assert "手机号呢" in await at_home.says("谢谢")


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("我在海拉尔火车站，手冻僵了", "公里"),
        ("哪里有厕所", "位置"),
        ("厕所和热水", "位置"),
        ("给我找个客服", "12351"),
    ],
)
async def test_who_asks_for_something_else_is_answered_and_the_form_goes_on(
    at_home: Line, scenario: TrainingScenario, typed: str, answered: str
) -> None:
    await at_home.says("报名急救入门")
    await at_home.picks("对，报名")
    seen = await at_home.says(typed)
    assert answered in seen
    assert "接着填" in seen
    assert "报《急救入门》要姓名和手机号" in seen
    assert "怎么称呼" in await at_home.says("13812345678")


@pytest.mark.parametrize("typed", ["我不想报了", "不报了吧"])
async def test_who_gives_up_leaves_the_form(
    at_home: Line, scenario: TrainingScenario, typed: str
) -> None:
    await at_home.says("报名急救入门")
    await at_home.picks("对，报名")
    assert "都没存" in await at_home.says(typed)
    assert "报《" not in await at_home.says("13812345678")


async def test_name_and_phone_answer_the_question_which_training(
    at_home: Line, scenario: TrainingScenario
) -> None:
    assert "是这场吗" in await at_home.says("报名急救入门")
    assert "王强 13812345678，报《急救入门》" in await at_home.says("王强13812345678")
    await at_home.says("取消")
    await at_home.says("报名急救入门")
    assert "姓名" in await at_home.says("１３８ １２３４ ５６７８")
    assert "斯琴 13812345678，报《急救入门》" in await at_home.says("斯琴")


async def test_a_seat_that_is_held_is_taken_or_passed_on_in_words(
    deployment: Deployment, scenario: TrainingScenario
) -> None:
    first, second, third = lines(deployment, "terminal", 3)
    await sign_up(first, "周六上午那场", WANG)
    await sign_up(second, "周六上午那场", LI)
    await sign_up(third, "周六上午那场", "赵六 13700000000")
    await first.says("周六来不了了 帮我退了")
    await first.picks("确定退")
    assert "要还是不要" in await second.says("我的培训")
    assert "谢谢" in await second.says("让给别人")
    await third.says("你好")
    assert "✓ 报上了：《冬季骑行安全》" in await third.says("要了")
    assert "没有给你留着的名额" in await third.says("不要")


async def test_abroad_no_name_is_asked_but_who_is_known_signs_up_in_two_taps(
    deployment: Deployment, scenario: TrainingScenario
) -> None:
    courier = TelegramLine(deployment, 7000)
    for typed in ("报名急救入门", f"报名 {WANG} 急救入门"):
        seen = await courier.says(typed)
        assert "【急救入门】" in seen
        assert "不收姓名和手机号" in seen
        assert "公众号" in seen
        assert "王强" not in seen
        assert "对，报名" not in seen.labels
    assert "不收姓名和手机号" in await courier.says("带队报名 急救")
    hint = "报名要留手机号，这儿不收，去微信公众号报"
    assert hint in await courier.says("最近有啥培训")
    seen = await courier.picks("看第1场")
    assert hint in seen
    assert "报名" not in seen.labels
    assert "带队报名" not in seen.labels
    assert "公众号" in await courier.picks("去哪报名")
    await introduce(courier, WANG)
    assert hint not in await courier.says("最近有啥培训")
    seen = await courier.picks("看第1场")
    assert hint not in seen
    assert "报名" in seen.labels
    await courier.says("报名急救入门")
    assert "✓ 报上了：《急救入门》" in await courier.picks("对，报名")


async def test_old_and_forged_buttons_are_met_politely(
    deployment: Deployment, scenario: TrainingScenario
) -> None:
    page = lines(deployment, "web")[0]
    for action in (
        "training.show:99999", "training.register:x", "training.accept:1", "training.left:1",
        "training.score:1:9", "training.team.join:77", "training.team.decline:1",
        "training.team.join:ZZZZZZ", "training.agree:1", "training.agree:1:1", "training.list:9:9",
        "training.certificate:1", "training.come:1", "training.team.mode:1:none",
    ):  # fmt: skip
        page._actions["?"] = action  # type: ignore[attr-defined]
        seen = await page.picks("?")
        assert seen.text
        assert "出了点问题" not in seen
        assert "reference" not in seen.text.lower()


async def test_a_listed_training_is_picked_by_its_number_or_a_word(
    at_home: Line, scenario: TrainingScenario
) -> None:
    await at_home.says("大讲堂")
    seen = await at_home.says("第2场")
    assert "【禁寄物品识别】" in seen
    assert "急救入门" not in seen
    for word, title in (("急救", "急救入门"), ("冬季", "冬季骑行安全")):
        await at_home.says("大讲堂")
        seen = await at_home.says(word)
        assert title in seen
        assert "禁寄物品识别" not in seen


async def test_a_whole_id_typed_for_a_name_is_warned_of(
    at_home: Line, scenario: TrainingScenario
) -> None:
    await at_home.says("大讲堂")
    await at_home.says("第1场")
    await at_home.picks("报名")
    seen = await at_home.says("王强 15010219900307123X")
    assert "这像是完整的身份证号或卡号" in seen
    assert "急救入门" in await at_home.says("王强 13812345678")


ABOUT_THE_LESSON = [
    ("几点开始", "14:00"),
    ("几点下课", "16:00"),
    ("在哪上", "工行新城支行二楼会议室"),
    ("要带啥", "带上手机就行"),
    ("讲什么", "讲"),
    ("要钱吗", "《急救入门》不要钱"),
    ("还有名额吗", "名额"),
]


@pytest.mark.parametrize(("typed", "answered"), ABOUT_THE_LESSON)
async def test_a_question_about_the_lesson_is_answered_at_each_step_and_the_form_goes_on(
    courier_at_home: Line, scenario: TrainingScenario, typed: str, answered: str
) -> None:
    assert "是这场吗" in await courier_at_home.says("报名急救入门")
    seen = await courier_at_home.says(typed)
    assert answered in seen
    assert "是这场吗" in seen
    await courier_at_home.picks("对，报名")
    seen = await courier_at_home.says(typed)
    assert answered in seen
    assert "报《急救入门》要姓名和手机号" in seen
    await courier_at_home.says(WANG)
    seen = await courier_at_home.says(typed)
    assert answered in seen
    assert "王强 13812345678，报《急救入门》" in seen
    assert "✓ 报上了" in await courier_at_home.picks("同意并报名")
    assert "6位" in await courier_at_home.says("签到")
    seen = await courier_at_home.says(typed)
    assert answered in seen
    assert "6位" in seen


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("几点开始", "15:00"),
        ("在哪上", "测试路1号"),
        ("要带啥", "手机"),
        ("讲什么", "《雪天配送》"),
    ],
)
async def test_the_question_for_the_firm_stands_after_another_question_and_a_break(
    courier: Line, deployment: Deployment, clock: ManualClock, typed: str, answered: str
) -> None:
    await create_for_couriers_of(deployment, clock, only_firm="中通")
    await be_known_abroad(courier)
    await courier.says("报名雪天配送")
    await courier.picks("对，报名")
    seen = await courier.says(typed)
    assert answered in seen
    assert "你在中通吗" in seen
    assert "说“继续”接着填" in await courier.says("我的收藏")
    clock.forward(hours=3)
    assert "你在中通吗" in await courier.says("继续")
    seen = await courier.says("在")
    assert "报上了：《雪天配送》" in seen or "报《雪天配送》要姓名和手机号" in seen


async def test_which_lesson_and_the_code_are_asked_again_after_a_break(
    courier_at_home: Line, scenario: TrainingScenario
) -> None:
    await courier_at_home.says("报名急救入门")
    assert "说“继续”接着填" in await courier_at_home.says("我的收藏")
    assert "是这场吗" in await courier_at_home.says("继续")
    assert "怎么称呼" in await courier_at_home.says("13812345678")
    await courier_at_home.says("取消")
    await courier_at_home.says("签到")
    assert "6位" in await courier_at_home.says("附近有厕所吗")
    await courier_at_home.says("我的收藏")
    assert "6位" in await courier_at_home.says("继续")


async def be_known_abroad(courier: Line) -> None:
    """Gives name and phone beforehand where they are not asked for."""
    if isinstance(courier, TelegramLine):
        await introduce(courier, WANG)


async def create_for_couriers_of(
    deployment: Deployment, clock: ManualClock, *, only_firm: str = "", only_league: str = ""
) -> None:
    """A training for one firm or league."""
    async with deployment.replicas[0].store.writing() as db:
        begins = datetime(2026, 12, 5, 15, tzinfo=CHINA)
        await create_training(
            db, begins, now=clock(), title="雪天配送", only_firm=only_firm, only_league=only_league
        )


async def test_who_is_not_of_the_firm_hears_why(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await create_for_couriers_of(deployment, clock, only_firm="中通")
    await be_known_abroad(courier)
    await courier.says("报名雪天配送")
    seen = await courier.picks("对，报名")
    assert "这场只限中通的小哥，你在中通吗？" in seen
    assert seen.labels == ["在", "不在"]
    seen = await courier.picks("不在")
    assert "那这场报不了：主办方只收中通的小哥" in seen
    assert "大讲堂" in seen.labels


@pytest.mark.parametrize("said", ["我是中通的", "中通快递", "在"])
async def test_a_firm_said_once_is_kept_for_all_trainings(
    at_home: Line,
    deployment: Deployment,
    scenario: TrainingScenario,
    clock: ManualClock,
    said: str,
) -> None:
    await create_for_couriers_of(deployment, clock, only_firm="中通快递")
    await at_home.says("报名雪天配送")
    await at_home.picks("对，报名")
    assert "只问这一次" in await at_home.says(said)
    await at_home.says("王强 13812345678")
    assert "✓ 报上了" in await at_home.picks("同意并报名")
    await at_home.says("报名派送规范")  # for 中通
    assert "✓ 报上了：《派送规范》" in await at_home.picks("对，报名")


@pytest.mark.parametrize("said", ["在呼和浩特", "我在东胜送外卖"])
async def test_a_place_is_not_taken_for_a_firm(
    at_home: Line, scenario: TrainingScenario, said: str
) -> None:
    await at_home.says("报名派送规范")
    await at_home.picks("对，报名")
    assert "报不了" not in await at_home.says(said)
    await at_home.says("报名派送规范")
    assert "你说过你在" not in await at_home.picks("对，报名")


async def test_another_firm_said_is_named_at_the_next_question(
    at_home: Line, deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await at_home.says("报名派送规范")
    await at_home.picks("对，报名")
    assert "主办方只收中通的小哥" in await at_home.says("我是美团的")
    await at_home.says("报名派送规范")
    assert "你说过你在美团" in await at_home.picks("对，报名")


async def test_a_training_for_one_league_names_it(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await create_for_couriers_of(deployment, clock, only_league="150100")
    await be_known_abroad(courier)
    seen = await courier.says("报名雪天配送")
    assert "只限在呼和浩特市跑单的小哥" in seen
    assert "这场只限在呼和浩特市跑单的小哥，你在吗？" in await courier.picks("对，报名")
    assert "主办方只收在呼和浩特市跑单的小哥" in await courier.says("不在")


@pytest.mark.parametrize("typed", ["算了 不办了", "我要退", "不报了"])
async def test_who_gives_up_is_heard_at_each_question_of_the_registration(
    courier_at_home: Line, scenario: TrainingScenario, typed: str
) -> None:
    for said in ([], ["王强"], [WANG]):
        await courier_at_home.says("最近有啥培训")
        await courier_at_home.picks("看第1场")
        await courier_at_home.picks("报名")
        for one in said:
            await courier_at_home.says(one)
        assert "都没存" in await courier_at_home.says(typed)


async def test_a_registration_goes_on_after_another_question_and_after_a_break(
    courier_at_home: Line, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await courier_at_home.says("最近有啥培训")
    await courier_at_home.picks("看第1场")
    await courier_at_home.picks("报名")
    await courier_at_home.says("王强")
    seen = await courier_at_home.says("附近有厕所吗")
    assert "位置" in seen
    assert "手机号呢" in seen
    assert "说“继续”接着填" in await courier_at_home.says("我的收藏")
    clock.forward(hours=3)
    assert "手机号呢" in await courier_at_home.says("继续报名")
    assert "王强 13812345678，报《急救入门》" in await courier_at_home.says("13812345678")
    assert "✓ 报上了" in await courier_at_home.picks("同意并报名")
