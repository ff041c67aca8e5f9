"""What the chat page's script relies on: actions of its own, and being told of an erasure."""

from uuid import uuid4

import pytest

from bot.geo.places import Places
from tests.support.courier import Deployment
from tests.support.fakes.web import WebLine


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
