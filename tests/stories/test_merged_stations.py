"""A courier meets a station that was merged into another one: on its poster, in buttons, kept."""

import aiohttp
import pytest

from bot.services.dataset_version import Dataset, dataset_version
from bot.services.stations.editing import undo
from bot.services.stations.merging import merge
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.stations import HERE

KEPT, GONE = "新城支行驿站", "鼓楼驿站"


async def merges(deployment: Deployment, clock: ManualClock, *, refresh: bool = True) -> int:
    """S2 becomes S1; with `refresh` both replicas know it."""
    async with deployment.replicas[0].store.writing() as db:
        version = await dataset_version(db, Dataset.STATIONS)
        number = await merge.merge(db, "S1", "S2", {}, "王", clock(), version=version)
    if refresh:
        await deployment.refresh()
    return number


async def keeps(courier: Line, *codes: str) -> None:
    for code in codes:
        await courier.arrives(f"st-{code}")
        await courier.picks("收藏这家")


async def test_the_old_poster_leads_to_the_one_station(
    deployment: Deployment, courier: Line, clock: ManualClock
) -> None:
    number = await merges(deployment, clock)
    for _ in deployment.replicas:
        clock.forward(minutes=1)
        seen = await courier.arrives("st-S2")
        assert f"【{KEPT}】" in seen
        assert GONE not in seen
    async with deployment.replicas[0].store.writing() as db:
        await undo.undo_revision(db, number, "王", clock())
    await deployment.refresh()
    clock.forward(minutes=1)
    assert f"【{GONE}】" in await courier.arrives("st-S2")


async def test_the_old_page_is_that_of_the_one_station(
    deployment: Deployment, clock: ManualClock
) -> None:
    await merges(deployment, clock)
    async with aiohttp.ClientSession() as http:
        for address in deployment.addresses:
            async with http.get(f"{address}/s/S2") as answer:
                assert answer.status == 200
                page = await answer.text()
            assert KEPT in page
            assert GONE not in page
            assert "/?start=st-S1" in page


async def test_a_courier_who_kept_both_keeps_one_and_gets_both_back(
    deployment: Deployment, terminal: Line, clock: ManualClock
) -> None:
    await keeps(terminal, "S1", "S2")
    number = await merges(deployment, clock)
    for _ in deployment.replicas:
        seen = await terminal.says("我的收藏")
        assert KEPT in seen
        assert GONE not in seen
        assert "删第2家" not in seen
    async with deployment.replicas[1].store.writing() as db:
        await undo.undo_revision(db, number, "王", clock())
    await deployment.refresh()
    seen = await terminal.says("我的收藏")
    assert KEPT in seen
    assert GONE in seen


@pytest.mark.parametrize("refresh", [True, False], ids=["known", "not known yet"])
async def test_an_old_button_means_the_one_station(
    deployment: Deployment, terminal: Line, clock: ManualClock, *, refresh: bool
) -> None:
    await terminal.arrives("st-S2")
    await merges(deployment, clock, refresh=refresh)
    await terminal.picks("收藏这家")
    await deployment.refresh()
    for _ in deployment.replicas:
        seen = await terminal.says("我的收藏")
        assert KEPT in seen
        assert GONE not in seen
    await terminal.picks("删第1家")
    assert KEPT not in await terminal.says("我的收藏")


async def test_a_listed_station_that_is_merged_meanwhile_is_shown_as_the_one_station(
    deployment: Deployment, terminal: Line, clock: ManualClock
) -> None:
    shown = await terminal.shares(*HERE)
    assert f"2. {GONE}" in shown
    await merges(deployment, clock)
    assert f"【{KEPT}】" in await terminal.picks("第2家怎么进")
    again = await terminal.shares(*HERE)
    assert again.text.count(KEPT) == shown.text.count(KEPT)
    assert GONE not in again


async def test_a_report_of_the_one_that_is_gone_is_noted_for_the_one_station(
    deployment: Deployment, terminal: Line, clock: ManualClock
) -> None:
    await terminal.arrives("st-S2")
    await merges(deployment, clock)
    assert KEPT in await terminal.says("门锁着")
