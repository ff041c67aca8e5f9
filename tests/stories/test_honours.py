"""最美快递员: nominated, asked, voted for and honoured, on every channel and by two replicas."""

import asyncio
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.app import server
from bot.app.bootstrap import App, opened
from bot.channels.terminal.channel import parse as parse_line
from bot.channels.terminal.render import render
from bot.commands.cli import parser
from bot.commands.honours.honours import run_in
from bot.commands.revisions import run_in as run_history
from bot.common.clock import CHINA
from bot.common.i18n import load_languages
from bot.config.settings import read_settings
from bot.services.demo.honours import seed_demo_honours
from bot.services.honours.campaigns import by_id
from bot.services.honours.statuses import HoldReason, NominationStatus
from bot.services.honours.votes import MOST, cast, tallies
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.honours import (
    CampaignRow,
    HonourVoteRow,
    NominationPhotoRow,
    NominationRow,
)
from bot.store.models.profiles import ProfileRow
from tests.conftest import ManualClock
from tests.stories.test_linking import code_in, sent_by
from tests.support.cards import KEYS
from tests.support.courier import UNWRAPPED, Deployment, Line, TelegramLine, lines
from tests.support.honours import STORY, nominate, nominations, open_campaign, votes
from tests.support.screens import Screen


@pytest.fixture(autouse=True)
async def campaign(deployment: Deployment, clock: ManualClock) -> int:
    """One that takes nominations and votes."""
    return await open_campaign(deployment.replicas[0].store, clock())


@pytest.fixture
async def short_list(deployment: Deployment, clock: ManualClock, campaign: int) -> list[int]:
    """Two couriers to vote for."""
    store = deployment.replicas[0].store
    return [await nominate(store, clock(), campaign, name) for name in ("王强", "娜仁")]


async def fill_in(courier: Line, name: str = "王强") -> Screen:
    """The form from the name to the summary."""
    assert "哪家公司" in await courier.says(name)
    assert "哪个盟市" in await courier.picks("顺丰")
    assert "值得大家知道" in await courier.picks("呼和浩特")
    return await courier.says(STORY)


async def nominated(courier: Line, name: str = "王强") -> str:
    """Nominates somebody else; the code for them."""
    await courier.says(f"提名{name}")
    assert "本人同意之前谁也看不到" in await fill_in(courier, name)
    seen = await courier.picks("提交")
    code = re.search(r"ZM-[2-9A-Z]{10}", seen.text)
    assert code
    return code[0]


async def status_of(deployment: Deployment) -> list[str]:
    return [one.status for one in await nominations(deployment.replicas[0].store)]


async def test_a_courier_nominates_another_who_agrees_in_a_chat_of_their_own(
    deployment: Deployment,
) -> None:
    (nominator,) = lines(deployment, "web")
    (nominee,) = lines(deployment, "wechat")
    code = await nominated(nominator)
    assert await status_of(deployment) == [NominationStatus.ASKED]
    seen = await nominee.says(code)
    for words in ("有人提名你", "王强 · 顺丰 · 呼和浩特市", STORY, "撤回提名"):
        assert words in seen
    seen = await nominee.picks("同意参选")
    assert "正在审核" in seen
    assert await status_of(deployment) == [NominationStatus.NEW]
    assert "已同意，审核中" in await nominee.says("我的提名")
    assert "没有提名你的" in await nominator.says("我的提名")
    (row,) = await nominations(deployment.replicas[0].store)
    assert KEYS.open(row.name, "nomination.name") == "王强"
    assert KEYS.open(row.story, "nomination.story") == STORY


async def test_who_nominates_themselves_has_agreed(at_home: Line, deployment: Deployment) -> None:
    await at_home.says("最美快递员")
    await at_home.picks("我要提名")
    await at_home.picks("我自己")
    assert "公开页面" in await fill_in(at_home)
    assert "正在审核" in await at_home.picks("同意并提交")
    assert await status_of(deployment) == [NominationStatus.NEW]
    await at_home.says("自荐")
    await fill_in(at_home)
    assert "提名够了" in await at_home.picks("同意并提交")


