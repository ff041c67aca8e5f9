"""A courier learns between two orders: on every channel, in both languages, by two replicas."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import delete, select

from bot.app import server
from bot.commands.content.lessons import report
from bot.common.clock import CHINA
from bot.common.i18n import load_languages
from bot.store.models.content import ContentRow, LessonAnswersRow, LessonProgressRow
from bot.store.models.trainings import CertificateRow
from tests.conftest import ManualClock
from tests.stories.test_linking import code_in, sent_by
from tests.support.content import article, lesson, photo, put_content
from tests.support.courier import Deployment, Line, lines
from tests.support.screens import Screen, screen_of_calls
from tests.support.training_stories import TrainingScenario

WEDNESDAY = datetime(2026, 11, 25, 14, 5, tzinfo=CHINA)
ANSWERS = ("进屋用温水复温", "换干的", "停下歇会儿")


@pytest.fixture(autouse=True)
async def content(deployment: Deployment, clock: ManualClock) -> None:
    """Two lessons of one series."""
    store = deployment.replicas[0].store
    await put_content(
        store, clock, lesson(), lesson("shoes", "鞋和袜子", title_en="Shoes", order=20)
    )


async def takes(courier: Line, number: int = 1) -> Screen:
    """Takes a whole lesson of the list, without a mistake; the last answer."""
    await courier.says("微课")
    await courier.picks(f"学第{number}课")
    await courier.picks("下一张")
    await courier.picks("下一张")
    await courier.picks("开始答题")
    await courier.picks(ANSWERS[0])
    await courier.picks("下一题")
    await courier.picks(ANSWERS[1])
    await courier.picks("下一题")
    return await courier.picks(ANSWERS[2])


async def test_a_lesson_is_taken_card_by_card_each_answer_explained_and_stamped(
    courier: Line,
) -> None:
    seen = await courier.says("我想学点啥")
    assert "1. 冬季骑行（5分钟）" in seen
    seen = await courier.picks("学第1课")
    assert "冬季骑行 · 第1张，共3张" in seen
    assert "来源：GB 17761-2024" in seen
    assert "· 鞋要干的" in await courier.picks("下一张")
    assert "标准" in await courier.picks("下一张")
    seen = await courier.picks("开始答题")
    assert "脸上发白发硬" in seen
    seen = await courier.picks("用雪搓")
    assert "✗ 差一点。应该选：进屋用温水复温" in seen
    assert "雪搓会伤皮肤。" in seen
    await courier.picks("下一题")
    seen = await courier.picks("换干的")
    assert "✓ 答对了。" in seen
    await courier.picks("下一题")
    seen = await courier.picks("停下歇会儿")
    assert "学完了：冬季骑行。3题答对2题。" in seen
    assert "★ 这是你的第1枚章。" in seen
    seen = await courier.says("我的章")
    assert "1. ★ 冬季骑行 11月23日" in seen
    seen = await courier.says("微课")
    assert "1. 鞋和袜子（5分钟）" in seen
    assert "2. 冬季骑行（学完 ✓）" in seen


async def test_a_lesson_is_taken_in_english(deployment: Deployment, channel: str) -> None:
    courier = lines(deployment, channel)[0]
    await courier.says("english")
    seen = await courier.says("learn something")
    assert "1. Winter riding (5 min)" in seen
    seen = await courier.picks("Lesson 1")
    assert "Winter riding · card 1 of 3" in seen
    await courier.picks("Next card")
    await courier.picks("Next card")
    assert "What first?" in await courier.picks("To the questions")
    seen = await courier.picks("rub it with snow")
    assert "✗ Not quite. Right is: warm water indoors" in seen


async def test_a_lesson_goes_on_where_it_stopped_after_other_questions(
    courier: Line, clock: ManualClock
) -> None:
    await courier.says("微课")
    await courier.picks("学第1课")
    await courier.picks("下一张")
    assert "位置" in await courier.picks("歇会儿")
    await courier.says("帮助")
    clock.forward(days=40)
    assert "1. 冬季骑行（学到一半，还剩5分钟）" in await courier.says("有微课吗")
    assert "第2张，共3张" in await courier.says("接着学")
    await courier.picks("下一张")
    await courier.picks("开始答题")
    await courier.picks(ANSWERS[0])
    await courier.says("帮助")
    seen = await courier.says("继续学习")
    assert "第2题，共3题" in seen


async def test_a_lesson_begun_in_one_chat_goes_on_in_a_linked_one(
    deployment: Deployment,
) -> None:
    (page,) = lines(deployment, "web")
    (wechat,) = lines(deployment, "wechat")
    for _ in range(2):
        await page.says("微课")
        await page.picks("学第1课")
    await page.picks("下一张")
    await wechat.says("微课")
    await wechat.picks("学第1课")
    await page.says("我的账号")
    code = code_in(await page.picks("生成绑定码"))
    await sent_by(wechat, code)
    assert "第2张，共3张" in await wechat.says("接着学")


async def progress(deployment: Deployment) -> list[LessonProgressRow]:
    async with deployment.replicas[0].store.reading() as db:
        return list(await db.scalars(select(LessonProgressRow)))


async def test_a_button_pressed_twice_or_late_counts_once(deployment: Deployment) -> None:
    (courier,) = lines(deployment, "telegram")
    await courier.says("微课")
    await courier.picks("学第1课")
    for _ in range(2):
        await courier.picks("下一张")
    await courier.picks("开始答题")
    seen = [await courier.picks("用雪搓") for _ in range(2)]
    assert seen[0].text == seen[1].text
    await courier.picks(ANSWERS[0])  # of the question above: too late to count
    assert "第2题，共3题" in await courier.picks("下一题")
    (row,) = await progress(deployment)
    assert (row.answered, row.missed) == (1, 1)
    async with deployment.replicas[0].store.reading() as db:
        counted = (await db.scalars(select(LessonAnswersRow))).one()
    assert (counted.answered, counted.missed) == (1, 1)


async def test_a_finished_lesson_is_stamped_once(courier: Line, deployment: Deployment) -> None:
    await takes(courier)
    assert "冬季骑行（学完 ✓）" in await courier.says("微课")
    seen = await takes(courier, 2)
    assert "学完了：冬季骑行。3题答对3题。" in seen
    assert "枚章" not in seen
    (row,) = await progress(deployment)
    assert (row.answered, row.missed) == (3, 0)


async def test_a_step_that_is_not_open_yet_leads_to_the_one_that_is(
    deployment: Deployment,
) -> None:

    (courier,) = lines(deployment, "telegram")
    await courier.says("微课")

    async def presses(action: str) -> Screen:
        return screen_of_calls(await deployment.telegram.press(7000, action))

    assert "第1张，共3张" in await presses("lesson.go:gloves:5")
    assert "第1张，共3张" in await presses("lesson.answer:gloves:2:0")
    for forged in ("lesson.answer:gloves:9:0", "lesson.go:gloves:x", "lesson.answer:gloves"):
        assert "这个按钮" in await presses(forged)
    assert "已经下架" in await presses("lesson.start:nothing")


async def test_a_series_gives_a_certificate_that_can_be_verified(
    at_home: Line, deployment: Deployment
) -> None:
    await takes(at_home)
    seen = await takes(at_home)
    assert "「平安过冬」全部学完" in seen
    assert "印谁的名字" in await at_home.picks("领证书")
    assert "王强，对吗？" in await at_home.says("王强")
    seen = await at_home.picks("同意")
    assert "证书" in seen
    async with deployment.replicas[0].store.reading() as db:
        number = await db.scalar(select(CertificateRow.number))
    assert number is not None
    assert number in seen
    seen = await at_home.says(number)
    assert f"✓ 真的：{number}" in seen
    assert "王*，2026-11-23学完系列「平安过冬」。" in seen
    seen = await at_home.says("我的章")
    assert "2枚章" in seen
    seen = await at_home.picks("证书：平安过冬")
    assert number in seen


async def test_the_name_for_a_certificate_is_not_asked_where_messages_leave_the_country(
    deployment: Deployment,
) -> None:
    (courier,) = lines(deployment, "telegram")
    await takes(courier)
    await takes(courier)
    seen = await courier.picks("领证书")
    assert "不收姓名" in seen


async def test_the_trainings_list_shows_sessions_first_and_then_what_can_be_learned_now(
    courier: Line, scenario: TrainingScenario
) -> None:
    seen = await courier.says("有啥课")
    assert "聊天里现在就能学：冬季骑行（5分钟）" in seen
    assert seen.text.index("1. ") < seen.text.index("聊天里现在就能学")
    assert "第1张，共3张" in await courier.picks("现在就能学（5分钟）")


async def test_one_lesson_a_week_comes_in_slack_hours_to_who_asked_for_it(
    deployment: Deployment, clock: ManualClock
) -> None:
    asked, other = lines(deployment, "telegram", 2)
    await asked.says("微课")
    await other.says("微课")
    assert "每周一课：开" in await asked.picks("每周推我一课")
    assert "每周一课" not in await other.says("提醒设置")

    def offers() -> list[str]:
        return [one for one in deployment.texts_sent() if "这会儿没单？" in one]

    clock.set(WEDNESDAY.replace(hour=12))
    for app in deployment.replicas:
        await server.offer_lessons(app)
    await deployment.deliver()
    assert offers() == []
    clock.set(WEDNESDAY)
    for _ in range(2):
        for app in deployment.replicas:
            await server.offer_lessons(app)
        await deployment.deliver()
    assert len(offers()) == 1
    assert "《冬季骑行》5分钟" in offers()[0]
    assert "第1张，共3张" in await asked.picks("现在学")
    assert "停了：每周一课。" in await asked.says("停微课")
    clock.forward(days=7)
    for app in deployment.replicas:
        await server.offer_lessons(app)
    await deployment.deliver()
    assert len(offers()) == 1


async def test_samples_are_left_out_without_demo(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    store = deployment.replicas[0].store
    await put_content(store, clock, lesson("sample", "样课", sample=True))
    assert "样课" not in await terminal.says("微课")
    for app in deployment.replicas:
        async with app.store.writing() as db:
            row = (await db.scalars(select(ContentRow).where(ContentRow.code == "gloves"))).one()
            row.is_sample = True
    assert "冬季骑行" not in await terminal.says("微课")


async def test_a_piece_of_content_opens_from_its_page_with_its_picture(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    store = deployment.replicas[0].store
    await put_content(
        store,
        clock,
        article(picture="bike.jpg", review="2026-11-01"),
        pictures={"bike.jpg": photo()},
    )
    seen = await courier.arrives("a-parking")
    assert "【冬天怎么停车】" in seen
    assert "1. 先断电" in seen
    assert "12351" in seen
    assert "过了复核日期" in seen
    assert "第1张，共3张" in await courier.arrives("a-gloves")
    assert "已经下架" in await courier.arrives("a-nothing")


async def test_progress_is_told_exported_and_erased(courier: Line, deployment: Deployment) -> None:
    await takes(courier)
    seen = await courier.says("你存了我什么")
    assert "你学过的微课和学到哪里：1课" in seen
    assert "别的记录" not in seen
    await courier.says("删除我的数据")
    await courier.picks("确认全部删除")
    assert await progress(deployment) == []


async def test_operators_see_how_lessons_are_taken(
    terminal: Line, deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    t = load_languages().of("zh_CN", None)
    store = deployment.replicas[0].store
    assert await report(store, t) == 0
    assert "还没有人开始" in capsys.readouterr().out
    await terminal.says("微课")
    await terminal.picks("学第1课")
    await terminal.picks("下一张")
    await terminal.picks("下一张")
    await terminal.picks("开始答题")
    await terminal.picks("用雪搓")
    await report(store, t)
    said = capsys.readouterr().out
    assert "gloves 冬季骑行：1人开始，0人学完" in said
    assert "第1题“脸上发白发硬，先做什么？”：1次里答错1次" in said


async def test_without_any_lesson_a_wish_to_learn_leads_to_the_trainings(
    terminal: Line, deployment: Deployment, scenario: TrainingScenario
) -> None:
    async with deployment.replicas[0].store.writing() as db:
        await db.execute(delete(ContentRow))
    assert "急救入门" in await terminal.says("可以学点啥")
    seen = await terminal.says("微课")
    assert "现在还没有微课" in seen
    assert "急救入门" in await terminal.picks("大讲堂")


async def test_two_presses_at_once_at_two_replicas_count_once(deployment: Deployment) -> None:
    (courier,) = lines(deployment, "telegram")
    await courier.says("微课")
    await courier.picks("学第1课")
    await courier.picks("下一张")
    await courier.picks("下一张")
    await courier.picks("开始答题")
    press = deployment.telegram.press
    actions = ("lesson.answer:gloves:0:0", "lesson.answer:gloves:0:1", "lesson.answer:gloves:0:0")
    await asyncio.gather(*(press(7000, action) for action in actions))
    (row,) = await progress(deployment)
    assert row.answered == 1
    async with deployment.replicas[0].store.reading() as db:
        counted = (await db.scalars(select(LessonAnswersRow))).one()
    assert (counted.answered, counted.missed) == (1, row.missed)
