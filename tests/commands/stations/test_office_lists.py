"""Lists as unions, banks, post offices, streets, companies and clinics keep them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.engine import Store, open_store
from tests.commands.stations.station_files import (
    LISTS,
    changes,
    column,
    facilities,
    imported,
    stations,
)


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


async def test_a_unions_list_goes_in_but_for_a_word_that_it_is_told(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "union.csv"
    path.write_bytes((LISTS / "office_union.csv").read_bytes())
    assert await imported(file, path, "--apply") == 1
    assert "--apply --good-rows" in capsys.readouterr().out
    assert await imported(file, path, "--apply", "--good-rows") == 0
    assert await column(file, "phone") == {
        "150102-001": "", "150103-001": "0471-5550002", "150105-001": "0471-5550003",
    }  # fmt: skip
    assert await facilities(file, "150102-001") == dict.fromkeys(
        ("water", "microwave", "charge", "medkit"), "ok"
    )
    assert await facilities(file, "150103-001") == dict.fromkeys(
        ("water", "microwave", "seat"), "ok"
    )
    assert (tmp_path / "union-待改.xlsx").exists()


async def test_a_banks_list_has_hours_in_two_columns_and_baidus_coordinates(file: Store) -> None:
    path = LISTS / "office_bank.csv"
    assert await imported(file, path) == 1
    assert await imported(file, path, "--apply", datum="bd09") == 0
    assert await column(file, "hours") == {
        "0602000101": "Mo-Fr 09:00-17:00; Sa-Su 09:30-16:00; PH off",
        "0602000102": "Mo-Fr 09:00-17:00; PH off",
        "0602000103": "Mo-Fr 09:00-17:00; PH off",
    }
    assert (await column(file, "phone"))["0602000102"] == "0471-5550102"


async def test_a_post_offices_list_has_seasons_and_degrees(file: Store) -> None:
    assert await imported(file, LISTS / "office_post.csv", "--apply") == 0
    rows = await stations(file)
    assert {row.name: row.hours for row in rows.values()} == {
        "新华大街邮政支局": ("May 1-Sep 30 Mo-Su 08:30-18:00; Oct 1-Apr 30 Mo-Su 09:00-17:30"),
        "锡林浩特邮政营业厅": "Mo-Su 08:30-17:30",
        "乌兰浩特邮政营业厅": "Mo-Su 09:00-16:30",
    }
    first = next(row for row in rows.values() if row.name == "新华大街邮政支局")
    assert (round(first.raw_lon, 4), round(first.raw_lat, 4)) == (111.67, 40.825)
    assert {row.phone for row in rows.values()} >= {"0482-5550203"}


async def test_a_streets_list_has_a_column_for_each_facility(file: Store) -> None:
    assert await imported(file, LISTS / "office_street.csv", "--apply") == 0
    assert await column(file, "hours") == {
        "JD-01": "Mo-Su 08:30-17:30", "JD-02": "24/7", "JD-03": "Mo-Su 09:00-18:00",
    }  # fmt: skip
    assert await column(file, "status") == {"JD-01": "open", "JD-02": "open", "JD-03": "paused"}
    assert await facilities(file, "JD-01") == dict.fromkeys(
        ("water", "microwave", "charge", "medkit"), "ok"
    )
    assert await facilities(file, "JD-02") == {
        "water": "ok", "microwave": "broken", "hvac": "ok",
    }  # fmt: skip
    assert await facilities(file, "JD-03") == dict.fromkeys(
        ("water", "hvac", "charge", "medkit"), "ok"
    )
    assert await imported(file, LISTS / "office_status.csv", "--apply") == 0
    assert (await column(file, "status"))["JD-01"] == "paused"
    (closure,) = await changes(file)
    assert closure.reason == "装修"
    assert len(await facilities(file, "JD-01")) == 4


async def test_a_companys_list_has_links_to_two_maps(file: Store) -> None:
    assert await imported(file, LISTS / "office_company.csv", "--apply") == 0
    assert await column(file, "datum") == {"150602-001": "gcj02", "150603-001": "bd09"}
    assert await column(file, "hours") == {
        "150602-001": "Mo-Su 07:00-22:00", "150603-001": "Mo-Su 09:00-21:00",
    }  # fmt: skip


async def test_a_clinics_list_has_swapped_coordinates_and_half_days(
    file: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await imported(file, LISTS / "office_health.csv", "--apply") == 0
    assert "swapped in all rows" in capsys.readouterr().out
    row = (await stations(file))["W001"]
    assert (row.raw_lon, row.raw_lat, row.star) == (118.9581, 42.2612, 3)
    assert row.hours == "Mo-Su 08:00-12:00,14:00-17:30"
    assert await facilities(file, "W001") == dict.fromkeys(("water", "toilet", "medkit"), "ok")
    assert await facilities(file, "W003") == {"water": "broken", "toilet": "ok"}


async def test_numbers_of_rows_are_not_taken_for_codes_in_silence(
    file: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    path = LISTS / "office_numbers.csv"
    assert await imported(file, path, "--apply") == 1
    assert '--map "编号="' in capsys.readouterr().out
    assert await imported(file, path, "--map", "编号=", "--apply") == 0
    assert list(await stations(file)) == ["150782-001", "150782-002", "150782-003"]


async def test_decimal_commas_a_place_elsewhere_and_weekend_hours_are_asked_about(
    file: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    path = LISTS / "office_moved_league.csv"
    assert await imported(file, path, "--apply") == 1
    out = capsys.readouterr().out
    assert "row 3, column 开放时间 “周六周日 9:00-16:00”: read as" in out
    assert "closed from Monday to Friday" in out
    assert "the list says 通辽市, but the place lies in 呼和浩特市" in out
    assert "--apply --accept-doubtful 3,4" in out
    assert await imported(file, path, "--apply", "--accept-doubtful", "3-4") == 0
    assert (await column(file, "raw_lon"))["T1"] == 122.2631


async def test_a_list_of_three_leagues_with_keepers_phones(file: Store) -> None:
    assert await imported(file, LISTS / "office_subdistrict.csv", "--apply") == 0
    rows = await stations(file)
    assert list(rows) == ["150302-001", "150304-001", "152921-001"]
    assert {row.phone for row in rows.values()} == {""}
    assert {row.datum for row in rows.values()} == {"wgs84"}
    assert [row.hours for row in rows.values()] == [
        "Mo-Su 09:00-18:00", "24/7", "Mo-Su 09:00-12:00,14:30-18:00",
    ]  # fmt: skip