async def test_a_nomination_is_given_in_in_english(deployment: Deployment) -> None:
    (courier,) = lines(deployment, "web")
    await courier.says("english")
    assert "Courier of 2026" in await courier.says("courier of the year")
    await courier.says("nominate")
    await courier.picks("Somebody else")
    await courier.says("Wang Qiang")
    await courier.says("顺丰")
    await courier.says("呼和浩特")
    seen = await courier.says("He carried medicine through the snow for eight kilometres.")
    assert "Is this right?" in seen
    assert "ZM-" in await courier.picks("Send")


async def test_names_are_not_taken_where_messages_leave_the_country(
    deployment: Deployment,
) -> None:
    (telegram,) = lines(deployment, "telegram")
    (page,) = lines(deployment, "web")
    assert "不收姓名" in await telegram.says("提名老王")
    code = await nominated(page)
    seen = await telegram.says(code)
    assert "不收姓名" in seen
    assert "王强" not in seen
    assert await status_of(deployment) == [NominationStatus.ASKED]


async def test_the_form_goes_back_answers_questions_and_can_be_left(
    at_home: Line, deployment: Deployment
) -> None:
    await at_home.says("提名老王")
    assert "不像姓名" in await at_home.says("他人特别好")
    await at_home.says("王强")
    assert "姓名" in await at_home.picks("返回")
    await at_home.says("王强")
    await at_home.says("蒙马配送")
    assert "哪个盟市" in await at_home.says("月球")
    await at_home.says("东胜")
    assert "再多说几句" in await at_home.says("人好")
    assert "电话号码" in await at_home.says(f"{STORY}他的电话是13812345678")
    seen = await at_home.says(STORY)
    assert "蒙马配送" in seen
    assert "鄂尔多斯" in seen
    await at_home.picks("改姓名")
    seen = await at_home.says("王小强")
    assert "王小强" in seen
    assert STORY in seen
    await at_home.says("算了")
    assert await nominations(deployment.replicas[0].store) == []


async def test_a_story_of_a_crash_is_a_story_and_a_short_cry_is_not(at_home: Line) -> None:
    await at_home.says("提名王强")
    await at_home.says("王强")
    await at_home.picks("顺丰")
    await at_home.picks("呼和浩特")
    cry = await at_home.says("我被车撞了")
    assert "120" in f"{cry.text}{cry.links}"
    seen = await at_home.says(
        "去年冬天路上出了车祸，他第一个停下车，扶起受伤的老人，打了120，一直守到救护车来了才接着去送件。"
    )
    assert "看看对不对" in seen
    assert "要是正在发生" in seen


async def test_without_consent_it_is_deleted(deployment: Deployment, clock: ManualClock) -> None:
    (nominator,) = lines(deployment, "web")
    first, second = lines(deployment, "wechat", 2)
    code = await nominated(nominator)
    assert "他在自己的聊天里答复" in await sent_to_refuse(nominator, code)
    await first.says(code)
    assert "删掉了" in await first.picks("不同意，删掉")
    assert "已经没有了" in await second.says(code)
    assert await nominations(deployment.replicas[0].store) == []
    await nominated(nominator)
    clock.forward(days=13)
    await server.erase_old(deployment.replicas[0])
    assert len(await nominations(deployment.replicas[0].store)) == 1
    clock.forward(days=2)
    await server.erase_old(deployment.replicas[1])
    assert await nominations(deployment.replicas[0].store) == []


async def sent_to_refuse(courier: Line, code: str) -> Screen:
    """The nominator tries to agree for the nominee."""
    await courier.says(code)
    return await courier.picks("同意参选")


async def test_one_nominee_answers_a_code_and_codes_cannot_be_searched_for(
    deployment: Deployment,
) -> None:
    (nominator,) = lines(deployment, "web")
    first, second = lines(deployment, "wechat", 2)
    code = await nominated(nominator)
    await first.says(code)
    await first.picks("同意参选")
    seen = await second.says(code)
    assert "已经有人答复过" in seen
    assert STORY not in seen
    for number in range(10):
        await second.says(f"ZM-222222222{2 + number % 8}")
    assert "试得太多" in await second.says(code)


