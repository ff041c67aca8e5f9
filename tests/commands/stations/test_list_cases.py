"""Lists that clerks sent, each with what is right for it."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.geo.datum import Datum
from bot.store.engine import Store, open_store
from tests.commands.stations.station_files import (
    LISTS,
    changes,
    column,
    facilities,
    imported,
    stations,
)

FULL = "编号,名称,经度,纬度,服务时间,服务设施\nA1,甲,111.7,40.85,9:00-17:00,饮水机;微波炉;充电\n"
WEEKDAYS = "Mo-Fr 08:30-17:30"


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def held(file: Store, tmp_path: Path) -> Store:
    """A database with the station A1, which has hours and three facilities."""
    path = tmp_path / "full.csv"
    path.write_text(FULL, encoding="utf-8")
    assert await imported(file, path, "--apply") == 0
    return file


async def test_holidays_that_are_excepted_do_not_turn_the_hours_round(file: Store) -> None:
    assert await imported(file, LISTS / "01_hours_inverted.csv", "--apply") == 0
    assert await column(file, "hours") == {
        **dict.fromkeys(("A1", "A2", "A3"), f"{WEEKDAYS}; PH off"),
        **dict.fromkeys(("A4", "A7"), f"{WEEKDAYS}; Sa 09:00-12:00"),
        "A5": WEEKDAYS,
        "A6": f"{WEEKDAYS}; Sa 09:00-16:00",
        "A8": "Mo-Fr 08:00-20:00; PH 09:00-18:00",
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("02_season_in_heading.csv", "is a season without dates"),
        ("03_datum_in_heading.csv", "use --datum bd09"),
        ("05_formula_no_value.xlsx", "a formula without a value"),
    ],
)
async def test_what_is_refused_says_why(
    file: Store, name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await imported(file, LISTS / name, "--apply") == 1
    assert told in capsys.readouterr().out
    assert await stations(file) == {}


async def test_the_datum_of_the_heading_is_that_of_the_option(file: Store) -> None:
    assert await imported(file, LISTS / "03_datum_in_heading.csv", "--apply", datum="bd09") == 0
    assert await column(file, "datum") == {"A1": "bd09"}


async def test_a_formula_without_a_value_clears_no_hours(held: Store) -> None:
    maps = ("--map", "开=", "--map", "关=")
    path = LISTS / "05_formula_no_value.xlsx"
    assert await imported(held, path, *maps, "--apply") == 1
    assert await column(held, "hours") == {"A1": "Mo-Su 09:00-17:00"}


async def test_a_contacts_mobile_is_not_the_stations_phone_without_a_yes(
    file: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    path = LISTS / "06_contact_phone.csv"
    assert await imported(file, path, "--apply") == 0
    assert '--map "联系电话=电话"' in capsys.readouterr().out
    assert await column(file, "phone") == {"A1": ""}
    assert await imported(file, path, "--map", "联系电话=电话", "--apply") == 0
    assert await column(file, "phone") == {"A1": "13812345678"}


async def test_a_list_without_codes_gets_them_and_is_known_again(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, coded = LISTS / "07_no_code.csv", tmp_path / "coded.csv"
    assert await imported(file, path, "--codes", str(coded)) == 0
    out = capsys.readouterr().out
    assert "row 2 工行海东路支行驿站 at 111.7,40.85 gets 150102-001" in out
    assert await imported(file, path, "--apply") == 0
    row = (await stations(file))["150102-001"]
    assert (row.raw_lon, row.raw_lat, row.hours) == (111.7, 40.85, WEEKDAYS)
    capsys.readouterr()
    for again in (path, coded):
        assert await imported(file, again) == 0
        assert "0 new, 0 changed, 1 unchanged" in capsys.readouterr().out


async def test_codes_and_hours_alone_change_hours_only(held: Store) -> None:
    before = (await stations(held))["A1"]
    assert await imported(held, LISTS / "08_hours_only.csv", "--apply") == 0
    after = (await stations(held))["A1"]
    assert after.hours == "Mo-Su 09:00-18:00"
    assert (after.name, after.lat, after.raw_lon) == (before.name, before.lat, before.raw_lon)
    assert len(await facilities(held, "A1")) == 3


async def test_facilities_that_a_list_does_not_name_stay_until_that_is_allowed(
    held: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = LISTS / "09_kettle_broken.csv"
    assert await imported(held, path, "--apply") == 1
    out = capsys.readouterr().out
    assert "2 facilities would go: 手机充电, 微波炉/餐食加热" in out
    assert "--allow-removals" in out
    assert len(await facilities(held, "A1")) == 3
    one = tmp_path / "one.csv"
    one.write_text("编号,服务设施\nA1,+饮水机=故障\n", encoding="utf-8")
    assert await imported(held, one, "--apply") == 0
    assert await facilities(held, "A1") == {"water": "broken", "microwave": "ok", "charge": "ok"}
    assert await imported(held, path, "--apply", "--allow-removals") == 0
    assert await facilities(held, "A1") == {"water": "broken"}


async def test_all_unknown_facilities_of_a_row_are_told_at_once_with_the_list(
    file: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await imported(file, LISTS / "10_facilities_words.csv") == 1
    out = capsys.readouterr().out
    assert "“电视机、储物柜、擦鞋机” is no known facility" in out
    assert "Facilities are called: 休息桌椅、饮水机" in out


async def test_words_for_the_status(file: Store) -> None:
    assert await imported(file, LISTS / "15_status_words.csv", "--apply") == 0
    assert await column(file, "status") == {
        "A1": "open", "A2": "open", "A3": "paused", "A4": "paused",
    }  # fmt: skip


async def test_a_dated_closure_in_chinese(file: Store) -> None:
    assert await imported(file, LISTS / "17_change_dates.csv", "--apply") == 0
    (one,) = await changes(file)
    assert (one.first, one.last) == (date(2026, 12, 1), date(2026, 12, 7))
    assert (one.hours, one.reason) == (None, "装修")


@pytest.mark.parametrize(
    ("name", "code", "stored"),
    [
        ("18_split_times.csv", "A1", "Mo-Su 09:00-17:00"),
        ("hours-7x24.csv", "A1", "24/7"),
        ("hours-2359.csv", "A1", "24/7"),
    ],
)
async def test_hours(file: Store, name: str, code: str, stored: str) -> None:
    assert await imported(file, LISTS / name, "--apply") == 0
    assert await column(file, "hours") == {code: stored}


async def test_a_place_in_another_league_waits_for_a_yes(
    file: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    path = LISTS / "league-mismatch.xlsx"
    assert await imported(file, path, "--apply") == 1
    out = capsys.readouterr().out
    assert "the list says 呼和浩特市, but the place lies in 呼伦贝尔市" in out
    assert "--accept-doubtful 2" in out
    assert await imported(file, path, "--apply", "--accept-doubtful", "3") == 1
    assert await imported(file, path, "--apply", "--accept-doubtful", "2") == 0
    assert list(await stations(file)) == ["L1"]


async def test_landlines_get_their_zero_back(file: Store) -> None:
    assert await imported(file, LISTS / "phone-zero.xlsx", "--apply") == 0
    assert set((await column(file, "phone")).values()) == {"0471-1234567"}


async def test_a_datum_column_that_is_blank_throughout_is_no_datum(
    file: Store, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,名称,经度,纬度,坐标系\nA1,甲,111.7,40.85,\n", encoding="utf-8")
    assert await imported(file, path, "--apply", datum="bd09") == 0
    assert await column(file, "datum") == {"A1": Datum.BD09}


async def test_a_blank_datum_column_leaves_the_datum_of_stations_that_only_get_hours(
    held: Store, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,服务时间,坐标系\nA1,24小时,\n", encoding="utf-8")
    assert await imported(held, path, "--apply", datum="bd09") == 0
    assert await column(held, "datum") == {"A1": Datum.GCJ02}
    assert await column(held, "hours") == {"A1": "24/7"}


async def test_some_blank_cells_among_datums_are_asked_for(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    rows = "A1,甲,111.7,40.85,bd09\nA2,乙,111.8,40.85,\n"
    path.write_text(f"编号,名称,经度,纬度,坐标系\n{rows}", encoding="utf-8")
    assert await imported(file, path) == 1
    assert "the datum is blank" in capsys.readouterr().out


async def test_a_code_that_no_station_has_is_named_where_columns_lack(
    held: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,服务时间\nA7,24小时\n", encoding="utf-8")
    assert await imported(held, path) == 1
    assert "there is no station A7 yet" in capsys.readouterr().out


async def test_changes_are_told_in_words_and_not_as_they_are_stored(
    held: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,服务时间,饮水机\nA1,24小时,故障\n", encoding="utf-8")
    capsys.readouterr()
    assert await imported(held, path) == 0
    out = capsys.readouterr().out
    changed = next(line for line in out.splitlines() if line.startswith("Changed"))
    assert "Mo-Su" not in changed
    assert "water;" not in changed


async def test_a_cell_of_ten_thousand_characters_is_told_in_short_lines(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    long = "长" * 10_000
    rows = f"A1,{long},111.7,40.85,{long},{long}"
    path.write_text(f"编号,名称,经度,纬度,服务时间,服务设施\n{rows}\n", encoding="utf-8")
    assert await imported(file, path) == 1
    assert max(map(len, capsys.readouterr().out.splitlines())) < 400
