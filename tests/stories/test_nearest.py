"""A courier shares a location and is told where to go."""

from datetime import datetime

from bot.common.clock import CHINA
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.stations import GOBI, HERE, NIGHT_OWL


async def test_three_open_stations_nearest_first(courier: Line) -> None:
    seen = await courier.shares(*HERE)
    order = [seen.text.index(name) for name in ("新城支行驿站", "鼓楼驿站", "中山路驿站")]
    assert order == sorted(order)
    assert "300米，骑车约1分钟 · 12:00关门，到了还能歇1小时59分钟" in seen
    assert "核实" not in seen  # three weeks ago is not worth a line
    assert "没登记时间驿站" not in seen  # unknown hours are never taken for open
    assert "20:00关门 · 热水坏了" in seen


async def test_the_first_words_ask_for_the_location_once(courier: Line) -> None:
    seen = await courier.says("你好")
    assert "我的收藏" in seen.text + str(seen.labels)
    assert "附近驿站" not in seen.text + str(seen.labels)
    assert "附近驿站" in str((await courier.says("取消")).labels)


async def test_the_way_there_is_in_every_answer(courier: Line, channel: str) -> None:
    seen = await courier.shares(*HERE)
    assert len(seen.venues) == (3 if channel == "web" else 0)  # a page draws all in one picture
    amap = [link for link in seen.links if "uri.amap.com" in link]
    assert len(amap) == 3
    assert "to=111.75" in amap[0]  # longitude first
    assert "mode=ride" in amap[0]
    assert f"callnative={int(channel != 'wechat')}" in amap[0]
    assert [link for link in seen.links if "type=walk" in link and "tocoord=40.8" in link]
    seen = await courier.picks("第1家怎么进")
    if channel in {"terminal", "wechat"}:
        assert not seen.venues
    else:
        ((title, lat, lon),) = seen.venues
        assert title == "新城支行驿站"
        assert abs(lat - HERE[0]) < 0.01
        assert abs(lon - HERE[1]) < 0.001
    assert [link for link in seen.links if "api.map.baidu.com" in link and "mode=walking" in link]
    assert channel != "web" or "tel:+864710000000" in seen.links


async def test_others_than_the_best_take_one_line_each(courier: Line) -> None:
    lines = (await courier.shares(*HERE)).text.splitlines()
    assert sum(line.startswith("有：") for line in lines) == 1
    assert "3. 中山路驿站 · 7分钟 · 18:00关门" in [line.strip() for line in lines]


async def test_a_station_not_checked_for_half_a_year_says_so(
    courier: Line, clock: ManualClock
) -> None:
    clock.set(datetime(2027, 5, 31, 10, tzinfo=CHINA))
    assert "2026年11月3日核实" in await courier.shares(*HERE)


