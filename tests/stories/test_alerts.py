"""What couriers hear and see of keepers, of tomorrow's closures and of hard weather."""

from datetime import datetime

import aiohttp
import pytest

from bot.app import server
from bot.common.clock import CHINA
from bot.services.stations.alerts import weather
from bot.services.stations.alerts.weather import Weather
from bot.services.stations.keepers import links
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, lines
from tests.support.stations import HERE

EVENING = datetime(2026, 11, 30, 18, 5, tzinfo=CHINA)  # S5 is closed on 1 December
AFTER_PEAK = datetime(2026, 11, 30, 19, 35, tzinfo=CHINA)
HOHHOT = "150100"


def messages(deployment: Deployment, words: str) -> list[str]:
    """What the Telegram courier was pushed that has these words."""
    pushed = deployment.telegram.messages[7000]
    return [one["text"] for one in pushed if words in one.get("text", "")]


async def confirm(deployment: Deployment, clock: ManualClock, **filled: object) -> None:
    """The keeper of S1 opens the link at one replica and saves at the other."""
    async with deployment.replicas[0].store.writing() as db:
        token = await links.issue(db, 1, clock())
    first, second = deployment.addresses
    async with aiohttp.ClientSession(headers={"Accept-Language": "zh-CN"}) as http:
        async with http.post(f"{first}/k/open", json={"token": token}) as answer:
            session = (await answer.json())["session"]
        form = {
            "form": "f" * 32,
            "version": deployment.replicas[0].search.version,
            "today": "open",
            "closes": "",
            "hours": {},
            "facilities": {},
            "shown": {},
            **filled,
        }
        headers = {"Authorization": f"Bearer {session}"}
        async with http.post(f"{second}/k/save", json=form, headers=headers) as answer:
            assert answer.status == 200
    await deployment.refresh()


async def test_a_station_whose_keeper_closed_it_for_today_is_not_offered(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    assert "新城支行驿站" in await courier.shares(*HERE)
    await confirm(deployment, clock, today="closed")
    assert "新城支行驿站" not in await courier.shares(*HERE)
    clock.forward(days=1)
    assert "新城支行驿站" in await courier.shares(*HERE)


async def test_a_facility_that_its_keeper_mended_is_found(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await confirm(
        deployment, clock, facilities={"water": "broken"}, shown={"water": "ok"}, form="1" * 32
    )
    await courier.shares(*HERE)
    assert "新城支行驿站" not in await courier.says("有热水的")
    await confirm(
        deployment, clock, facilities={"water": "ok"}, shown={"water": "broken"}, form="2" * 32
    )
    await courier.shares(*HERE)
    assert "新城支行驿站" in await courier.says("有热水的")


@pytest.fixture
async def keeps_s5(deployment: Deployment) -> Line:
    """A courier on Telegram who keeps 车站驿站."""
    (courier,) = lines(deployment, "telegram", 1)
    await courier.arrives("st-S5")
    await courier.picks("收藏这家")
    return courier


async def test_the_evening_before_a_closure_who_keeps_the_station_hears_of_it_once(
    keeps_s5: Line, deployment: Deployment, clock: ManualClock
) -> None:
    clock.set(EVENING)
    for app in deployment.replicas:
        await server.tell_closures(app)
    await deployment.deliver()
    assert messages(deployment, "收藏的这几家不开") == []  # the peak
    clock.set(AFTER_PEAK)
    for app in deployment.replicas:
        await server.tell_closures(app)
    await deployment.deliver()
    (only,) = messages(deployment, "收藏的这几家不开")
    assert "明天（12月1日）" in only
    assert "车站驿站（盘点）" in only
    assert "周三09:00再开" in only
    assert "停驿站" in only


async def test_nobody_hears_of_an_ordinary_day(
    keeps_s5: Line, deployment: Deployment, clock: ManualClock
) -> None:
    clock.set(AFTER_PEAK.replace(day=26))
    for app in deployment.replicas:
        await server.tell_closures(app)
    assert await deployment.deliver() == 0


async def test_who_stopped_notices_of_stations_hears_nothing_of_closures(
    keeps_s5: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await keeps_s5.says("停驿站")
    clock.set(AFTER_PEAK)
    await server.tell_closures(deployment.replicas[0])
    await deployment.deliver()
    assert messages(deployment, "收藏的这几家不开") == []


async def declare(deployment: Deployment, clock: ManualClock, days: int = 2) -> None:
    """Cold in Hohhot from now on."""
    until = clock().replace(day=clock().day + days)
    async with deployment.replicas[0].store.writing() as db:
        await weather.declare(db, HOHHOT, Weather.COLD, until, "zhang", clock())
    await deployment.refresh()


async def test_in_the_cold_the_warm_station_comes_first_until_it_is_over(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await confirm(
        deployment,
        clock,
        facilities={"water": "broken", "charge": "broken"},
        shown={"water": "ok", "charge": "ok"},
    )
    assert "1. 新城支行驿站" in await courier.shares(*HERE)
    await declare(deployment, clock)
    screen = await courier.shares(*HERE)
    assert "1. 鼓楼驿站（这天气更合适）" in screen
    assert "新城支行驿站离得近些，这天气先推更合适的：" in screen
    assert "不一定开着" not in screen
    clock.forward(days=2)
    assert "1. 新城支行驿站" in await courier.shares(*HERE)


async def test_who_opted_in_hears_of_the_cold_once(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram", 1)
    await courier.shares(*HERE)
    await courier.says("开驿站提醒")
    await declare(deployment, clock)
    await declare(deployment, clock, days=3)
    await deployment.deliver()
    (only,) = messages(deployment, "降温")
    assert "呼和浩特市降温" in only
    assert "取暖" in only
    assert "停驿站" in only
    await deployment.deliver()
    assert len(messages(deployment, "降温")) == 1


async def test_a_mode_that_is_over_before_it_could_be_told_is_not_told(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram", 1)
    await courier.shares(*HERE)
    await courier.says("开驿站提醒")
    clock.set(datetime(2026, 11, 24, 1, tzinfo=CHINA))
    await declare(deployment, clock)
    async with deployment.replicas[0].store.writing() as db:
        await weather.end(db, HOHHOT, None, clock())
    clock.set(datetime(2026, 11, 24, 8, tzinfo=CHINA))
    await deployment.deliver()
    assert messages(deployment, "降温") == []


async def test_who_reported_a_broken_kettle_hears_once_that_the_keeper_mended_it(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram", 1)
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    await courier.says("水机坏了")
    clock.forward(hours=4)
    mended = {"facilities": {"water": "ok"}, "shown": {"water": "ok"}}
    await confirm(deployment, clock, form="1" * 32, **mended)
    clock.forward(minutes=30)
    await confirm(deployment, clock, form="2" * 32, **mended)
    await deployment.deliver()
    (only,) = messages(deployment, "你报的新城支行驿站的问题修好了")
    assert "热水" in only
