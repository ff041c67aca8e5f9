"""Posters say when, where and which code, and their QR codes lead where they should."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.documents.errors import Unprintable
from bot.documents.pdf import Fonts
from bot.documents.posters import Code, StationPoster, station_poster, training_poster
from tests.documents.test_ical import SESSION
from tests.support.pdf import picture_of, text_of

CODES = (
    Code("Telegram", "https://t.me/yizhan_bot?start=ci-482913"),
    Code("手机浏览器", "https://b.example/?start=ci-482913"),
)


def test_a_training_poster_names_everything_and_shows_the_code_in_large_figures(
    tmp_path: Path,
) -> None:
    said = text_of(training_poster(SESSION, Fonts(), CODES), tmp_path)
    for words in ("职业培训大讲堂", "急救,防寒;第一课", "二楼会议室", "新城区测试路1号"):
        assert words in said
    assert "2026年11月28日（周六）9:00-11:00" in said
    assert "482913" in "".join(said.split())
    for code in CODES:
        assert code.caption in said


def test_without_a_link_the_figures_are_enough(tmp_path: Path) -> None:
    said = text_of(training_poster(SESSION, Fonts()), tmp_path)
    assert "扫码" not in said
    assert "把 6 位签到码发给驿站小助手" in said


def test_another_link_makes_another_picture(tmp_path: Path) -> None:
    one = picture_of(training_poster(SESSION, Fonts(), CODES[:1]), tmp_path)
    other = picture_of(
        training_poster(SESSION, Fonts(), [replace(CODES[0], url="https://t.me/x?start=ci-1")]),
        tmp_path,
    )
    assert one != other


def test_a_title_of_120_characters_still_fits(tmp_path: Path) -> None:
    long = replace(SESSION, title="冬季骑行安全与防寒" * 13, address="很长的地址" * 30)
    said = "".join(text_of(training_poster(long, Fonts()), tmp_path).split())
    assert "冬季骑行安全与防寒" * 2 in said
    assert "482913" in said


def test_a_station_poster_leaves_out_what_is_not_known(tmp_path: Path) -> None:
    station = StationPoster("新城支行驿站", "测试路1号", "", "热水、充电", "")
    said = text_of(station_poster(station, Fonts(), CODES[:1]), tmp_path)
    assert "新城支行驿站" in said
    assert "热水、充电" in said
    assert "开放时间" not in said
    assert "电话" not in said


def test_a_character_without_a_glyph_is_named() -> None:
    with pytest.raises(Unprintable) as lacking:
        training_poster(replace(SESSION, title="安全😀"), Fonts())
    assert lacking.value.characters == "😀"
