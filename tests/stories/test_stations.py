"""What couriers say after a place is known, and what they type instead of one."""

from datetime import date, datetime

import pytest
from sqlalchemy import insert

from bot.common.clock import CHINA
from bot.services.dataset_version import Dataset, raise_version
from bot.store.models.stations import StationChangeRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.stations import GOBI, HERE, NIGHT_OWL

EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=CHINA)
NIGHT = datetime(2026, 11, 23, 3, tzinfo=CHINA)
OUTSKIRTS = (HERE[0] - 0.1, HERE[1])  # 11 km south of the nearest of all
ID_NUMBER = "15010219900307123X"


async def test_24_hours_means_stations_that_never_close(courier: Line, clock: ManualClock) -> None:
    clock.set(EVENING)
    await courier.shares(*HERE)
    seen = await courier.says("24小时")
    assert "24小时开的，离你最近：" in seen
    assert f"1. {NIGHT_OWL}（最近）" in seen
    assert "出发算" not in seen
    assert "鼓楼驿站" not in seen
    assert NIGHT_OWL in await courier.says("有没有通宵的")


async def test_a_far_off_closure_does_not_make_it_close_at_night(
    courier: Line, clock: ManualClock, deployment: Deployment
) -> None:
    day = date(2026, 12, 24)
    async with deployment.replicas[0].store.writing() as db:
        closure = {"station_id": 4, "first": day, "last": day, "hours": None, "reason": "盘点"}
        await db.execute(insert(StationChangeRow).values(**closure))
        await raise_version(db, Dataset.STATIONS)
    await deployment.refresh()
    clock.set(EVENING)
    await courier.shares(*HERE)
    assert f"1. {NIGHT_OWL}（最近）" in await courier.says("24小时")


async def test_24_hours_before_any_place_is_remembered(courier: Line) -> None:
    assert "把位置发给我" in await courier.says("24小时的有吗")
    assert "24小时开的，离你最近：" in await courier.shares(*HERE)


async def test_24_hours_in_a_named_town(courier: Line) -> None:
    assert "24小时开的，按新城区中心算：" in await courier.says("新城区24小时")


