"""`--good-rows`: what is sound is written, the rest comes back marked; doubts and moves wait."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services.spreadsheets import reader
from bot.services.spreadsheets.headings import REASON
from bot.store.engine import Store, open_store
from tests.commands.stations.station_files import column, facilities, imported, stations

HEAD = "编号,名称,盟市,地址,经度,纬度,服务时间,服务设施,电话,状态"
SOUND = "A1,甲驿站,呼和浩特市,海东路1号,111.70,40.85,9:00-17:00,饮水机;微波炉,0471-1234567,营业"
UNREAD = "A2,乙驿站,呼和浩特市,海东路2号,111.71,40.85,看心情,饮水机、电视机,张三,营业"
NO_PLACE = "A3,丙驿站,呼和浩特市,海东路3号,,,9:00-17:00,,,营业"
NO_STATUS = "A4,丁驿站,呼和浩特市,海东路4号,111.73,40.85,9:00-17:00,,,不知道"
FAR = "A5,戊驿站,呼和浩特市,海东路5号,119.74,49.21,9:00-17:00,,,营业"
WEEKEND = "A6,己驿站,呼和浩特市,海东路6号,111.75,40.85,周六 9:00-16:00,,,营业"


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


def written(folder: Path, *rows: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    return path


def copies(folder: Path) -> list[str]:
    """The names of the workbooks there."""
    return sorted(one.name for one in folder.glob("*.xlsx"))


async def test_sound_rows_go_in_without_the_cells_that_are_not_understood(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, SOUND, UNREAD, NO_PLACE, NO_STATUS, FAR, WEEKEND)
    assert await imported(file, path, "--apply") == 1
    assert await stations(file) == {}
    assert await imported(file, path, "--good-rows") == 0
    assert copies(tmp_path) == []
    assert await imported(file, path, "--apply", "--good-rows") == 0
    out = capsys.readouterr().out
    assert list(await stations(file)) == ["A1", "A2", "A6"]
    assert await column(file, "hours") == {"A1": "Mo-Su 09:00-17:00", "A2": None, "A6": None}
    assert await column(file, "phone") == {"A1": "0471-1234567", "A2": "", "A6": ""}
    assert await facilities(file, "A2") == {"water": "ok"}
    assert "3 rows left out, 4 cells not read" in out
    assert "is marked in" in out


async def test_the_marked_copy_says_why_and_is_never_written_over(
    file: Store, tmp_path: Path
) -> None:
    path = written(tmp_path, SOUND, UNREAD, NO_PLACE)
    for _ in range(2):
        assert await imported(file, path, "--apply", "--good-rows") == 0
    assert copies(tmp_path) == ["list-待改.xlsx", "list-待改2.xlsx"]
    columns = {"code": ("编号",), "name": ("名称",), "why": (REASON,)}
    (sheet,) = reader.read((tmp_path / "list-待改.xlsx").read_bytes(), columns).sheets
    reasons = {cells[0]: cells[2] for _, cells in sheet.rows}
    assert reasons["A1"] == ""
    assert all(word in reasons["A2"] for word in ("服务时间:", "服务设施:", "电话:"))
    assert "coordinates are missing" in reasons["A3"]


async def test_what_is_stored_stays_where_a_cell_is_not_understood(
    file: Store, tmp_path: Path
) -> None:
    assert await imported(file, written(tmp_path, SOUND), "--apply") == 0
    cells = SOUND.replace("9:00-17:00", "看心情").replace("0471-1234567", "张三")
    worse = written(tmp_path, cells.replace("微波炉", "电视机"), name="worse.csv")
    assert await imported(file, worse, "--apply", "--good-rows") == 0
    assert await column(file, "hours") == {"A1": "Mo-Su 09:00-17:00"}
    assert await column(file, "phone") == {"A1": "0471-1234567"}
    assert await facilities(file, "A1") == {"water": "ok", "microwave": "ok"}


async def test_rows_that_would_move_or_lose_facilities_are_left_out(
    file: Store, tmp_path: Path
) -> None:
    other = SOUND.replace("A1,甲", "B1,辛").replace("111.70", "111.80")
    assert await imported(file, written(tmp_path, SOUND, other), "--apply") == 0
    rows = [SOUND.replace("40.85", "40.90"), other.replace(";微波炉", "")]
    later = written(tmp_path, *rows, name="later.csv")
    words = ("--apply", "--good-rows")
    assert await imported(file, later, *words) == 0
    assert await column(file, "raw_lat") == {"A1": 40.85, "B1": 40.85}
    assert len(await facilities(file, "B1")) == 2
    assert await imported(file, later, *words, "--allow-moves", "--allow-removals") == 0
    assert await column(file, "raw_lat") == {"A1": 40.9, "B1": 40.85}
    assert await facilities(file, "B1") == {"water": "ok"}


async def test_doubtful_hours_go_in_when_they_are_confirmed(file: Store, tmp_path: Path) -> None:
    path = written(tmp_path, SOUND, WEEKEND)
    assert await imported(file, path, "--apply", "--good-rows", "--accept-doubtful") == 0
    assert (await column(file, "hours"))["A6"] == "Sa 09:00-16:00"
    assert await imported(file, path, "--apply") == 0  # what is stored is not asked about again


async def test_a_station_that_is_not_open_yet_is_paused_and_asked_about(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "soon.csv"
    path.write_text("编号,名称,经度,纬度,服务时间\nA1,甲,111.7,40.85,即将开业\n", encoding="utf-8")
    assert await imported(file, path, "--apply") == 1
    assert "Doubtful: " in capsys.readouterr().out
    assert await imported(file, path, "--apply", "--accept-doubtful") == 0
    assert await column(file, "status") == {"A1": "paused"}


@pytest.mark.parametrize("rows", ["x", "3;4", "-", "3-"])
async def test_rows_that_are_none_are_refused(
    file: Store, tmp_path: Path, rows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, SOUND)
    assert await imported(file, path, f"--accept-doubtful={rows}") == 2
    assert "--accept-doubtful" in capsys.readouterr().err


async def test_new_codes_of_a_part_of_a_list_need_name_and_place(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = tmp_path / "part.csv"
    part.write_text("编号,服务时间\nA1,9:00-18:00\nA9,9:00-18:00\n", encoding="utf-8")
    assert await imported(file, part) == 1
    assert (
        "column 经度: there is no station A1 yet, and new ones need this column"
        in capsys.readouterr().out
    )
    assert await imported(file, written(tmp_path, SOUND), "--apply") == 0
    assert await imported(file, part) == 1
    assert "row 3, column 编号 “A9”: no station has this code" in capsys.readouterr().out
    assert await imported(file, part, "--apply", "--good-rows") == 0
    assert await column(file, "hours") == {"A1": "Mo-Su 09:00-18:00"}


async def test_a_wrong_datum_shows_where_stations_are_known(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        SOUND.replace("A1,甲", f"A{n},{name}")
        .replace("111.70", f"111.7{n}")
        .replace("1号", f"{n}号")
        for n, name in enumerate("甲乙丙丁", 1)
    ]
    path = written(tmp_path, *rows)
    assert await imported(file, path, "--apply") == 0
    assert await imported(file, path, datum="wgs84") == 0
    out = capsys.readouterr().out
    assert "4 stations would stay where they are with --datum gcj02" in out
    assert await imported(file, path, "--apply", "--allow-moves", datum="wgs84") == 1


async def test_names_with_their_address_are_known_without_codes_and_places(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await imported(file, written(tmp_path, SOUND), "--apply") == 0
    names = tmp_path / "names.csv"
    names.write_text(
        "名称,地址,服务时间\n甲 驿站,海东路1号,8:00-12:00\n癸驿站,x,8:00-12:00\n", encoding="utf-8"
    )
    assert await imported(file, names) == 1
    out = capsys.readouterr().out
    assert "row 2 甲 驿站 is A1" in out
    assert "row 3, column 名称 “癸驿站”: no station has this name and address" in out
    assert await imported(file, names, "--apply", "--good-rows") == 0
    assert await column(file, "hours") == {"A1": "Mo-Su 08:00-12:00"}


async def test_proposed_codes_go_on_after_those_that_are_taken(file: Store, tmp_path: Path) -> None:
    known = SOUND.replace("A1,", "150102-007,")
    assert await imported(file, written(tmp_path, known), "--apply") == 0
    new = tmp_path / "new.csv"
    new.write_text(
        "名称,盟市,旗县,经度,纬度\n子驿站,呼和浩特市,新城区,111.66,40.86\n"
        "丑驿站,呼和浩特市,新城区,111.67,40.87\n",
        encoding="utf-8",
    )
    assert await imported(file, new, "--apply") == 0
    assert list(await stations(file)) == ["150102-007", "150102-008", "150102-009"]


async def test_an_export_says_the_hours_in_words_and_imports_back(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.commands.stations.stations import run_export
    from tests.commands.stations.test_import import arguments, say

    assert await imported(file, written(tmp_path, SOUND), "--apply") == 0
    target = tmp_path / "out.csv"
    assert await run_export(arguments("export", target), file, say) == 0
    head, row = target.read_text(encoding="utf-8-sig").splitlines()
    at = head.split(",").index("服务时间（读作）")
    assert row.split(",")[at - 1 : at + 1] == ["Mo-Su 09:00-17:00", "每天 09:00–17:00"]
    assert await imported(file, target) == 0
    out = capsys.readouterr().out
    assert "0 problems; 0 new, 0 changed, 1 unchanged" in out


async def test_a_marked_copy_is_read_without_a_word_on_its_reasons_and_marked_again(
    file: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, SOUND, UNREAD, NO_PLACE)
    assert await imported(file, path, "--apply", "--good-rows") == 0
    capsys.readouterr()
    copy = tmp_path / "list-待改.xlsx"
    assert await imported(file, copy, "--apply", "--good-rows") == 0
    out = capsys.readouterr().out
    assert REASON not in out
    assert "Nothing changed, so nothing was written." in out
    assert copies(tmp_path) == ["list-待改.xlsx", "list-待改2.xlsx"]
