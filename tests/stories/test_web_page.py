"""What the chat page's script relies on: actions of its own, and being told of an erasure."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.geo.places import Places
from bot.services.couriers.profiles import Profiles
from bot.services.privacy.phone_erasure import erase_phone
from bot.services.trainings.seating import Seating
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock
from tests.stories.test_linking import made_by
from tests.support.cards import PHONE
from tests.support.courier import Deployment, Line, lines
from tests.support.fakes.web import WebLine

SEATING = Seating(timedelta(hours=2))


@pytest.mark.parametrize("adcode", ["150100", "150102"])
async def test_a_place_chosen_on_the_page_is_searched_from(
    deployment: Deployment, adcode: str
) -> None:
    async with WebLine() as line:
        await line.connect(deployment.addresses[0])
        answer = await line.press(f"near.place:{adcode}")
    assert Places.load().by_adcode[adcode].name in str(answer["messages"])
    assert "驿站" in str(answer["messages"])


async def test_the_page_is_told_of_an_erasure_however_it_was_confirmed(
    deployment: Deployment,
) -> None:
    for confirmation in ({"type": "press", "action": "erase.do"}, {"type": "text", "text": "1"}):
        async with WebLine() as line:
            await line.connect(deployment.addresses[0])
            assert "erased" not in await line.text("删除我的数据")
            to = str(uuid4())
            told = await line.ask(confirmation, to)
            assert told["erased"] is True
            await line.connect(deployment.addresses[1])  # the first answer was lost on its way
            assert await line.ask(confirmation, to) == told
            assert "erased" not in await line.text("你好")


async def refresh(deployment: Deployment) -> None:
    """Compares what open pages show with what is stored, as each replica does every few seconds."""
    for app in deployment.replicas:
        await app.channels["web"].refresh()


@pytest.fixture(params=["telegram", "wechat", "web"])
def linked(deployment: Deployment, request: pytest.FixtureRequest) -> Line:
    """Another chat of the courier whose page is open."""
    return lines(deployment, request.param)[0]


async def test_a_deletion_from_a_linked_chat_empties_open_pages_and_those_that_return(
    deployment: Deployment, linked: Line
) -> None:
    visitor = uuid4().hex
    code = await made_by(linked)
    async with WebLine(visitor) as here, WebLine(visitor) as there, WebLine(visitor) as away:
        assert (await away.connect(deployment.addresses[0]))["conversation"] == "none"
        await away.text(code)
        assert "绑好了" in str(await away.press("link.use"))
        await away.leave()
        for page, address in zip((here, there), deployment.addresses, strict=True):
            assert (await page.connect(address))["conversation"] == "answered"
        await refresh(deployment)
        await linked.says("删除我的数据")
        await linked.picks("确认全部删除")
        await refresh(deployment)
        await refresh(deployment)
        for page in (here, there):
            assert await page.receive() == {"v": 1, "type": "erased", "conversation": "none"}
        assert (await away.connect(deployment.addresses[1]))["conversation"] == "none"
        for page in (here, there):  # once only
            assert "messages" in await page.next_after({"type": "text", "text": "你好"})


async def test_a_page_that_says_its_first_words_is_not_taken_for_a_deleted_one(
    deployment: Deployment,
) -> None:
    async with WebLine() as page:
        await page.connect(deployment.addresses[0])
        await refresh(deployment)
        for _ in range(2):
            assert "messages" in await page.next_after({"type": "text", "text": "你好"})
            await refresh(deployment)
        assert "messages" in await page.next_after({"type": "text", "text": "你好"})


async def test_a_phone_that_an_operator_erases_leaves_the_visitor_and_empties_the_page(
    deployment: Deployment, clock: ManualClock
) -> None:
    app = deployment.replicas[0]
    async with WebLine() as page:
        await page.connect(deployment.addresses[1])
        await page.text("你好")
        await refresh(deployment)
        async with app.store.writing() as db:
            (who,) = await db.scalars(select(CourierRow.id))
            await Profiles(app.keys).remember(db, who, "王强", PHONE, clock(), "web")
            await erase_phone(db, app.keys, SEATING, PHONE, "cli:wang", clock())
        await refresh(deployment)
        assert await page.receive() == {"v": 1, "type": "erased", "conversation": "cleared"}
        assert (await page.connect(deployment.addresses[0]))["conversation"] == "cleared"
        await page.text("你好")
        assert (await page.connect(deployment.addresses[1]))["conversation"] == "answered"
