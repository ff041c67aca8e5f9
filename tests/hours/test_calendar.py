"""Holidays and worked weekends of 2026, and the row that each date takes."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.hours.calendar import Day, Flag, Holidays
from bot.hours.weekly import Interval, parse

HOLIDAYS = Holidays.from_csv()
BANK = parse("Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00; PH off")
UNSAID = parse("Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00")
WEEKDAY, WEEKEND = (Interval(540, 1020),), (Interval(600, 960),)


def dates(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}")
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


# https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm
OFF = {
    "元旦": dates("01-01", "01-03"),
    "春节": dates("02-15", "02-23"),
    "清明节": dates("04-04", "04-06"),
    "劳动节": dates("05-01", "05-05"),
    "端午节": dates("06-19", "06-21"),
    "中秋节": dates("09-25", "09-27"),
    "国庆节": dates("10-01", "10-07"),
}
WORKED = [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]


def test_2026_has_33_days_off_and_6_worked_weekend_days() -> None:
    off = {day: entry.name for day, entry in HOLIDAYS.days.items() if entry.is_off}
    assert off == {day: name for name, days in OFF.items() for day in days}
    assert len(off) == 33
    assert sorted(day for day, entry in HOLIDAYS.days.items() if not entry.is_off) == WORKED
    assert all(day.weekday() >= 5 for day in WORKED)


@pytest.mark.parametrize("day", dates("01-01", "12-31"), ids=str)
def test_each_day_of_2026_takes_its_row(day: date) -> None:
    usual = WEEKEND if day.weekday() >= 5 else WEEKDAY
    if any(day in days for days in OFF.values()):
        assert HOLIDAYS.row(BANK, day) == ()
        assert HOLIDAYS.row(UNSAID, day) == usual
        assert HOLIDAYS.flags(UNSAID, day) == {Flag.PHONE_FIRST}
    else:
        assert HOLIDAYS.row(BANK, day) == (WEEKDAY if day in WORKED else usual)
        assert HOLIDAYS.row(UNSAID, day) == HOLIDAYS.row(BANK, day)
        assert HOLIDAYS.flags(UNSAID, day) == frozenset()
    assert HOLIDAYS.flags(BANK, day) == frozenset()


def test_a_year_without_data_says_so_and_takes_the_ordinary_week() -> None:
    assert HOLIDAYS.knows(2026)
    for year in (2025, 2027):
        day = date(year, 10, 1)
        assert not HOLIDAYS.knows(year)
        assert HOLIDAYS.row(BANK, day) == WEEKDAY
        assert HOLIDAYS.flags(BANK, day) == {Flag.YEAR_UNKNOWN}


def test_a_station_alike_on_all_days_needs_no_reservation() -> None:
    assert HOLIDAYS.flags(parse("24/7"), date(2027, 10, 1)) == frozenset()
    assert HOLIDAYS.flags(parse("Mo-Su 00:00-24:00"), date(2027, 10, 1)) == {Flag.YEAR_UNKNOWN}
    assert HOLIDAYS.flags(parse("Mo-Su 00:00-24:00"), date(2026, 10, 1)) == {Flag.PHONE_FIRST}


def test_last_years_notice_may_reach_into_a_year_that_is_not_known() -> None:
    new_year = date(2027, 1, 1)
    holidays = Holidays({**HOLIDAYS.days, new_year: Day("元旦", is_off=True)})
    assert not holidays.knows(2027)
    assert holidays.flags(UNSAID, new_year) == {Flag.PHONE_FIRST}
    assert holidays.flags(UNSAID, new_year + timedelta(days=1)) == {Flag.YEAR_UNKNOWN}


def test_a_worked_weekend_takes_the_day_that_it_replaces_or_monday() -> None:
    hours = parse("Mo 08:00-12:00; Tu-Fr 13:00-17:00")
    sunday = date(2026, 9, 20)
    thursday = Holidays({sunday: Day("国庆节", is_off=False, replaces=date(2026, 10, 1))})
    assert HOLIDAYS.row(hours, sunday) == (Interval(480, 720),)
    assert thursday.row(hours, sunday) == (Interval(780, 1020),)


def test_the_table_is_not_changed_from_outside() -> None:
    days = {date(2027, 10, 1): Day("国庆节", is_off=True)}
    holidays = Holidays(days)
    days.clear()
    assert holidays.knows(2027)


def test_a_file_may_say_what_a_worked_day_replaces(tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    path.write_text(
        "\ufeffdate,name,is_off,replaces\n"
        "2027-10-01,国庆节,TRUE,\n2027-10-09,国庆节,False,2027-10-07\n",
        encoding="utf-8",
    )
    assert Holidays.from_csv(path).days == {
        date(2027, 10, 1): Day("国庆节", is_off=True),
        date(2027, 10, 9): Day("国庆节", is_off=False, replaces=date(2027, 10, 7)),
    }


@pytest.mark.parametrize(
    "row",
    [
        "2027-10-32,国庆节,True",
        "2027-10-01,国庆节,yes",
        "2027-10-01,国庆节",
        "2027-01-01,元旦,True",
    ],
)
def test_a_bad_file_is_refused_naming_its_line(row: str, tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    path.write_text(f"date,name,is_off\n2027-01-01,元旦,True\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"2027\.csv, line 3"):
        Holidays.from_csv(path)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "2027.csv"
    path.write_text("day,title\n2027-01-01,元旦\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        Holidays.from_csv(path)
