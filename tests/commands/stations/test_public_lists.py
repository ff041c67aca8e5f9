"""Lists as public offices of any province publish them: libraries, clinics, toilets, fountains."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.engine import Store, open_store
from tests.commands.stations.station_files import column, imported, stations


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


def write(folder: Path, *lines: str) -> Path:
    path = folder / "list.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


async def test_the_closing_day_of_a_column_of_its_own_is_part_of_the_hours(
    file: Store, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "图书馆名称,地址,开放时间,闭馆日,X坐标,Y坐标",
        "甲分馆,中山路1号,9:00-21:00,周一,121.4712,31.2312",
        "乙分馆,中山路9号,周二至周日9:00-17:00（周一闭馆）,周一,121.4812,31.2412",
        "丙分馆,中山路99号,9:00-20:00,全年无休,121.4912,31.2512",
    )
    assert await imported(file, path, "--apply", "--anywhere") == 0
    assert set(await column(file, "name")) == {"100000-001", "100000-002", "100000-003"}
    assert set((await column(file, "hours")).values()) == {
        "Tu-Su 09:00-21:00", "Tu-Su 09:00-17:00", "Mo-Su 09:00-20:00",
    }  # fmt: skip


async def test_a_division_is_a_name_or_a_code(file: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "厕所编号,厕所名称,行政区划,详细位置,GPS_X,GPS_Y",
        "D1,甲公厕,东城区,中山路1号旁,116.4158,39.8654",
        "D2,乙公厕,110102,中山路9号旁,116.3658,39.8754",
    )
    assert await imported(file, path, "--apply", "--anywhere") == 0
    found = await stations(file)
    assert [(one.banner, one.adcode) for one in found.values()] == [("东城区", ""), ("", "110102")]


async def test_a_blank_code_among_others_gets_one(file: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "编号,名称,地址,经度,纬度",
        "YZ1,甲,x路1号,111.66,40.82",
        ",乙,x路9号,111.6712,40.8312",
    )
    assert await imported(file, path, "--apply") == 0
    assert (await column(file, "name"))["YZ1"] == "甲"
    (code,) = set(await column(file, "name")) - {"YZ1"}
    assert code.endswith("-001")


async def test_a_point_and_a_place_with_the_latitude_first(file: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "id,name,address,WKT",
        "A1,甲,中山路1号,POINT (114.0512 22.5431)",
        'A2,乙,中山路9号,"22.5531,114.0612"',
    )
    assert await imported(file, path, "--apply", "--anywhere") == 0
    assert await column(file, "raw_lon") == {"A1": 114.0512, "A2": 114.0612}
    assert await column(file, "raw_lat") == {"A1": 22.5431, "A2": 22.5531}


async def test_the_desk_beside_a_phone_and_words_for_none_are_no_fault(
    file: Store, tmp_path: Path
) -> None:
    phones = ("0471—6984902（值班室）", "暂无", "[]", "0471-6984903(王某)")
    rows = [f"A{n},驿站{n},x路{n}号,111.6{n},40.82,{one}" for n, one in enumerate(phones)]
    path = write(tmp_path, "编号,名称,地址,经度,纬度,电话", *rows)
    assert await imported(file, path, "--apply", "--good-rows") == 0
    assert list((await column(file, "phone")).values()) == ["0471-6984902", "", "", ""]


async def test_what_a_device_does_says_whether_a_place_is_open(file: Store, tmp_path: Path) -> None:
    words = ("供水正常", "维护中", "正在建设", "已停用", "不正常")
    rows = [f"A{n},饮水点{n},x路{n}号,111.6{n},40.82,{one}" for n, one in enumerate(words)]
    path = write(tmp_path, "编号,直饮水点名称,地址,经度,纬度,设备状态", *rows)
    assert await imported(file, path, "--apply", "--good-rows") == 0
    assert await column(file, "status") == {
        "A0": "open", "A1": "paused", "A2": "paused", "A3": "paused",
    }  # fmt: skip


async def test_what_a_heading_asks_for_is_no_restriction_of_the_hours(
    file: Store, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "编号,名称,地址,经度,纬度,服务时间（节假日是否开放）",
        "A1,甲,x路1号,111.66,40.82,9:00-17:00",
    )
    assert await imported(file, path, "--apply") == 0
    assert await column(file, "hours") == {"A1": "Mo-Su 09:00-17:00"}


async def test_a_fault_of_many_rows_is_told_three_times_and_the_other_rows_are_listed(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"A{n},驿站{n},x路{n}号,111.{n},40.82,张三{n}" for n in range(100, 120)]
    path = write(tmp_path, "编号,名称,地址,经度,纬度,电话", *rows)
    assert await imported(file, path) == 1
    told = capsys.readouterr().out.splitlines()
    assert sum(one.startswith("Problem: ") for one in told) == 3
    assert "… the same in 17 more rows: 5-21" in told


async def test_groups_of_a_csv_file_have_seasons_with_their_dates_below_them(
    file: Store, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "机构编码,机构名称,机构地址,营业时间,,坐标",
        ",,,夏令时（5月1日-9月30日）,冬令时（10月1日-4月30日）,纬度,经度",
        "B1,甲支行,中山路1号,8:30-17:00,8:30-16:00,45.7512,126.6312",
    )
    await imported(file, path, "--apply", "--anywhere", "--accept-doubtful")
    found = (await stations(file))["B1"]
    assert (found.raw_lat, found.raw_lon) == (45.7512, 126.6312)
    assert found.hours == "May 1-Sep 30 Mo-Su 08:30-17:00; Oct 1-Apr 30 Mo-Su 08:30-16:00"


async def test_one_column_of_opening_times_may_hold_the_hours_as_a_whole(
    file: Store, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "MC,DZ,JD,WD,LXDH,OPEN_TIME",
        "甲,中山路1号,113.2644,23.1291,020-83334444,周一至周五 9:00-17:00",
    )
    assert await imported(file, path, "--apply", "--anywhere") == 0
    (found,) = (await stations(file)).values()
    assert (found.name, found.phone, found.hours) == ("甲", "020-83334444", "Mo-Fr 09:00-17:00")


async def test_remarks_that_say_whether_a_place_is_open_are_asked_about(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path,
        "编号,名称,地址,经度,纬度,备注",
        "A1,甲,x路1号,111.66,40.82,装修中",
        "A2,乙,x路9号,111.67,40.83,",
    )
    assert await imported(file, path, "--apply") == 1
    assert '--map "备注=状态"' in capsys.readouterr().out
    assert await imported(file, path, "--apply", "--map", "备注=状态") == 0
    assert await column(file, "status") == {"A1": "paused", "A2": "open"}


async def test_a_place_outside_of_china_is_refused_wherever_places_may_be(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path,
        "编号,名称,地址,经度,纬度",
        "A1,甲,中山路1号,11.32644,23.1291",
        "A2,乙,中山路2号,144.2644,23.1291",
        'A3,丙,中山路3号,"113.2644,",23.1291',
    )
    assert await imported(file, path, "--apply", "--anywhere", "--good-rows") == 0
    assert await column(file, "raw_lon") == {"A3": 113.2644}
    assert capsys.readouterr().out.count("not in China") == 2
