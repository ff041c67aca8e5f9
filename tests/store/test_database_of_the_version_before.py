"""A database that the previous version wrote opens, migrates and answers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import URL

from bot.store import migrate
from bot.store.engine import open_store
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support import postgres
from tests.support.cards import DIGITS
from tests.support.courier import Deployment
from tests.support.fakes.web import WebLine
from tests.support.previous_database import (
    FRAME,
    MESSAGE,
    UPDATE,
    known_courier,
    load_postgres,
    row_counts,
    unpack_sqlite,
)
from tests.support.stations import HERE, NIGHT_OWL

EVERY_CHANNEL = ("telegram", "web", "wechat", "terminal")
FORM_CHANNELS = ("web", "wechat", "terminal")  # that ask for names and phones


@pytest.fixture(params=["sqlite", "postgres"])
def previous_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The previous version's database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        unpack_sqlite(tmp_path / "bot.db")
        yield f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
        return
    server: URL = request.getfixturevalue("postgres_server")
    database = postgres.create(server)
    asyncio.run(load_postgres(postgres.address(database)))
    yield postgres.address(database)
    postgres.drop(server, database)


@pytest.fixture
async def deployment(previous_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    """Two replicas over the migrated database at 10:05; they start only if the keys fit."""
    store = await open_store(previous_url)
    await migrate.migrate(store)
    await store.close()
    clock.forward(minutes=5)
    async with Deployment({"YIZHAN_DATABASE_URL": previous_url}, clock) as deployment:
        for n in range(30):
            deployment.telegram.messages[7000 + n] = []  # the platform knows these chats
        yield deployment


async def test_migrating_keeps_every_row_and_ends_at_todays_schema(previous_url: str) -> None:
    store = await open_store(previous_url)
    before = await row_counts(store)
    assert min(before.values()) > 0
    await migrate.migrate(store)
    after = await row_counts(store)
    assert {name: after.get(name) for name in before} == before
    assert await migrate.is_current(store)
    assert await migrate.differences(store) == []
    await store.close()


async def test_a_shared_location_is_remembered(deployment: Deployment) -> None:
    for channel in EVERY_CHANNEL:
        one = known_courier(deployment, channel, 1)
        assert NIGHT_OWL in await one.says("更多")
        assert "新城支行驿站（最近）" in await one.says("有热水")


async def test_a_repeated_message_gets_its_stored_answer_whose_buttons_work(
    deployment: Deployment,
) -> None:
    stored = "12:00关门，到了还能歇1小时59分钟"  # a new answer would say five minutes less
    place = {"location": {"latitude": HERE[0], "longitude": HERE[1]}}
    update = {**deployment.telegram.message(7001, place), "update_id": UPDATE}
    assert stored in str([call.params for call in await deployment.telegram.redeliver(update)])
    shared = deployment.wechat.message(
        "oFake0001-_openid", "location", deployment.wechat.place(*HERE)
    )
    # WeChat's event ids name the sender since then: what is repeated across the upgrade is answered
    # once more, as a message of its own.
    assert "12:00关门" in str((await deployment.wechat.push({**shared, "MsgId": MESSAGE})).shown)
    async with WebLine(f"{1:032x}") as page:
        await page.connect(deployment.addresses[1])
        assert stored in str(await page.location(*HERE, to=FRAME))
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(DemandRow)) == 6
    for channel in ("telegram", "wechat"):
        assert NIGHT_OWL in await known_courier(deployment, channel, 1).picks("更多")


async def test_half_filled_forms_continue(deployment: Deployment) -> None:
    for channel in EVERY_CHANNEL:
        assert "【奋斗卡】卡到网点了" in await known_courier(deployment, channel, 2).says(DIGITS)
    for channel in FORM_CHANNELS:
        assert "想去哪个网点" in await known_courier(deployment, channel, 3).says("中通")
        seen = await known_courier(deployment, channel, 4).says("13900003333")
        assert "乌云其木格 13900003333，报《急救入门》" in seen


async def test_verified_applications_and_lockouts_are_kept(deployment: Deployment) -> None:
    for channel in EVERY_CHANNEL:
        assert "【奋斗卡】卡到网点了" in await known_courier(deployment, channel, 5).says(
            "办卡进度"
        )
    locked = known_courier(deployment, "terminal", 12)
    assert "请打申请编号" in await locked.says("我卡办到哪了")
    await locked.says("NM99999999")
    assert "先锁24小时" in await locked.says("0000")


async def test_seats_the_waiting_list_an_offer_and_a_team_are_kept(deployment: Deployment) -> None:
    for channel in EVERY_CHANNEL:
        seat = "急救入门\n11月25日周三 14:00–16:00 · 工行新城支行二楼会议室\n✓ 有名额"
        assert seat in await known_courier(deployment, channel, 7).says("我的报名")
    assert "排第1位" in await known_courier(deployment, "wechat", 8).says("我的培训")
    offered = known_courier(deployment, "web", 8)
    assert "名额给你留到今天12:00" in await offered.says("我的培训")
    assert "✓ 报上了：《冬季骑行安全》" in await offered.says("要了")
    leader = known_courier(deployment, "terminal", 11)
    await leader.says("我的培训")
    assert "钱* 138****0003: 去" in await leader.picks("我带的队（3人）")
    assert "到时见" in await known_courier(deployment, "telegram", 14).says("我会来")  # reminded


async def test_linked_chats_settings_and_codes_are_kept(deployment: Deployment) -> None:
    for channel in ("telegram", "web"):
        assert "新城支行驿站" in await known_courier(deployment, channel, 9).says("我的收藏")
    seen = await known_courier(deployment, "telegram", 10).says("reminders")
    assert "trainings: off\n· card progress: on\n· stations: on\n· Quiet: 21:30–8:00" in seen
    other = known_courier(deployment, "web", 27)
    assert "✓ 真证书" in await other.says("DJT-2026-ZAB5RR")  # of terminal 13
    await other.says("输入绑定码")
    assert "绑好了" in await other.says("3WA3-JYWN")  # of web 21


async def test_pending_notices_are_sent_or_shown(
    deployment: Deployment, clock: ManualClock
) -> None:
    await known_courier(deployment, "wechat", 6).says("谢谢")  # so that WeChat lets us write first
    await deployment.deliver()
    async with deployment.replicas[0].store.reading() as db:
        unsent = OutboxRow.status.in_(("ready", "claimed", "sending"))
        due = select(OutboxRow.id).where(unsent, OutboxRow.due_at <= clock())
        assert not list(await db.scalars(due))
    news = "已领到，还没激活"
    assert news in deployment.telegram.messages[7006][0]["text"]
    assert news in deployment.wechat.shown["oFake0006-_openid"][-1].words
    for channel, n in (("terminal", 6), ("web", 6), ("telegram", 19)):  # could not be written to
        assert news in await known_courier(deployment, channel, n).says("帮助")
    assert "试发" in deployment.telegram.messages[7017][0]["text"]  # its first worker had died
    assert "明天大雪" in deployment.telegram.messages[7025][0]["text"]
    clock.forward(days=1, hours=4)
    await deployment.deliver()
    assert "提醒：《急救入门》" in deployment.telegram.messages[7007][0]["text"]