async def test_a_number_that_no_choice_has_is_no_thanks(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")  # two choices
    seen = await courier.says("7")
    assert "没有7这一项" in seen
    assert "不客气" not in seen


async def test_closed_at_midday_is_left_out(courier: Line, clock: ManualClock) -> None:
    clock.set(datetime(2026, 11, 23, 12, 30, tzinfo=CHINA))
    seen = await courier.shares(*HERE)
    assert "新城支行驿站" not in seen
    assert "鼓楼驿站（最近）" in seen


async def test_open_on_arrival_not_now(courier: Line, clock: ManualClock) -> None:
    """At 13:29 the branch is shut, but it opens while one rides the 300 metres."""
    clock.set(datetime(2026, 11, 23, 13, 29, tzinfo=CHINA))
    assert "新城支行驿站（最近）" in await courier.shares(*HERE)


async def test_a_public_holiday_closes_those_that_say_so(courier: Line, clock: ManualClock) -> None:
    clock.set(datetime(2026, 10, 1, 10, tzinfo=CHINA))
    seen = await courier.shares(*HERE)
    assert "中山路驿站" not in seen
    assert "节假日，请先打电话确认" in seen


async def test_a_make_up_saturday_is_a_workday(courier: Line, clock: ManualClock) -> None:
    clock.set(datetime(2026, 10, 10, 10, tzinfo=CHINA))
    assert "新城支行驿站（最近）" in await courier.shares(*HERE)


async def test_filters_combine_and_switch_off(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.picks("热饭")
    assert "中山路驿站（最近）" in seen
    assert "新城支行驿站" not in seen
    seen = await courier.picks("取暖")
    assert "✓热饭" in seen.labels
    assert "✓取暖" in seen.labels
    assert "车站驿站" not in seen  # a microwave, but no warm room
    seen = await courier.picks("✓取暖")
    assert "车站驿站" in seen


async def test_more_shows_the_next(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.picks("更多")
    assert NIGHT_OWL in seen
    assert "车站驿站" in seen
    assert "新城支行驿站" not in seen
    seen = await courier.picks("回到最近的")
    assert "新城支行驿站（最近）" in seen


async def test_another_one_in_words(courier: Line) -> None:
    await courier.shares(*HERE)
    assert NIGHT_OWL in await courier.says("换一个")


async def test_after_the_last_page_no_details_are_offered_of_stations_not_listed(
    courier: Line,
) -> None:
    await courier.shares(*HERE)
    for _ in range(2):
        seen = await courier.says("换一个")
    assert "就这些了" in seen
    assert not [label for label in seen.labels if "怎么进" in label]
    assert "新城支行驿站（最近）" in await courier.picks("回到最近的")


async def test_the_details_say_how_to_get_in(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.picks("第1家怎么进")
    for words in (
        "新城支行驿站】放心进",
        "门：临街正门",
        "不用取号、不办业务、免费",
        "怎么进：直接进入",
        "停车：门口可停",
        "厕所：站内",
        "电话：0471-0000000",
        "周一至周五 09:00–12:00、13:30–17:00",
        "设施：座位、热水、充电、厕所",
    ):
        assert words in seen


async def test_favourites_are_kept_listed_and_dropped(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    assert "收藏了" in await courier.picks("收藏这家")
    seen = await courier.says("我的收藏")
    assert "1. 新城支行驿站" in seen
    seen = await courier.picks("删第1家")
    assert "已取消收藏" in seen
    assert "还没收藏" in await courier.says("我的收藏")


async def test_nobody_open_says_who_opens_first(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 3, tzinfo=CHINA))
    await courier.shares(*HERE)
    seen = await courier.picks("热饭")
    assert "附近带热饭的，骑到了都没开门。\n开着的（没有热饭）：" in seen
    assert f"1. {NIGHT_OWL}" in seen
    assert seen.text.index("带热饭的：") < seen.text.index("2. 中山路驿站（最早开门）")
    assert "今天09:00开门" in seen


async def test_at_night_the_one_round_the_clock(courier: Line, clock: ManualClock) -> None:
    clock.set(datetime(2026, 11, 23, 3, tzinfo=CHINA))
    seen = await courier.shares(*HERE)
    assert f"{NIGHT_OWL}（最近）" in seen
    assert "24小时开" in seen


async def test_in_the_gobi_the_nearest_is_named_with_its_distance(courier: Line) -> None:
    seen = await courier.shares(*GOBI)
    assert "30公里内没有驿站" in seen
    assert "最近的也有" in seen


async def test_null_island_is_met_with_advice(courier: Line) -> None:
    seen = await courier.shares(0.0, 0.0)
    assert "手机定位错了" in seen


async def test_a_filter_before_any_location_is_remembered(courier: Line) -> None:
    seen = await courier.says("哪有热水")
    assert "把位置发给我" in seen
    seen = await courier.shares(*HERE)
    assert "有热水" in seen
    assert "鼓楼驿站" not in seen  # its boiler is broken


async def test_a_shared_location_is_not_in_the_database(
    courier: Line, deployment: Deployment, database_url: str
) -> None:
    lat, lon = HERE[0] + 0.0012345, HERE[1] + 0.0054321
    await courier.shares(lat, lon)
    from sqlalchemy import text

    app = deployment.replicas[0]
    dumped = ""
    async with app.store.reading() as db:
        for table in ("courier", "chat", "inbox", "demand", "favourite"):
            dumped += repr((await db.execute(text(f"SELECT * FROM {table}"))).all())  # noqa: S608
    assert "40.84" not in dumped
    assert "111.75" not in dumped
    assert f"{int(lat / 0.05)}:{int(lon / 0.05)}" in dumped


async def test_who_would_rest_two_minutes_only_is_sent_further(
    courier: Line, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 11, 57, tzinfo=CHINA))  # the branch shuts at noon
    seen = await courier.shares(*HERE)
    assert "1. 鼓楼驿站（最近）" in seen
    assert "来不及的：新城支行驿站（到了只剩2分钟）" in seen


async def test_a_facility_that_is_shut_does_not_hide_what_is_open(
    courier: Line, clock: ManualClock
) -> None:
    await courier.shares(*HERE)
    seen = await courier.says("换电柜在哪")
    assert "现在没有哪家的" in seen
    assert "1. 新城支行驿站" in seen
    filters = [label for label in seen.labels if label.startswith("✓")]
    assert filters
    seen = await courier.picks(filters[0])
    assert not [label for label in seen.labels if label.startswith("✓")]
    assert "1. 新城支行驿站（最近）" in seen


async def test_the_nearest_or_any_drops_all_filters(courier: Line) -> None:
    for words in ("最近的", "随便", "哪家都行"):
        await courier.shares(*HERE)
        assert "✓电动车换电" in (await courier.says("换电柜在哪")).labels
        seen = await courier.says(words)
        assert "1. 新城支行驿站（最近）" in seen
        assert "✓" not in "".join(seen.labels)


async def test_a_radius_and_round_the_clock_are_seen_and_switched_off(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.says("500米内有厕所的")
    assert "有厕所，500米内，" in seen
    assert "中山路驿站" not in seen
    seen = await courier.picks("✓500米内")
    assert "中山路驿站" in seen
    await courier.says("24小时")
    assert "1. 新城支行驿站（最近）" in await courier.picks("✓24小时")


async def test_parking_is_read_from_the_stations_shown(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.says("能停车吗")
    assert "新城支行驿站：门口可停" in seen
    assert "没有" not in seen
    assert "1. 新城支行驿站（最近）" in await courier.shares(*HERE)


async def test_from_a_typed_place_distances_count_from_its_centre(courier: Line) -> None:
    seen = await courier.says("新城区")
    assert "离中心" in seen
    assert "离你" not in seen


async def test_in_beijing_the_service_says_whose_it_is(courier: Line) -> None:
    seen = await courier.shares(39.9042, 116.4074)
    assert "我只管内蒙古的驿站，在外地就打12351问当地工会" in seen
    assert "新城支行驿站" not in seen


async def test_just_across_the_border_the_nearest_is_named(courier: Line) -> None:
    seen = await courier.shares(40.09, 112.2)  # north of 大同, 90 km from the first
    assert "新城支行驿站" in seen
    assert "12351" not in seen
