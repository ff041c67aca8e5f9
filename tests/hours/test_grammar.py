"""Brackets, days before and after times, breaks, seasons and closures, as clerks write them."""

from time import process_time

import pytest

from bot.hours.errors import Fault, HoursError
from bot.hours.parser import read
from bot.hours.weekly import parse


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        # A bank's list: each was read the wrong way round by patterns without brackets
        ("周一至周五（法定节假日除外）8:30-17:30", "Mo-Fr 08:30-17:30; PH off"),
        ("8:30-17:30（周一至周五，节假日除外）", "Mo-Fr 08:30-17:30; PH off"),
        ("8:30-17:30（周一至周五）节假日休息", "Mo-Fr 08:30-17:30; PH off"),
        ("8:30-17:30（周一至周五），周六9:00-12:00", "Mo-Fr 08:30-17:30; Sa 09:00-12:00"),
        ("8:30-17:30（周一至周五），周日休息", "Mo-Fr 08:30-17:30"),
        (
            "8:30-17:30（周一至周五），9:00-16:00（周六），周日不营业",
            "Mo-Fr 08:30-17:30; Sa 09:00-16:00",
        ),
        ("8:30-17:30 周一至周五 周六 9:00-12:00", "Mo-Fr 08:30-17:30; Sa 09:00-12:00"),
        ("8:00-20:00（周一至周五）节假日9:00-18:00", "Mo-Fr 08:00-20:00; PH 09:00-18:00"),
        # Lists of stations
        ("9:00-18:00", "Mo-Su 09:00-18:00"),
        ("9:00-17:00", "Mo-Su 09:00-17:00"),
        ("00:00-23:59", "24/7"),
        ("7×24小时", "24/7"),
        ("10:00-22:00", "Mo-Su 10:00-22:00"),
        ("全年24小时开放", "24/7"),
        ("24小时（自助）", "24/7"),
        ("Mo-Su 00:00-23:59", "Mo-Su 00:00-24:00"),
        # Past midnight
        ("11:00-02:00", "Mo-Su 11:00-02:00"),
        ("04:00~03:00", "Mo-Su 04:00-03:00"),
        ("05:00~24:30", "Mo-Su 05:00-00:30"),
        # Parts of the day
        ("上午：8:30-12:00 下午：2:30-5:30", "Mo-Su 08:30-12:00,14:30-17:30"),
        ("早市 5:00-9:00 晚市 17:00-21:00", "Mo-Su 05:00-09:00,17:00-21:00"),
        ("上午（8:30-12:00）下午（2:00-5:00）", "Mo-Su 08:30-12:00,14:00-17:00"),
        ("9:00 am - 5:30 pm", "Mo-Su 09:00-17:30"),
        ("12:00am-1:00am", "Mo-Su 00:00-01:00"),
        # Breaks
        ("8:30-17:30（午休12:00-13:30）", "Mo-Su 08:30-12:00,13:30-17:30"),
        ("8:30-17:30（12:00-13:30午休）", "Mo-Su 08:30-12:00,13:30-17:30"),
        ("8:30-12:00 午休 14:00-17:30", "Mo-Su 08:30-12:00,14:00-17:30"),
        ("8:30-12:00，14:00-18:00，午休12:00-14:00", "Mo-Su 08:30-12:00,14:00-18:00"),
        (
            "周一9:00-17:00，8:00-18:00 午休12:00-13:00（周二）",
            "Mo 09:00-17:00; Tu 08:00-12:00,13:00-18:00",
        ),
        # Days
        ("平日8:00-18:00 周末9:00-17:00", "Mo-Fr 08:00-18:00; Sa-Su 09:00-17:00; PH off"),
        ("法定工作日 8:30-17:30", "Mo-Fr 08:30-17:30; PH off"),
        ("工作日（周一至周五）8:30-17:30", "Mo-Fr 08:30-17:30; PH off"),
        ("周一至周五 9:00-17:00（含节假日）", "Mo-Fr 09:00-17:00; PH 09:00-17:00"),
        ("周一至周五节假日休息 8:30-17:30", "Mo-Fr 08:30-17:30; PH off"),
        ("周一至周五8:30-17:30，其他时间休息", "Mo-Fr 08:30-17:30"),
        ("周一（9:00-12:00）周六（休息）", "Mo 09:00-12:00"),
        ("9:00-17:00（周一至周五营业）", "Mo-Fr 09:00-17:00"),
        ("周一至周五正常营业 8:30-17:30", "Mo-Fr 08:30-17:30"),
        ("8:30-17:30（周六，周日休息）", "Mo-Fr 08:30-17:30"),
        ("周1-5：8：30-17：30", "Mo-Fr 08:30-17:30"),
        ("11:00-14:0017:00-21:00", "Mo-Su 11:00-14:00,17:00-21:00"),
        ("8:00-20:00，周六日9:00-18:00", "Mo-Fr 08:00-20:00; Sa-Su 09:00-18:00"),
        # Seasons
        (
            "夏季（5月-9月）8:00-20:00；冬季（10月-次年4月）9:00-18:00；节假日休息",
            "May 1-Sep 30 08:00-20:00; Oct 1-Apr 30 09:00-18:00; PH off",
        ),
        (
            "8:00-20:00（5月1日至9月30日），9:00-18:00（10月1日至次年4月30日）",
            "May 1-Sep 30 08:00-20:00; Oct 1-Apr 30 09:00-18:00",
        ),
        (
            "周一至周五 夏季(5.1-9.30)8:30-18:00 冬季(10.1-4.30)9:00-17:00",
            "May 1-Sep 30 Mo-Fr 08:30-18:00; Oct 1-Apr 30 Mo-Fr 09:00-17:00",
        ),
        (
            "夏季（5月-9月）8:00-20:00，其余时间9:00-18:00",
            "Mo-Su 09:00-18:00; May 1-Sep 30 08:00-20:00",
        ),
        ("12月1日-2月28日闭馆，其他时间9:00-17:00", "09:00-17:00; Dec 1-Feb 28 off"),
        # Closures
        (
            "9:00-17:00 非营业时段 2018-02-14至2018-02-16 全天",
            "Mo-Su 09:00-17:00; 2018 Feb 14-2018 Feb 16 off",
        ),
        (
            "9:00-17:00 非营业时段 2018-02-15至2018-02-15 14:00-17:00",
            "Mo-Su 09:00-17:00; 2018 Feb 15 14:00-17:00 off",
        ),
        (
            "2026年2月14日至20日休息，每天8:00-20:00",
            "Mo-Su 08:00-20:00; 2026 Feb 14-2026 Feb 20 off",
        ),
    ],
)
def test_reads(text: str, stored: str) -> None:
    assert read(text) == parse(stored)


