"""Hours as station lists write them: read exactly, or refused; never guessed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.hours.errors import Fault, HoursError
from bot.hours.parser import read
from bot.hours.weekly import parse


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        # As published in station lists
        ("8:30-11:00 13:30-17:00", "Mo-Su 08:30-11:00,13:30-17:00"),
        ("星期一到星期五 9:30-17:00", "Mo-Fr 09:30-17:00"),
        ("6:00-18:00", "Mo-Su 06:00-18:00"),
        # Days
        ("周一至周五 9:00-17:00,周六日10:00-16:00", "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00"),
        ("周一到周五8点—20点，周六周日8点—18点", "Mo-Fr 08:00-20:00; Sa-Su 08:00-18:00"),
        ("每周一至周五 9:00-17:00;每周六9:00-12:00", "Mo-Fr 09:00-17:00; Sa 09:00-12:00"),
        ("周一至五 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("周1-5 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("周1-周5 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("周一、三、五 9:00-12:00", "Mo,We,Fr 09:00-12:00"),
        ("周一三五 9:00-12:00", "Mo,We,Fr 09:00-12:00"),
        ("周日至周四 9:00-17:00", "Mo-Th,Su 09:00-17:00"),
        ("礼拜天10点-12点", "Su 10:00-12:00"),
        ("每天 6:00-18:00", "Mo-Su 06:00-18:00"),
        ("9:30-17:00（周一至周五）", "Mo-Fr 09:30-17:00"),
        ("周末 10:00-16:00", "Sa-Su 10:00-16:00"),
        ("每天9:00-17:00，周六10:00-16:00", "Mo-Fr,Su 09:00-17:00; Sa 10:00-16:00"),
        ("周六10:00-16:00，每天9:00-17:00", "Mo-Fr,Su 09:00-17:00; Sa 10:00-16:00"),
        # Holidays
        ("工作日9:00—17:00", "Mo-Fr 09:00-17:00; PH off"),
        ("非工作日10:00-16:00,工作日9:00-17:00", "Mo-Fr 09:00-17:00; Sa-Su,PH 10:00-16:00"),
        ("周一至周日 8:00-18:00,法定节假日休息", "Mo-Su 08:00-18:00; PH off"),
        ("9:00-17:00 节假日除外", "Mo-Su 09:00-17:00; PH off"),
        ("除法定节假日外，每天9:00-17:00", "Mo-Su 09:00-17:00; PH off"),
        ("9:00-17:00（周一除外）", "Tu-Su 09:00-17:00"),
        ("8:00-20:00 周日闭馆", "Mo-Sa 08:00-20:00"),
        ("全年无休 8:00-20:00", "Mo-Su,PH 08:00-20:00"),
        ("8:00-20:00,节假日照常", "Mo-Su,PH 08:00-20:00"),
        ("每天（含节假日）8:00-20:00", "Mo-Su,PH 08:00-20:00"),
        ("周末及法定节假日10:00-16:00;工作日8:00-20:00", "Mo-Fr 08:00-20:00; Sa-Su,PH 10:00-16:00"),
        (
            "周一至周五:上午8:30-12:00、下午13:30-17:00;周六、周日、节假日:休息",
            "Mo-Fr 08:30-12:00,13:30-17:00; PH off",
        ),
        # All day
        ("全天", "24/7"),
        ("24小时", "24/7"),
        ("24小时营业，全年无休", "24/7"),
        ("２４Ｈ", "24/7"),
        ("0:00-24:00", "24/7"),
        ("全天（0:00-24:00）", "24/7"),
        ("24小时开放 节假日休息", "Mo-Su 00:00-24:00; PH off"),
        ("周一至周五全天", "Mo-Fr 00:00-24:00"),
        # Times
        ("上午8:30-11:30 下午14:30-17:30", "Mo-Su 08:30-11:30,14:30-17:30"),
        ("上午8:30-11:30 下午2:30-5:30", "Mo-Su 08:30-11:30,14:30-17:30"),
        ("早8:00-晚8:00", "Mo-Su 08:00-20:00"),
        ("9点到17点半", "Mo-Su 09:00-17:30"),
        ("9-17点", "Mo-Su 09:00-17:00"),
        ("工作日9时至17时30分", "Mo-Fr 09:00-17:30; PH off"),
        ("上午九点至下午五点三刻", "Mo-Su 09:00-17:45"),
        ("周五五点-六点", "Fr 05:00-06:00"),
        ("08:00:00-18:00:00", "Mo-Su 08:00-18:00"),
        ("中午11点-1点", "Mo-Su 11:00-13:00"),
        # Past midnight
        ("18:00至次日2:00", "Mo-Su 18:00-02:00"),
        ("9:00-次日凌晨2:00", "Mo-Su 09:00-02:00"),
        ("晚上8点-早上6点", "Mo-Su 20:00-06:00"),
        ("20:00-6:00", "Mo-Su 20:00-06:00"),
        ("8:00-0:00", "Mo-Su 08:00-24:00"),
        # Widths and dashes
        ("９：００－１７：００", "Mo-Su 09:00-17:00"),
        ("9:30~17:00", "Mo-Su 09:30-17:00"),
        ("9∶00〜17∶00", "Mo-Su 09:00-17:00"),
        ("9:00一17:00", "Mo-Su 09:00-17:00"),
        ("9:00 -- 17:00", "Mo-Su 09:00-17:00"),
        ("营业时间：周一至周五 8:30-17:30（中午不休息）", "Mo-Fr 08:30-17:30"),
        ("9:00-17:00,12:00-13:30休息", "Mo-Su 09:00-12:00,13:30-17:00"),
        (
            "9:00-17:00（工作日）,10:00-16:00（周末）",
            "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00; PH off",
        ),
        ("5月1日-9月30日 8:00-18:00", "May 1-Sep 30 Mo-Su 08:00-18:00"),
        # The stored form itself
        ("Mo-Fr 9:00–12:00,13:30–17:00; PH off", "Mo-Fr 09:00-12:00,13:30-17:00; PH off"),
        ("24/7", "24/7"),
        ("off", "off"),
    ],
)
def test_reads(text: str, stored: str) -> None:
    assert read(text) == parse(stored)


@pytest.mark.parametrize("text", ["", "  ", "-", "——", "不详", "无", "N/A", "待定"])
def test_unknown_hours_stay_unknown(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("24小时（仅据站名）", Fault.UNREADABLE),
        ("看门大爷在就开", Fault.UNREADABLE),
        ("9-17", Fault.UNREADABLE),
        ("9:00开门", Fault.UNREADABLE),
        ("休息", Fault.UNREADABLE),
        ("暂停开放", Fault.UNREADABLE),
        ("9:00-17:00,18:00-19:30休息", Fault.UNREADABLE),
        ("法定节假日休息", Fault.NO_TIMES),
        ("周六日休息", Fault.NO_TIMES),
        ("周一至周五", Fault.NO_TIMES),
        ("9:00-17:00（工作日）,周末", Fault.NO_TIMES),
        ("9:00-5:00", Fault.BACKWARDS),
        ("13:30-5:30", Fault.BACKWARDS),
        ("8:30-11:30 2:30-5:30", Fault.BACKWARDS),
        ("25:00-26:00", Fault.TIME),
        ("9:60-17:00", Fault.TIME),
        ("上午14:30-17:30", Fault.TIME),
        ("晚上2点-4点", Fault.TIME),
        ("8:00-8:00", Fault.SPAN),
        ("9:00-17:00 9:30-18:00", Fault.OVERLAP),
        ("8:00-9:00 10:00-11:00 12:00-13:00 14:00-15:00", Fault.TOO_MANY),
        ("周一9:00-17:00,周一10:00-17:00", Fault.CONFLICT),
        ("周一至周五9:00-17:00,周六10:00-16:00,全年无休", Fault.CONFLICT),
        ("夏季8:00-18:00 冬季9:00-17:00", Fault.SEASON),
        ("5月1日-9月 8:00-18:00", Fault.SEASON),
        ("9:00-17:00 " * 40, Fault.TOO_LONG),
        ("9:00-17:00" + " " * 900 + "周日休息", Fault.TOO_LONG),
    ],
)
def test_refuses_what_it_would_have_to_guess(text: str, fault: Fault) -> None:
    with pytest.raises(HoursError) as refused:
        read(text)
    assert refused.value.fault is fault


PIECES = [
    *("周一至周五", "周六日", "周日", "星期", "每天", "工作日", "周末", "法定节假日", "除", "外"),
    *("休息", "全天", "24小时", "无休", "上午", "下午", "晚上", "中午", "次日", "半"),
    *(
        "含",
        "五点半",
        "9点",
        "9:00",
        "17:30",
        "0:00",
        "25:00",
        "-",
        "至",
        "一",
        "、",
        ",",
        ";",
        "(",
        ")",
        " ",
    ),
    *("24/7", "Mo-Fr", "PH", "off"),
]


@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("０" * 500)
@example("ﷺ" * 200)
@example("周" * 200)
@example("周一" + "、一" * 90 + "x")
@example("\x00\ud800")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        hours = read(text)
    except HoursError:
        return
    if hours is not None:
        assert parse(str(hours)) == hours
        assert read(str(hours)) == hours


def test_the_longest_stored_form_can_be_imported_again() -> None:
    longest = "; ".join(
        f"{day} {n}0:10-{n}0:20,{n}1:10-{n}1:20,{n}2:1{k}-{n}2:20"
        for n in range(2)
        for k, day in enumerate(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH"))
    ).split("; ")[8:]
    hours = read("; ".join(longest))
    assert hours is not None
    assert len(str(hours)) == 318
    assert read(str(hours)) == hours
