"""`yizhan stations template`: what clerks fill in imports back."""

import argparse
import io
import re
import zipfile
from datetime import date
from gettext import NullTranslations
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.commands.stations.importing import run_import
from bot.commands.stations.stations import add_parser, run_template
from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.documents.station_template import SHEET, station_template
from bot.services.spreadsheets.formats.files import grids
from bot.services.spreadsheets.reader import read
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.services.stations.importing.columns import FACILITY_COLUMNS, LIST_COLUMNS
from bot.store.engine import Store, open_store
from bot.store.models.stations import FacilityRow, StationRow
from tests.conftest import ManualClock

say = Translator("en", NullTranslations())


def arguments(*words: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"), say)
    return parser.parse_args(["stations", *map(str, words)])


def first_rows() -> list[list[str]]:
    """Headings and example of the template."""
    grid = next(iter(grids(station_template(), "", lambda _: 0, 1)))
    return [list(row) for row in grid.rows]


def test_it_is_one_empty_table_whose_every_heading_is_known() -> None:
    table = read(station_template(), LIST_COLUMNS)
    (sheet,) = table.sheets
    assert (sheet.name, sheet.rows) == (SHEET, ())
    assert len(table.notes) == 1
    assert (table.problems, table.questions) == ((), ())
    assert set(FACILITY_COLUMNS) <= set(sheet.fields)
    assert len(sheet.fields) == 14 + len(FACILITIES)


def test_the_example_is_no_station_even_without_the_column_of_codes() -> None:
    rows = [row[1:] for row in first_rows()]
    table = read(xlsx_bytes(SHEET, rows), LIST_COLUMNS)
    assert (table.sheets[0].rows, len(table.notes)) == ((), 1)


def test_states_facilities_entries_and_datums_are_chosen_from_lists() -> None:
    with zipfile.ZipFile(io.BytesIO(station_template())) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        names = parts.read("xl/workbook.xml").decode()
    lists = re.findall('<formula1>&quot;(.*?)&quot;|<formula1>"(.*?)"</formula1>', page)
    chosen = ["".join(one) for one in lists]
    assert "营业,暂停,搬迁,撤销" in chosen
    assert "wgs84,gcj02,bd09" in chosen
    assert chosen.count("有,故障,缺货,待核实,无") == len(FACILITIES)
    assert any("直接进入" in one for one in chosen)
    assert any("锡林郭勒盟" in one and one.count(",") == 11 for one in chosen)
    for sheet in (SHEET, "设施名称", "说明"):
        assert sheet in names


async def test_a_filled_in_template_is_imported_without_its_example(
    sqlite_url: str, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store: Store = await open_store(sqlite_url)
    heads, example = first_rows()
    filled = {
        "编号": "N-1",
        "名称": "新城爱心驿站",
        "盟市": "呼和浩特市",
        "旗县": "新城区",
        "地址": "呼和浩特市新城区测试路1号",
        "经度": "111.7",
        "纬度": "40.85",
        "坐标系": "gcj02",
        "服务时间": "周一至周五 8:30-17:30，节假日休息",
        "电话": "0471-1234567",
        "进入方式": "扫码进入",
        "状态": "暂停",
        "核实日期": "2026-11-20",
        heads[14]: "有",
        heads[15]: "故障",
        heads[16]: "无",
    }
    path = tmp_path / "filled.xlsx"
    rows = [heads, example, [filled.get(head, "") for head in heads]]
    path.write_bytes(xlsx_bytes(SHEET, rows))
    args = arguments("import", path, "--datum", "gcj02", "--apply")
    code = await run_import(args, store, say, clock=clock)
    told = capsys.readouterr().out
    assert code == 0, told
    assert "No record: " in told
    async with store.reading() as db:
        (row,) = list(await db.scalars(select(StationRow)))
        states = select(FacilityRow.code, FacilityRow.state).order_by(FacilityRow.code)
        facilities = [tuple(one) for one in await db.execute(states)]
    await store.close()
    assert (row.code, row.status, row.entry, row.phone) == (
        "N-1",
        "paused",
        "扫码进入",
        "0471-1234567",
    )
    assert row.verified_at == date(2026, 11, 20)
    assert facilities == [("seat", "ok"), ("water", "broken")]


async def test_it_is_a_new_workbook_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "驿站.xlsx"
    assert await run_template(arguments("template", path), say) == 0
    assert path.read_bytes().startswith(b"PK")
    assert await run_template(arguments("template", path), say) == 2
    assert await run_template(arguments("template", tmp_path / "list.csv"), say) == 2
    assert "exists already" in capsys.readouterr().err