@pytest.mark.parametrize("text", ["即将开业", "尚未开业", "筹备中"])
def test_a_station_that_is_not_open_yet_has_no_hours(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("8:00-20:00 周六 9:00-18:00", Fault.UNREADABLE),
        ("8:00-20:00 周六 周日 9:00-18:00", Fault.UNREADABLE),
        ("9:00-17:00周一至周五14:00-17:00", Fault.CONFLICT),
        ("9:00-12:00（周六，节假日休息）", Fault.UNREADABLE),
        ("周一至周四9:00-17:00，周四至周六10:00-12:00", Fault.CONFLICT),
        ("周一至周五8:30-17:30，周六9:00-16:00，午休12:00-13:00", Fault.UNREADABLE),
        ("8:30-17:30（午休）", Fault.UNREADABLE),
        ("周一闭馆（节假日除外），9:00-17:00", Fault.UNREADABLE),
        ("9:00-17:00，周一闭馆，节假日除外", Fault.UNREADABLE),
        ("9:00-17:00（周日10:00-12:00休息）", Fault.UNREADABLE),
        ("9:00-17:00（周日午休12:00-13:00）", Fault.UNREADABLE),
        ("9:00-17:00（周末以公告为准）", Fault.UNREADABLE),
        ("9:00-17:00（周末照常营业）", Fault.UNREADABLE),
        ("9:00-17:00（周一至周五以公告为准）", Fault.UNREADABLE),
        ("9:00-17:00（周末均营业）", Fault.UNREADABLE),
        ("9:00-17:00，周六日照常", Fault.UNREADABLE),
        ("8:30-17:30 周六上午", Fault.UNREADABLE),
        ("8:30-17:30（24小时自助）", Fault.CONFLICT),
        ("24小时；人工服务8:30-17:30", Fault.UNREADABLE),
        ("24小时（仅据站名）", Fault.UNREADABLE),
        ("全天 10:00-22:00", Fault.OVERLAP),
        ("周一至周五（周六）9:00-17:00", Fault.CONFLICT),
        ("9:00-17:00（周一", Fault.UNREADABLE),
        ("9:00-17:00）", Fault.UNREADABLE),
        ("((((9:00-17:00))))", Fault.UNREADABLE),
        ("晚市5:00-9:00", Fault.TIME),
        ("下午2:30-5:30 周六 3:00-5:00", Fault.TIME),
        ("13:00pm-25:00pm", Fault.TIME),
        ("13:00am-14:00", Fault.TIME),
        ("9:00-1...", Fault.UNREADABLE),
        ("8:00-客人走为止", Fault.UNREADABLE),
        ("春节休息，每天9:00-17:00", Fault.UNREADABLE),
        ("夏令时8:00-18:00", Fault.SEASON),
        ("9:00-17:00，2月16日至2月22日休息", Fault.SEASON),
        ("9:00-17:00，1月1日至3月1日放假", Fault.SEASON),
        ("夏季（5月-9月）8:00-18:00 冬季9:00-17:00", Fault.SEASON),
        ("8:00-18:00（5月-9月），9:00-17:00", Fault.SEASON),
        ("夏季（5月-9月）周一至周五8:00-18:00；冬季（10月-4月）9:00-17:00", Fault.CONFLICT),
        ("5月-9月 8:00-18:00；9月-4月 9:00-17:00", Fault.CONFLICT),
        ("2月30日-3月5日 8:00-18:00", Fault.TIME),
        ("13月-14月 8:00-18:00", Fault.TIME),
        ("9:00-17:00 非营业时段 2018-02-30", Fault.TIME),
        ("9:00-17:00 非营业时段 2018-02-20至2018-02-14", Fault.BACKWARDS),
        ("9:00-17:00 非营业时段 12:00-13:00", Fault.UNREADABLE),
        ("2018-02-14至2018-02-16 9:00-17:00", Fault.UNREADABLE),
        ("非营业时段 2018-02-15至2018-02-19 全天", Fault.NO_TIMES),
    ],
)
def test_refuses_what_may_mean_two_things(text: str, fault: Fault) -> None:
    with pytest.raises(HoursError) as refused:
        read(text)
    assert refused.value.fault is fault


HOSTILE = [
    "周一", "(", ")", "(周一", "1", "9:00-17:00,", "周一 ", "周一休息", "9:00-17:00周一 ", "1月",
    "夏季(5月-9月)", "2018-02-14至", "一二三", "周一,二", "至", "以实际", "除周一", "周一、", "7",
    "24", " -", "9:00-", "全年", "夏", "每年5月-", "第一场", "午休", "上午", "2018.1.1-", "。",
    "\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_and_odd_texts_are_refused_in_no_time(piece: str) -> None:
    begun = process_time()
    for length in (100, 390, 400, 799, 800, 10_000):
        text = (piece * length)[:length]
        for whole in (text, text[:-12] + "9:00-17:00"):
            try:
                hours = read(whole)
            except HoursError:
                continue
            assert hours is None or parse(str(hours)) == hours
    assert process_time() - begun < 2