async def test_it_is_withdrawn_by_one_word(deployment: Deployment) -> None:
    (nominator,) = lines(deployment, "web")
    (nominee,) = lines(deployment, "wechat")
    await nominated(nominator)
    assert "撤回了" in await nominator.says("撤回提名")
    code = await nominated(nominator)
    await nominee.says(code)
    await nominee.picks("同意参选")
    assert "没有提名你的" in await nominator.says("撤回提名")
    assert "撤回了" in await nominee.says("撤回提名")
    assert await nominations(deployment.replicas[0].store) == []


async def test_couriers_read_the_short_list_and_move_their_one_vote(
    pushed_to: Line, deployment: Deployment, short_list: list[int]
) -> None:
    seen = await pushed_to.says("我要投票")
    assert "1. 王强 · 顺丰 · 呼和浩特市" in seen
    seen = await pushed_to.picks("看2号故事")
    assert STORY in seen
    assert "投上了：娜仁" in await pushed_to.picks("投他一票")
    assert "2. 娜仁 · 顺丰 · 呼和浩特市（你投的）" in await pushed_to.says("投票")
    await pushed_to.picks("看1号故事")
    assert "改投给王强" in await pushed_to.picks("改投这位")
    (vote,) = await votes(deployment.replicas[0].store)
    assert vote.nomination_id == short_list[0]


async def test_a_page_without_an_account_has_no_vote_and_is_told_how_to_get_one(
    deployment: Deployment, short_list: list[int]
) -> None:
    for channel in ("web", "terminal"):
        (courier,) = lines(deployment, channel)
        await courier.says("投票")
        await courier.picks("看1号故事")
        seen = await courier.picks("投他一票")
        assert "一人一号" in seen
        assert "我的账号" in seen
    assert await votes(deployment.replicas[0].store) == []


async def test_a_linked_page_and_its_account_have_one_vote_together(
    deployment: Deployment, short_list: list[int]
) -> None:
    (page,) = lines(deployment, "web")
    (account,) = lines(deployment, "wechat")
    await votes_for(account, 1)
    await page.says("我的账号")
    await sent_by(account, code_in(await page.picks("生成绑定码")))
    await page.says("投票")
    await page.picks("看2号故事")
    assert "改投给娜仁" in await page.picks("改投这位")
    (vote,) = await votes(deployment.replicas[0].store)
    assert vote.nomination_id == short_list[1]


async def votes_for(courier: Line, number: int) -> Screen:
    """Votes for one of the short list."""
    await courier.says("投票")
    await courier.picks(f"看{number}号故事")
    return await courier.picks("投他一票")


async def test_no_vote_before_and_after_the_voting(
    terminal: Line, deployment: Deployment, clock: ManualClock, short_list: list[int]
) -> None:
    (courier,) = lines(deployment, "wechat")
    await courier.says("投票")
    await courier.picks("看1号故事")
    clock.set(datetime(2026, 12, 11, 0, 1, tzinfo=CHINA))
    assert "不在时间里" in await courier.picks("投他一票")
    assert "没有评选在投票" in await courier.says("投票")
    assert "没有最美快递员评选" in await terminal.says("最美快递员")
    assert await votes(deployment.replicas[0].store) == []


async def command(deployment: Deployment, clock: ManualClock, *words: str) -> int:
    """A command of operators on the first replica's database."""
    t = load_languages().of("zh_CN", None)
    args = parser(t).parse_args(["honours", *words])
    return await run_in(args, deployment.replicas[0].store, KEYS, t, clock=clock)