async def test_where_nothing_is_open_all_night_the_last_to_close_is_named(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.picks("取暖")
    await courier.says("24小时")
    seen = await courier.says("24小时有微波炉的")
    assert "附近没有24小时开、又有热饭的，开得最晚的是这家：" in seen
    assert "1. 中山路驿站（开得最晚）" in seen


async def test_an_hour_that_is_past_is_tomorrows(courier: Line, clock: ManualClock) -> None:
    clock.set(EVENING)
    await courier.shares(*HERE)
    seen = await courier.says("凌晨3点还有开的吗")
    assert "按明天03:00出发算：" in seen
    assert NIGHT_OWL in seen
    assert "出发算" not in await courier.says("今晚还有开的吗")
    seen = await courier.says("明天上午9点有开的吗")
    assert "按明天09:00出发算：" in seen
    assert "新城支行驿站（最近）" in seen
    assert "明天12:00关门" in seen


@pytest.mark.parametrize(
    "remark", ["谢谢", "你好", "帮助", "人工", "大讲堂", "提醒设置", "我的数据", "取消", "语言"]
)
async def test_a_side_remark_does_not_make_one_send_the_place_again(
    courier: Line, remark: str
) -> None:
    await courier.shares(*HERE)
    await courier.says(remark)
    seen = await courier.says("厕所")
    assert "新城支行驿站（最近）" in seen


async def test_a_question_in_between_does_not_either(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.says("办卡进度")
    await courier.says("取消")
    assert "新城支行驿站（最近）" in await courier.says("厕所")


async def test_the_place_is_forgotten_after_a_day_however_much_is_said(
    courier: Line, clock: ManualClock
) -> None:
    await courier.shares(*HERE)
    clock.set(datetime(2026, 11, 24, 2, tzinfo=CHINA))
    await courier.says("谢谢")
    clock.set(datetime(2026, 11, 24, 11, tzinfo=CHINA))
    assert "把位置发给我" in await courier.says("厕所")


async def test_after_thanks_a_number_still_means_what_is_shown(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.says("谢谢")
    await courier.picks("附近驿站")
    assert "新城支行驿站（最近）" in await courier.picks("就用刚才的位置")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("红山热水", ("按红山区中心算，30公里内没有驿站。", "最近的也有621公里。")),
        ("临河厕所", ("按临河区中心算，30公里内没有驿站。", "最近的也有368公里。")),
        ("回民充电", ("有充电，按回民区中心算，骑到了还开着的：", "9.1公里，骑车约39分钟")),
        ("青山附近", ("按青山区中心算，30公里内没有驿站。", "最近的也有159公里。")),
    ],
)
async def test_a_short_place_name_and_a_facility_are_understood_in_one_text(
    courier: Line, text: str, answer: tuple[str, str]
) -> None:
    """The distances are those from the middle of the place that was meant."""
    seen = await courier.says(text)
    assert [part in seen for part in answer] == [True, True]


async def test_an_unknown_landmark_is_admitted(courier: Line) -> None:
    seen = await courier.says("呼和浩特东站")
    assert "没找到“呼和浩特东站”，先按呼和浩特市中心算；发个位置更准。" in seen
    await courier.says("牙克石")
    for landmark in ("万达广场", "中山路", "火车东站"):
        seen = await courier.says(landmark)
        assert f"没找到“{landmark}”。发个位置，或者打旗县、区名。" in seen
        assert "驿站（最近）" not in seen


@pytest.mark.parametrize("place", ["北京", "我在加格达奇", "蒙古国"])
async def test_beyond_the_region_there_is_nothing(courier: Line, place: str) -> None:
    assert "我只管内蒙古的驿站" in await courier.says(place)


async def test_a_place_that_cannot_be_offers_no_filters(courier: Line) -> None:
    seen = await courier.shares(55.75, 37.62)
    assert seen.labels == ["发送位置", "转人工"]


async def test_a_long_ride_in_a_cold_night_is_not_said_as_if_near(
    courier: Line, clock: ManualClock
) -> None:
    clock.set(NIGHT)
    seen = await courier.shares(*OUTSKIRTS)
    assert "附近现在没有开着的，最近的在14公里外（骑车约" in seen
    assert "太冷别硬骑" in seen
    assert NIGHT_OWL in seen


async def test_nobody_rides_hundreds_of_kilometres(courier: Line) -> None:
    seen = await courier.shares(*GOBI)
    assert "公里" in seen
    assert "骑车" not in seen


async def test_a_filter_is_taken_back_or_exchanged(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.says("有热水和充电的")
    seen = await courier.says("不要热水了")
    assert "✓充电" in seen.labels
    assert "热水" in seen.labels
    seen = await courier.says("充电的换成厕所")
    assert "✓厕所" in seen.labels
    assert "充电" in seen.labels
    seen = await courier.says("去掉厕所")
    assert "厕所" in seen.labels


@pytest.mark.parametrize("text", ["好冷", "我冻坏了"])
async def test_who_freezes_is_shown_a_warm_room(courier: Line, text: str) -> None:
    assert "把位置发给我" in await courier.says(text)
    assert "✓取暖" in (await courier.shares(*HERE)).labels
    assert "鼓楼驿站（最近）" in await courier.says(text)


async def test_a_station_of_the_list_is_picked_in_words(courier: Line) -> None:
    await courier.shares(*HERE)
    for words in ("第二家", "2号怎么进", "第2家电话"):
        assert "鼓楼驿站】放心进" in await courier.says(words)
    assert "收藏了" in await courier.says("收藏第二家")
    assert "1. 鼓楼驿站" in await courier.says("我的收藏")
    assert "鼓楼驿站】放心进" in await courier.says("第一家")


async def test_further_stations_go_on_counting(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.picks("更多")
    assert "再远一点的：" in seen
    assert f"4. {NIGHT_OWL}" in seen
    assert "第4家怎么进" in seen.labels
    assert f"{NIGHT_OWL}】放心进" in await courier.says("第4家")
    assert "新城支行驿站】放心进" in await courier.says("第1家")
    await courier.says("换一个")
    seen = await courier.says("换一个")
    assert "就这些了" in seen
    assert not [label for label in seen.labels if "怎么进" in label]


async def test_a_word_of_a_shown_choice_picks_it(courier: Line) -> None:
    assert "哪个" in await courier.says("乌拉特")
    seen = await courier.says("前旗")
    assert "哪个" not in seen
    assert "公里内没有驿站" in seen


async def test_a_whole_number_of_an_id_is_warned_of_in_any_talk(courier: Line) -> None:
    assert "这像是完整的身份证号或卡号" in await courier.says(f"我的身份证{ID_NUMBER}")


async def test_an_application_number_is_no_parcel(courier: Line) -> None:
    seen = await courier.says("DEMO2026998")
    assert "包裹" not in seen
    assert "快递" not in seen


@pytest.mark.parametrize("text", ["我去", "满了没座位"])
async def test_a_complaint_does_not_open_the_list_of_trainings(courier: Line, text: str) -> None:
    assert "大讲堂" not in (await courier.says(text)).text.splitlines()[0]
