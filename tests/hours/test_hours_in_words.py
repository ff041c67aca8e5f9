"""Weeks, seasons, closures and doubts as couriers and operators read them."""

from datetime import date

import pytest

from bot.common.i18n import load_languages
from bot.handlers import labels
from bot.hours.doubts import Doubt
from bot.hours.weekly import parse

CHINESE = load_languages().of("zh_CN", None)
ENGLISH = load_languages().of("en", None)

SEASONS = "May 1-Sep 30 08:00-20:00; Oct 1-Apr 30 Mo-Fr 09:00-18:00"
SUMMER = "Mo-Su 09:00-17:00; May 1-Sep 30 00:00-24:00"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("24/7", "24小时"),
        ("24/7; 2026 Feb 14 off", "24小时"),
        (
            "Mo-Fr 09:00-17:00; PH off",
            "周一至周五 09:00–17:00；周六、周日 休息；法定节假日 休息",
        ),
        (
            SEASONS,
            "5月1日至9月30日：每天 08:00–20:00；10月1日至4月30日：周一至周五 09:00–18:00；"
            "周六、周日 休息",
        ),
        (SUMMER, "5月1日至9月30日：24小时；其余时间：每天 09:00–17:00"),
    ],
)
def test_a_week_in_chinese(stored: str, said: str) -> None:
    assert labels.week(CHINESE, parse(stored)) == said


def test_a_week_in_english() -> None:
    said = "5/1 to 9/30: round the clock; rest of the year: every day 09:00–17:00"
    assert labels.week(ENGLISH, parse(SUMMER)) == said


def test_closures_are_said_to_who_checks_and_while_they_are_ahead() -> None:
    hours = parse("Mo-Su 09:00-17:00; 2026 Feb 14-2026 Feb 20 off; 2026 Mar 1 12:00-13:00 off")
    first, second = "2026年2月14日至2026年2月20日：休息", "2026年3月1日：12:00–13:00不开放"
    checked = f"每天 09:00–17:00；{first}；{second}"
    assert labels.week_and_closures(CHINESE, hours) == checked
    assert labels.closed_dates(CHINESE, hours, date(2026, 2, 20)) == [first, second]
    assert labels.closed_dates(CHINESE, hours, date(2026, 2, 21)) == [second]
    assert labels.week(CHINESE, hours) == "每天 09:00–17:00"


def test_rows_of_a_table_name_the_season() -> None:
    assert labels.week_rows(CHINESE, parse(SUMMER)) == (
        ("5月1日至9月30日 每天", "24小时"),
        ("其余时间 每天", "09:00–17:00"),
    )
    assert labels.week_rows(CHINESE, parse(SEASONS))[-1] == (
        "10月1日至4月30日 周六、周日",
        "休息",
    )


def test_each_doubt_has_words_of_its_own() -> None:
    for t in (CHINESE, ENGLISH):
        assert len({labels.hours_doubt(t, doubt) for doubt in Doubt}) == len(Doubt)