async def test_the_result_is_published_with_certificates_and_withdrawn_by_its_winner(
    deployment: Deployment, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    store = deployment.replicas[0].store
    nominee, voter = lines(deployment, "wechat", 2)
    await nominee.says("自荐")
    await fill_in(nominee)
    await nominee.picks("同意并提交")
    (row,) = await nominations(store)
    number = KEYS.open(row.number, "nomination.number")
    assert await command(deployment, clock, "shortlist", number) == 2  # not approved
    for decision in ("approve", "shortlist"):
        assert await command(deployment, clock, decision, number) == 0
    assert "已入围" in await nominee.says("我的提名")
    await votes_for(voter, 1)
    assert await command(deployment, clock, "publish", "2026-winter", "--apply") == 2  # too early
    clock.set(datetime(2026, 12, 11, 9, 0, tzinfo=CHINA))
    assert await command(deployment, clock, "publish", "2026-winter") == 0
    assert await status_of(deployment) == [NominationStatus.SHORTLISTED]
    assert await command(deployment, clock, "publish", "2026-winter", "--apply") == 0
    out = capsys.readouterr().out
    assert "1. " in out
    assert "1票" in out
    assert "获奖，第1名" in await nominee.says("我的提名")
    seen = await nominee.picks("领证书")
    certificate = re.search(r"RY-2026-[0-9A-Z]{10}", seen.text)
    assert certificate
    assert seen.links
    seen = await voter.says(certificate[0].lower())
    assert f"✓ 真的：{certificate[0]}" in seen
    assert "王强" in seen
    await voter.says("最美快递员")
    assert "1. 王强 · 顺丰 · 呼和浩特市" in await voter.picks("往届获奖")
    assert STORY in await voter.picks("看1号故事")
    await nominee.says("撤回提名")
    assert "没有最美快递员评选" in await voter.says("最美快递员")
    assert "还没有获奖的人" in await voter.picks("往届获奖")
    assert "没有编号" in await voter.says(certificate[0])


async def test_what_is_stored_for_the_honour_is_told_exported_and_erased(
    deployment: Deployment, clock: ManualClock, short_list: list[int]
) -> None:
    store = deployment.replicas[0].store
    (courier,) = lines(deployment, "wechat")
    await votes_for(courier, 1)
    await nominated(courier, "李娜")
    await courier.says("自荐")
    await fill_in(courier)
    await courier.picks("同意并提交")
    mine = next(one for one in await nominations(store) if one.courier_id is not None)
    async with store.writing() as db:
        photo = KEYS.seal("anBlZw==", "nomination_photo.photo")
        db.add(
            NominationPhotoRow(
                nomination_id=mine.id, courier_id=mine.courier_id, photo=photo, at=clock()
            )
        )
    seen = await courier.says("你存了我什么")
    assert "最美快递员提名（提名你的和你提的）：2份" in seen
    assert "最美快递员用的你的照片：1张" in seen
    assert "最美快递员你投的票：1张" in seen
    assert "别的记录" not in seen
    await courier.says("删除我的数据")
    await courier.picks("确认全部删除")
    assert [one.id for one in await nominations(store)] == short_list
    async with store.reading() as db:
        for table in (NominationPhotoRow, HonourVoteRow):
            assert await db.scalar(select(func.count()).select_from(table)) == 0


async def test_a_nomination_that_was_agreed_to_outlives_its_nominators_data(
    deployment: Deployment,
) -> None:
    (nominator,) = lines(deployment, "web")
    (nominee,) = lines(deployment, "wechat")
    code = await nominated(nominator)
    await nominee.says(code)
    await nominee.picks("同意参选")
    await nominator.says("删除我的数据")
    await nominator.picks("确认全部删除")
    (row,) = await nominations(deployment.replicas[0].store)
    assert (row.nominator_id, row.status) == (None, NominationStatus.NEW)


async def test_samples_are_shown_in_the_demo_only(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    async with deployment.replicas[0].store.writing() as db:
        assert await seed_demo_honours(db, KEYS, clock()) == 4
        assert await seed_demo_honours(db, KEYS, clock()) == 0
    assert "示例" not in await terminal.says("最美快递员")
    assert "还没有获奖的人" in await terminal.picks("往届获奖")


async def test_the_honour_is_reached_from_the_help(terminal: Line) -> None:
    await terminal.says("/start")
    assert "最美快递员" in (await terminal.picks("帮助")).labels
    assert "2026年最美快递员" in await terminal.picks("最美快递员")


async def test_old_votes_and_nominations_are_deleted(
    deployment: Deployment, clock: ManualClock, campaign: int, short_list: list[int]
) -> None:
    store = deployment.replicas[0].store
    (courier,) = lines(deployment, "wechat")
    await votes_for(courier, 1)
    async with store.writing() as db:
        row = await db.get(CampaignRow, campaign)
        assert row is not None
        row.published_at = clock()
        winner = await db.get(NominationRow, short_list[0])
        assert winner is not None
        winner.status = NominationStatus.WINNER
    clock.forward(days=29)
    await server.erase_old(deployment.replicas[0])
    assert len(await votes(store)) == 1
    clock.forward(days=2)
    await server.erase_old(deployment.replicas[0])
    assert await votes(store) == []
    assert len(await nominations(store)) == 2
    clock.forward(days=60)
    await server.erase_old(deployment.replicas[0])
    assert [one.id for one in await nominations(store)] == short_list[:1]


async def test_ballot_stuffing_from_many_new_accounts_is_held_and_does_not_decide(
    deployment: Deployment,
    clock: ManualClock,
    short_list: list[int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Sixteen accounts that nobody knew yesterday vote within minutes; two known couriers do."""
    honest = lines(deployment, "wechat", 2)
    for courier in honest:
        await courier.says("/start")
    clock.forward(days=2)
    for courier in honest:
        await votes_for(courier, 2)
    for number in range(16):
        await votes_for(TelegramLine(deployment, 9000 + number), 1)
    store = deployment.replicas[0].store
    held = [one.hold for one in await votes(store) if one.nomination_id == short_list[0]]
    assert held == ["fresh"] * 16
    clock.set(datetime(2026, 12, 11, 9, 0, tzinfo=CHINA))
    assert await command(deployment, clock, "publish", "2026-winter", "--apply") == 2
    assert "暂不计数" in capsys.readouterr().err
    assert await command(deployment, clock, "votes", "2026-winter") == 0
    assert "16票（新来的账号）" in capsys.readouterr().out
    assert await command(deployment, clock, "votes", "2026-winter", "--drop", "王强") == 0
    assert await command(deployment, clock, "publish", "2026-winter", "--apply") == 0
    rows = {one.id: one for one in await nominations(store)}
    assert [(rows[one].place, rows[one].votes) for one in short_list] == [(2, 0), (1, 2)]
    t = load_languages().of("zh_CN", None)
    args = parser(t).parse_args(["honours", "history"])
    await run_history("honours", args, store, read_settings({}), t)
    assert "复核了选票" in capsys.readouterr().out


async def test_one_account_that_is_linked_to_page_after_page_counts_once(
    deployment: Deployment, clock: ManualClock, campaign: int, short_list: list[int]
) -> None:
    (account,) = lines(deployment, "wechat")
    pages = lines(deployment, "web", 3)
    for page in pages:
        await page.says("我的账号")
        await sent_by(account, code_in(await page.picks("生成绑定码")))
        await votes_for(account, 1)
        here = re.search(r"· (.+)（就是这儿）", (await account.says("我的账号")).text)
        assert here
        await account.picks(f"解绑{here[1]}")
        await account.picks("确定解绑")  # the vote stays with the page
    async with deployment.replicas[0].store.reading() as db:
        tally = (await tallies(db, campaign))[short_list[0]]
    assert (tally.counted, tally.without_account) == (0, 3)
    await votes_for(account, 1)
    async with deployment.replicas[0].store.reading() as db:
        tally = (await tallies(db, campaign))[short_list[0]]
    assert (tally.counted, tally.without_account) == (1, 3)


async def test_a_firm_that_votes_as_one_is_held(
    deployment: Deployment, clock: ManualClock, campaign: int, short_list: list[int]
) -> None:
    long_ago = clock() - timedelta(days=30)
    async with deployment.replicas[0].store.writing() as db:
        there = await by_id(db, campaign, "zh_CN")
        assert there is not None
        for number in range(MOST[HoldReason.FIRM] + 1):
            person = CourierRow(created_at=long_ago, seen_at=long_ago)
            db.add(person)
            await db.flush()
            db.add(
                ChatRow(
                    channel="wechat", external_id=f"o{number}", courier_id=person.id,
                    state_at=long_ago,
                )
            )  # fmt: skip
            db.add(
                ProfileRow(courier_id=person.id, firm="shunfeng", league="", updated_at=long_ago)
            )
            await db.flush()
            await cast(db, KEYS, person.id, there, short_list[0], "", clock())
            if number + 1 == MOST[HoldReason.FIRM]:
                assert (await tallies(db, campaign))[short_list[0]].held == 0
        tally = (await tallies(db, campaign))[short_list[0]]
    assert (tally.counted, tally.held) == (0, MOST[HoldReason.FIRM] + 1)


async def test_two_replicas_that_take_votes_of_one_courier_at_once_keep_one(
    deployment: Deployment, clock: ManualClock, campaign: int, short_list: list[int]
) -> None:
    await votes_for(lines(deployment, "wechat")[0], 1)
    store = deployment.replicas[0].store
    (vote,) = await votes(store)
    async with store.reading() as db:
        there = await by_id(db, campaign, "zh_CN")
    assert there is not None

    async def moves(app: App, nomination: int) -> None:
        async with app.store.writing() as db:
            await cast(db, KEYS, vote.courier_id, there, nomination, "", clock())

    await asyncio.gather(*(moves(app, one) for app in deployment.replicas for one in short_list))
    assert len(await votes(store)) == 1


async def test_votes_from_one_network_are_held_until_they_are_let_count(
    deployment: Deployment,
    clock: ManualClock,
    campaign: int,
    short_list: list[int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    couriers = lines(deployment, "wechat", 7)
    for courier in couriers:
        await courier.says("/start")
    clock.forward(days=2)
    store = deployment.replicas[0].store
    async with store.writing() as db:
        there = await by_id(db, campaign, "zh_CN")
        assert there is not None
        people = list(await db.scalars(select(ChatRow.courier_id).order_by(ChatRow.courier_id)))
        for person in people[:6]:
            await cast(db, KEYS, person, there, short_list[0], "192.0.2.7", clock())
        await cast(db, KEYS, people[6], there, short_list[0], "192.0.2.8", clock())
        tally = (await tallies(db, campaign))[short_list[0]]
    assert (tally.counted, tally.held) == (1, 6)
    assert await command(deployment, clock, "votes", "2026-winter", "--count", "ZM-王强") == 0
    assert "处理了6张" in capsys.readouterr().out
    async with store.reading() as db:
        assert (await tallies(db, campaign))[short_list[0]].counted == 7


async def test_the_demo_shows_campaign_and_past_winners_within_three_taps(
    sqlite_url: str, clock: ManualClock
) -> None:
    settings = read_settings(
        {"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "="}
    )
    async with opened(settings, clock=clock, demo=True, migrate=False) as app:
        async with app.store.writing() as db:
            await seed_demo_honours(db, app.keys, clock())
        said = [""]

        async def sends(number: int, text: str) -> None:
            event = parse_line(text, number, clock(), "demo", "zh-CN")
            said[0] = render(await app.turn(event), UNWRAPPED)

        await sends(1, "/start")
        for number, label in enumerate(("帮助", "最美快递员", "往届获奖"), 2):
            found = re.search(rf"(\d+)[.)] {label}", said[0])
            assert found, said[0]
            await sends(number, found[1])
        assert "示例·王师傅" in said[0]
        assert "示例·娜师傅" in said[0]
        await sends(9, "投票")
        assert "示例·巴师傅" in said[0]
