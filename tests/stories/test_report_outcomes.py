"""A courier who reported something is told once that it is in order again."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from bot.belief.model import Source
from bot.commands.cli import parser
from bot.commands.messages import notes
from bot.services.stations.observations import Observer
from bot.store.models.stations import FacilityRow
from tests.conftest import ManualClock
from tests.stories.test_favourite_changes import imports
from tests.support.courier import Deployment, Line, TelegramLine, WeChatLine, lines
from tests.support.stations import HERE

MENDED = "你报的新城支行驿站的问题修好了：热水能用了"
Repair = Callable[[Deployment, ManualClock], Awaitable[None]]


async def keeper_confirms(deployment: Deployment, clock: ManualClock) -> None:
    """The keeper's page says that the water works."""
    app = deployment.replicas[0]
    async with app.store.writing() as db:
        await Observer(app.keys).observe(
            db, None, 1, [("water", True)], clock(), source=Source.KEEPER
        )


async def operator_closes_the_note(deployment: Deployment, clock: ManualClock) -> None:
    """`yizhan notes 1 --in-order`."""
    app = deployment.replicas[0]
    t = app.languages.of("zh_CN", None)
    arguments = parser(t).parse_args(["notes", "1", "--in-order"])
    assert await notes.run_in(arguments, app.store, app.keys, t, clock=clock) == 0


async def list_is_put_right(deployment: Deployment, clock: ManualClock) -> None:
    """The operator marks the water as out of order, and later as in order again."""
    async with deployment.replicas[0].store.writing() as db:
        broken = update(FacilityRow).where(FacilityRow.station_id == 1, FacilityRow.code == "water")
        await db.execute(broken.values(state="broken"))
    await imports(deployment, clock(), facilities="seat;water;charge;toilet")


async def reports_dry_kettle(courier: Line, clock: ManualClock) -> None:
    """Chooses the nearest station, rides there and says that the water is out of order."""
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    clock.forward(minutes=10)
    assert "新城支行驿站今天不给你推了" in await courier.says("水机坏了")


async def told(courier: Line, deployment: Deployment, clock: ManualClock) -> list[str]:
    """All that was pushed to the courier, else what their next message is answered with."""
    await deployment.deliver()
    clock.forward(minutes=1)  # who has no page open gets it with the next answer
    await deployment.deliver()
    if isinstance(courier, TelegramLine):
        return [one.get("text", "") for one in deployment.telegram.messages[courier.chat]]
    if isinstance(courier, WeChatLine):
        return [one.words for one in deployment.wechat.shown["oFake0000-_openid"]]
    return [(await courier.says("帮助")).text, (await courier.says("帮助")).text]


@pytest.mark.parametrize("repair", [keeper_confirms, operator_closes_the_note, list_is_put_right])
async def test_whoever_puts_it_right_the_reporter_is_told_once(
    deployment: Deployment, clock: ManualClock, repair: Repair
) -> None:
    reporter, other = lines(deployment, "telegram", 2)
    await reports_dry_kettle(reporter, clock)
    await other.shares(*HERE)
    clock.forward(hours=4, minutes=30)
    await repair(deployment, clock)
    await keeper_confirms(deployment, clock)
    assert sum(MENDED in text for text in await told(reporter, deployment, clock)) == 1
    assert not any(MENDED in text for text in await told(other, deployment, clock))


async def test_on_each_channel_the_reporter_is_told(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await reports_dry_kettle(courier, clock)
    clock.forward(hours=4, minutes=30)
    await keeper_confirms(deployment, clock)
    assert sum(MENDED in text for text in await told(courier, deployment, clock)) == 1


async def test_who_stopped_station_notices_is_not_told(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await reports_dry_kettle(courier, clock)
    await courier.says("停驿站")
    clock.forward(hours=4, minutes=30)
    await keeper_confirms(deployment, clock)
    assert not any(MENDED in text for text in await told(courier, deployment, clock))


async def test_a_locked_door_that_was_looked_into_is_told_as_such(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await courier.shares(*HERE)
    await courier.says("门锁着")
    clock.forward(hours=4, minutes=30)
    await operator_closes_the_note(deployment, clock)
    texts = await told(courier, deployment, clock)
    assert any("你报过新城支行驿站锁门：查过了" in text for text in texts)
