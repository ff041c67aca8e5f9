"""Links to one station: its page in every text, and the QR code at its door."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.belief.model import ENTER
from bot.channels.wechat.abilities import TEXT_BYTES
from bot.services.dataset_version import Dataset, raise_version
from bot.store.engine import open_store
from bot.store.models.observations import BeliefRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.stations import HERE, create_stations

PUBLIC = "https://yizhan.example.org"


@pytest.fixture
async def deployment(database_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    """Six stations behind a public address."""
    store = await open_store(database_url)
    await create_stations(store, clock)
    await store.close()
    settings = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": PUBLIC}
    async with Deployment(settings, clock) as opened:
        yield opened


async def test_the_page_of_each_station_stands_in_every_text(courier: Line) -> None:
    seen = await courier.shares(*HERE)
    assert [one for one in seen.links if "mode=ride" in one]
    assert [one for one in seen.links if "/s/" in one] == [f"{PUBLIC}/s/S{n}" for n in (1, 2, 3)]
    assert f"{PUBLIC}/s/S1" in (await courier.picks("第1家怎么进")).links
    await courier.picks("收藏这家")
    assert f"{PUBLIC}/s/S1" in (await courier.says("我的收藏")).links


async def test_wechat_has_room_for_two_map_apps_of_the_best_and_a_way_to_each(
    deployment: Deployment,
) -> None:
    pushed = await deployment.wechat.location("oFollower-_0001", *HERE)
    assert pushed.shown is not None
    assert len(pushed.shown.text.encode()) <= TEXT_BYTES
    links = [href for _, href in pushed.shown.links]
    assert [one for one in links if "/s/" in one] == [f"{PUBLIC}/s/S{n}" for n in (1, 2, 3)]
    for host in ("uri.amap.com", "apis.map.qq.com"):  # Baidu is on the page
        assert [one for one in links if host in one], host
    assert sum(one.startswith("weixin:") for one in links) == 9


async def test_wechat_has_room_for_them_where_each_station_has_a_doubt_and_a_surer_one_comes_first(
    deployment: Deployment, clock: ManualClock
) -> None:
    app, now = deployment.replicas[0], clock()
    async with app.store.writing() as db:
        version = await raise_version(db, Dataset.BELIEFS)
        for station_id, fact in ((1, ENTER), (2, "charge"), (3, "water"), (6, ENTER)):
            row = {"station_id": station_id, "component": fact, "logit": -3.0, "at": now}
            shown = {"positive": False, "people": 12, "by_keeper": False, "observed_at": now}
            until = {"doubted_until": now + timedelta(hours=3), "version": version}
            await db.execute(insert(BeliefRow).values(**row, **shown, **until))
    await deployment.refresh()
    pushed = await deployment.wechat.location("oFollower-_0001", *HERE)
    assert pushed.shown is not None
    assert "近的那家今天12人说锁门，先推更稳的" in pushed.shown.words
    assert "充电：今天12人说用不了，待核实" in pushed.shown.words
    assert len(pushed.shown.text.encode()) <= TEXT_BYTES
    links = [href for _, href in pushed.shown.links]
    assert len([one for one in links if "/s/" in one]) == 3


async def test_the_code_at_the_door_opens_this_station(courier: Line) -> None:
    seen = await courier.arrives("st-S3")
    assert "中山路驿站】放心进" in seen


async def test_a_follower_who_scans_the_code_at_the_door_sees_this_station(
    deployment: Deployment,
) -> None:
    for scanned in (
        await deployment.wechat.scan("oFollower-_0001", "st-S3"),
        await deployment.wechat.follow("oFollower-_0002", "st-S3"),
    ):
        assert scanned.shown is not None
        assert "中山路驿站】放心进" in scanned.shown.words
        assert f"{PUBLIC}/s/S3" in [href for _, href in scanned.shown.links]


async def test_a_code_of_a_station_that_is_gone_leads_to_the_nearest(courier: Line) -> None:
    seen = await courier.arrives("st-S99")
    assert "已经不在名单里了" in seen
    assert "附近驿站" in seen.labels
