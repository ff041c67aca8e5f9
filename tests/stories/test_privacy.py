"""A courier asks what is kept, and has it deleted."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.conversation.events import Address, ChatLeft, Event
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.store.engine import Store
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.cards import CardApplicationRow
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow, QuietRow, TopicRow
from bot.store.models.registry import owned
from tests.conftest import ManualClock
from tests.support.cards import DIGITS, NUMBER, PHONE, RECORD, open_counters, report
from tests.support.courier import Deployment, Line, PageLine, lines
from tests.support.stations import HERE

LEFT_ALONE = {"card_application", "card_fact", "card_stage"}
"""The bank's own records: they are not the courier's to delete here."""


@pytest.fixture(autouse=True)
async def bank(deployment: Deployment, clock: ManualClock) -> None:
    """One application that waits at an outlet."""
    await open_counters(deployment, 1)
    await report(deployment.replicas[0].store, clock(), RECORD)


async def live_a_little(courier: Line, deployment: Deployment, clock: ManualClock) -> None:
    """Leaves a trace in every table that may hold one."""
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    await courier.picks("收藏这家")
    await courier.says("办卡进度")
    await courier.picks("同意")
    await courier.says(NUMBER)
    await courier.says(DIGITS)
    async with deployment.replicas[0].store.writing() as db:
        (who,) = await db.scalars(select(CourierRow.id))
        until = clock() + timedelta(days=1)
        notice = Notice(NoticeKind.CARD_STAGE, who, {}, Topic.CARD, "x", clock(), until)
        await enqueue(db, notice, clock())
        await db.execute(insert(TopicRow).values(courier_id=who, topic="x", is_on=True, at=clock()))
        await db.execute(insert(QuietRow).values(courier_id=who, begins=0, ends=60))


async def test_a_reported_station_and_the_language_last_used_are_told_in_words(
    courier: Line, clock: ManualClock
) -> None:
    await courier.shares(*HERE)
    await courier.says("门锁着 没人")
    seen = await courier.says("你存了我什么")
    assert "你选的或最近用的语言" in seen
    assert "当天不再推给你的驿站：1家" in seen
    assert "别的记录" not in seen
    clock.forward(days=2)
    assert "不再推给你" not in await courier.says("你存了我什么")


async def rows_left(store: Store) -> dict[str, int]:
    """How many rows each table has that is about couriers."""
    names = {column.table.name for column in owned()} | {"courier", "inbox"}
    async with store.reading() as db:
        return {
            name: await db.scalar(select(func.count()).select_from(Table.metadata.tables[name]))
            or 0
            for name in names
        }


async def test_what_is_kept_is_told_in_words(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await live_a_little(courier, deployment, clock)
    seen = await courier.says("你存了我什么")
    for words in (
        "2026年11月23日起",
        "收藏了1家",
        "找驿站1次（只记大概位置，约5公里见方）",
        "绑定的卡****0815（王*）：卡到网点了，来领吧",
        "你点过“同意/不同意”1次",
        "条（防止重发，过期就删）",
        "要做什么？",
        "打了码",
    ):
        assert words in seen
    for whole in (NUMBER, PHONE, "王小强"):
        assert whole not in seen
    assert len(seen.text) < 700
    assert "…" not in seen.text.split("\n")


async def test_what_is_not_kept_is_not_counted(courier: Line) -> None:
    seen = await courier.says("我的数据")
    assert "0" not in seen.text.replace("2026", "").replace("30", "")
    for words in ("收藏了", "找驿站", "同意/不同意", "给你的消息"):
        assert words not in seen


async def test_and_as_a_file_where_files_can_be_sent(
    deployment: Deployment, clock: ManualClock
) -> None:
    page = lines(deployment, "web")[0]
    await live_a_little(page, deployment, clock)
    seen = await page.says("我的数据")
    assert seen.documents == ["我的数据-20261123.json"]


async def test_the_file_holds_every_table_and_nothing_whole(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier = lines(deployment, "terminal")[0]
    await live_a_little(courier, deployment, clock)
    from bot.services.privacy.erasure import Privacy
    from tests.support.cards import KEYS

    async with deployment.replicas[0].store.reading() as db:
        (who,) = await db.scalars(select(CourierRow.id))
        told = await Privacy(KEYS).export(db, who)
    assert {column.table.name for column in owned()} <= told.keys()
    for name in ("chat", "favourite", "demand", "consent", "card_binding", "outbox", "quiet"):
        assert told[name], name
    (application,) = told["card_application"]
    assert application["name"] == "王*"
    assert application["phone"] == "138****5678"
    text = json.dumps(told, ensure_ascii=False)
    for whole in (NUMBER, PHONE, "王小强", "123X"):
        assert whole not in text


async def test_deleting_leaves_nothing_but_that_it_happened(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await live_a_little(courier, deployment, clock)
    store = deployment.replicas[0].store
    before = await rows_left(store)
    for name in ("courier", "chat", "inbox", "outbox", "demand", "consent", "favourite", "quiet"):
        assert before[name] > 0, name
    assert "找不回来" in await courier.says("删除我的数据")
    seen = await courier.picks("确认全部删除")
    assert "都删了" in seen
    assert seen.labels == ["重新开始"]
    left = await rows_left(store)
    assert left.pop("inbox") == 1  # the receipt of the deletion itself, for a day of repeats
    assert not any(left.values()), left
    async with store.reading() as db:
        (entry,) = await db.scalars(select(AccessLogRow))
        assert (entry.actor, entry.action, entry.subject) == ("courier", "erase", b"")
        assert await db.scalar(select(func.count()).select_from(CardApplicationRow)) == 1
    assert "你好" in await courier.says("你好")  # and one may begin anew


async def test_the_page_is_told_that_all_data_were_deleted(deployment: Deployment) -> None:
    page = lines(deployment, "web")[0]
    assert isinstance(page, PageLine)
    await page.says("删除我的数据")
    assert not page.erased
    await page.picks("确认全部删除")
    assert page.erased


async def test_others_keep_theirs(deployment: Deployment, clock: ManualClock) -> None:
    one, other = lines(deployment, "terminal", 2)
    await other.shares(*HERE)
    await other.picks("第1家怎么进")
    await other.picks("收藏这家")
    await one.says("删除我的数据")
    await one.picks("确认全部删除")
    assert "1. 新城支行驿站" in await other.says("我的收藏")


async def test_a_no_deletes_nothing(deployment: Deployment, clock: ManualClock) -> None:
    courier = lines(deployment, "terminal")[0]
    await live_a_little(courier, deployment, clock)
    await courier.says("删除我的数据")
    await courier.picks("取消")
    assert (await rows_left(deployment.replicas[0].store))["favourite"] == 1


async def test_leaving_for_good_erases_where_the_channel_says_so(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier = lines(deployment, "terminal")[0]
    await live_a_little(courier, deployment, clock)
    app, other = deployment.replicas
    async with app.store.reading() as db:
        (chat,) = await db.scalars(select(ChatRow))
    sender = Address(chat.channel, chat.external_id)
    await other.turn(Event("gone-1", sender, clock(), ChatLeft()))
    assert (await rows_left(app.store))["favourite"] == 1
    await app.turn(Event("gone-2", sender, clock(), ChatLeft(erase=True)))
    await other.turn(Event("gone-2", sender, clock(), ChatLeft(erase=True)))
    left = await rows_left(app.store)
    assert left.pop("inbox") == 1
    assert not any(left.values()), left


async def test_leaving_one_of_two_chats_erases_that_chat(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier = lines(deployment, "terminal")[0]
    await live_a_little(courier, deployment, clock)
    app = deployment.replicas[0]
    async with app.store.writing() as db:
        (who,) = await db.scalars(select(CourierRow.id))
        second = {"channel": "web", "external_id": "second", "courier_id": who}
        await db.execute(insert(ChatRow).values(**second, reachable=True, state_at=clock()))
    await app.turn(Event("gone", Address("web", "second"), clock(), ChatLeft(erase=True)))
    left = await rows_left(app.store)
    assert left["chat"] == 1
    assert left["favourite"] == 1
    assert "1. 新城支行驿站" in await courier.says("我的收藏")


async def test_stored_answers_of_a_chat_can_be_found(deployment: Deployment) -> None:
    courier = lines(deployment, "terminal")[0]
    await courier.says("你好")
    async with deployment.replicas[0].store.reading() as db:
        (chat,) = await db.scalars(select(ChatRow.id))
        assert list(await db.scalars(select(InboxRow.chat_id))) == [chat]
        assert await db.scalar(select(func.count()).select_from(OutboxRow)) == 0
