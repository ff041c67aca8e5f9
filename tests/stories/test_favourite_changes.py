"""A station that a courier keeps closes, moves or gets other hours."""

from datetime import date, datetime

import pytest

from bot.common.clock import CHINA
from bot.geo.datum import Datum
from bot.services.spreadsheets import reader
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.plan import plan_import
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, lines
from tests.support.stations import HERE

NIGHT = datetime(2026, 11, 24, 2, tzinfo=CHINA)
MORNING = datetime(2026, 11, 24, 8, tzinfo=CHINA)
PLACE = (HERE[0] + 300 / 111_050, HERE[1])
HOURS = "周一至周五 09:00-12:00 13:30-17:00"


async def imports(deployment: Deployment, now: datetime, **cells: str) -> None:
    """Imports S1 with other cells."""
    row = {
        "code": "S1",
        "name": "新城支行驿站",
        "lng": str(PLACE[1]),
        "lat": str(PLACE[0]),
        "hours": HOURS,
        **cells,
    }
    text = f"{','.join(row)}\n{','.join(row.values())}\n"
    async with deployment.replicas[0].store.writing() as db:
        table = reader.read(text.encode(), COLUMNS)
        plan = await plan_import(db, table, Datum.WGS84, date(2026, 11, 23))
        assert plan.problems == ()
        await apply(db, plan, now, allow_moves=True)
    await deployment.refresh()


def told(deployment: Deployment) -> list[str]:
    """The notices of a change that the courier got."""
    return [text for text in deployment.texts_sent() if "有变化" in text]


@pytest.fixture
async def keeper(pushed_to: Line) -> Line:
    """A courier who keeps S1."""
    await keep_first(pushed_to)
    return pushed_to


async def keep_first(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    await courier.picks("收藏这家")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"status": "paused"}, "暂时关了"),
        ({"status": "moved"}, "搬走了"),
        ({"hours": "每天 10:00-16:00"}, "开门时间改了：每天 10:00–16:00"),
        ({"lat": str(PLACE[0] + 0.01), "address": "新华大街1号"}, "换地方了：新华大街1号"),
        ({"changes": "2026-12-01..2026-12-03 closed 装修"}, "12月1日到12月3日：休息 装修"),
    ],
)
async def test_who_keeps_it_is_told_at_a_decent_hour(
    keeper: Line,
    deployment: Deployment,
    clock: ManualClock,
    cells: dict[str, str],
    said: str,
) -> None:
    clock.set(NIGHT)
    await imports(deployment, clock(), **cells)
    await deployment.deliver()
    assert told(deployment) == []
    clock.set(MORNING)
    await deployment.deliver()
    (only,) = told(deployment)
    assert "你收藏的新城支行驿站有变化" in only
    assert said in only


async def test_what_is_taken_back_in_the_night_is_not_told(
    keeper: Line, deployment: Deployment, clock: ManualClock
) -> None:
    clock.set(NIGHT)
    await imports(deployment, clock(), status="paused")
    await imports(deployment, clock(), status="open")
    clock.set(MORNING)
    await deployment.deliver()
    assert told(deployment) == []


async def test_who_dropped_it_or_stopped_station_notices_is_not_told(
    keeper: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await keeper.says("停驿站")
    await imports(deployment, clock(), status="paused")
    await deployment.deliver()
    assert told(deployment) == []


async def test_a_small_correction_of_the_place_is_not_told(
    keeper: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await imports(deployment, clock(), lat=str(PLACE[0] + 0.0005))
    await deployment.deliver()
    assert told(deployment) == []


@pytest.mark.parametrize("channel", ["web", "terminal"])
async def test_where_nothing_can_be_pushed_it_is_told_with_the_next_message(
    deployment: Deployment, clock: ManualClock, channel: str
) -> None:
    (keeper,) = lines(deployment, channel)
    await keep_first(keeper)
    clock.set(MORNING)
    await imports(deployment, clock(), status="paused")
    clock.forward(minutes=1)  # so long a notice waits for a page to open
    await deployment.deliver()
    assert "你收藏的新城支行驿站有变化" in await keeper.says("帮助")
    assert "有变化" not in await keeper.says("帮助")
