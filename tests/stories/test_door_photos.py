"""Photos of a station's door: offered with its details, shown in the chat or as links."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.photos import add_photo, opened
from tests.support.stations import HERE, create_stations

PUBLIC = "https://yizhan.example.org"
PAGE = f"{PUBLIC}/s/S1#photos"
BUTTON = "门口照片"


@pytest.fixture
async def deployment(database_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    """Six stations behind a public address; S1 has two photos."""
    store = await open_store(database_url)
    await create_stations(store, clock)
    await add_photo(store, clock, "S1", "从侧门进，铃在左边", 1)
    await add_photo(store, clock, "S1", shade=80)
    await store.close()
    settings = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": PUBLIC}
    async with Deployment(settings, clock) as made:
        yield made


async def test_details_link_the_photos_and_a_button_shows_them(courier: Line, channel: str) -> None:
    await courier.shares(*HERE)
    details = await courier.picks("第1家怎么进")
    assert PAGE in details.links
    seen = await courier.picks(BUTTON)
    assert "照片1：从侧门进，铃在左边" in seen
    assert PAGE in seen.links
    if channel in {"telegram", "web"}:
        assert len(seen.documents) == 2
    else:
        assert sum(one.startswith(f"{PUBLIC}/s/photos/") for one in seen.links) == 2


async def test_the_way_and_a_question_about_the_door_lead_to_the_photos(courier: Line) -> None:
    await courier.shares(*HERE)
    way = await courier.says("怎么走")
    assert PAGE in way.links
    assert BUTTON in way.labels
    assert "从侧门进" in await courier.says("门口长什么样？")
    assert "从侧门进" in await courier.says("有照片吗")


async def test_a_station_without_photos_offers_none(courier: Line) -> None:
    await courier.shares(*HERE)
    details = await courier.picks("第2家怎么进")
    assert BUTTON not in details.labels
    assert f"{PUBLIC}/s/S2" in details.links
    assert "还没有门口照片" in await courier.says("有照片吗")


async def test_telegram_gets_small_jpegs_without_metadata(deployment: Deployment) -> None:
    chat = 7001
    await deployment.telegram.location(chat, *HERE)
    await deployment.telegram.tap(chat, "第1家怎么进")
    calls = await deployment.telegram.tap(chat, BUTTON)
    assert [one.method for one in calls].count("sendPhoto") == 2
    assert [max(opened(one.content).size) for one in deployment.telegram.uploads] == [400, 400]
