"""`yizhan stations import` and `export` as an operator runs them."""

import argparse
from collections.abc import AsyncIterator
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import func, select

from bot.commands.output import chat_codes
from bot.commands.stations.importing import run_import
from bot.commands.stations.reports import line
from bot.commands.stations.stations import add_parser, run_export, run_poster
from bot.common.i18n import Translator
from bot.config.settings import Settings, read_settings
from bot.documents.posters import Code
from bot.geo.point import Point
from bot.hours.errors import Fault
from bot.services.demo.stations import FILE as DEMO
from bot.services.spreadsheets.reader import Problem
from bot.store.engine import Store, open_store
from bot.store.models.common import DatasetRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.fakes.wechat import FakeWeChat
from tests.support.fakes.wechat_api import APP_ID, SECRET
from tests.support.pdf import text_of

HEAD = (
    "编号,名称,地址,经度,纬度,坐标系,服务时间,服务设施,电话,星级,核实日期,状态"
    ",例外安排,区划代码,demo"
)
GOOD = "A1,甲驿站,x路1号,111.66,40.82,wgs84,9:00-17:00,饮水、充电,12351,3,2026-03-01,营业,,150102,"

# Row by row: the cells that differ from a good row, then the column that must be named.
BAD: list[tuple[dict[str, str], str]] = [
    ({"编号": "1.38E+10"}, "编号"),
    ({"编号": "A" * 65}, "编号"),
    ({"名称": ""}, "名称"),
    ({"名称": "=B2"}, "名称"),
    ({"名称": "长" * 121}, "名称"),
    ({"经度": ""}, "经度"),
    ({"经度": "", "纬度": ""}, "经度"),
    ({"经度": "东经111度"}, "经度"),
    ({"经度": "NaN"}, "经度"),
    ({"经度": "40.82", "纬度": "111.66"}, "经度"),
    ({"经度": "0", "纬度": "0"}, "经度"),
    ({"经度": "199", "纬度": "95"}, "经度"),
    ({"经度": "121.47", "纬度": "31.23"}, "经度"),
    ({"坐标系": ""}, "坐标系"),
    ({"坐标系": "北京54"}, "坐标系"),
    ({"服务时间": "看心情"}, "服务时间"),
    ({"服务时间": "每天 9:00-25:00"}, "服务时间"),
    ({"服务时间": "夏季9:00-18:00"}, "服务时间"),
    ({"服务设施": "擦鞋机"}, "服务设施"),
    ({"服务设施": "饮水机=漏"}, "服务设施"),
    ({"服务设施": "饮水机=故障;热水"}, "服务设施"),
    ({"电话": "张三 13800138000"}, "电话"),
    ({"电话": "1.38001E+10"}, "电话"),
    ({"星级": "七星"}, "星级"),
    ({"核实日期": "去年"}, "核实日期"),
    ({"核实日期": "2026-02-30"}, "核实日期"),
    ({"核实日期": "2026-12-24"}, "核实日期"),
    ({"状态": "不知道"}, "状态"),
    ({"例外安排": "国庆不开"}, "例外安排"),
    ({"例外安排": "2026-10-08..2026-10-01 closed"}, "例外安排"),
    ({"例外安排": "2026-10-01 随缘"}, "例外安排"),
    ({"区划代码": "15"}, "区划代码"),
    ({"demo": "也许"}, "demo"),
    ({"编号": "A1"}, "编号"),
    ({"编号": "B9", "经度": "111.66", "纬度": "40.82"}, "名称"),
]


say = Translator("en", NullTranslations())


def arguments(*words: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"), say)
    return parser.parse_args(["stations", *map(str, words)])


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database; what differs on PostgreSQL is tested with the services."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A list with one sound row."""
    path = tmp_path / "good.csv"
    path.write_text(f"{HEAD}\n{GOOD}\n", encoding="gb18030")
    return path


async def count(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(StationRow)) or 0


def bad_rows() -> list[list[str]]:
    heads = HEAD.split(",")
    rows = [heads, GOOD.split(",")]
    for number, (cells, _) in enumerate(BAD):
        place = {"编号": f"N{number}", "名称": "甲驿站", "经度": f"11{number / 50 + 2:.2f}"}
        rows.append([*({**dict(zip(heads, rows[1], strict=True)), **place, **cells}.values())])
    return rows


async def test_every_bad_row_is_named_and_nothing_is_written(
    file: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.xlsx"
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("名单")
    for at, row in enumerate(bad_rows()):
        for place, value in enumerate(row):
            page.write_string(at, place, value)
    page.write_formula(len(BAD) + 2, 1, "=B1", value="")
    book.close()
    args = arguments("import", path, "--datum", "gcj02", "--apply")
    assert await run_import(args, file, say, clock=clock) == 1
    told = [one for one in capsys.readouterr().out.splitlines() if one.startswith("Problem: ")]
    for number, (cells, column) in enumerate(BAD, 3):
        named = [one for one in told if f"名单, row {number}, column {column}" in one]
        assert len(named) == 1, (cells, named)
        assert named[0].rpartition(": ")[2]
    assert f"名单, row {len(BAD) + 3}, column 名称: a formula without a value" in "\n".join(told)
    assert len(told) == len(BAD) + 1
    assert "not accepted" not in "\n".join(told)
    assert await count(file) == 0
    async with file.reading() as db:
        assert await db.scalar(select(DatasetRow.version)) is None


async def test_a_dry_run_tells_and_writes_nothing(
    file: Store, clock: ManualClock, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dry = arguments("import", good, "--datum", "gcj02")
    assert await run_import(dry, file, say, clock=clock) == 0
    out = capsys.readouterr().out
    assert "0 problems; 1 new, 0 changed, 0 unchanged, 0 missing" in out
    assert "Dry run" in out
    assert await count(file) == 0


async def test_apply_writes_then_tells_what_changed_and_what_is_missing(
    file: Store, clock: ManualClock, good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wet = arguments("import", good, "--datum", "gcj02", "--apply")
    assert await run_import(wet, file, say, clock=clock) == 0
    assert await count(file) == 1
    later = tmp_path / "later.csv"
    later.write_text("编号,名称,经度,纬度,负责人,备注\nA2,乙驿站,112,41,某某,x\n", encoding="utf-8")
    capsys.readouterr()
    assert await run_import(arguments("import", later, "--datum", "bd09"), file, say) == 0
    out = capsys.readouterr().out
    assert "Missing from the file, kept: A1 甲驿站" in out
    assert "personal data" in out
    assert "column 备注: not a known column" in out
    renamed = tmp_path / "renamed.csv"
    renamed.write_text(f"{HEAD}\n{GOOD.replace('x路1号', '')}\n", encoding="utf-8")
    assert await run_import(arguments("import", renamed, "--datum", "gcj02"), file, say) == 0
    assert "Changed: A1 甲驿站: 地址 x路1号 → (blank)" in capsys.readouterr().out


async def test_moves_wait_for_a_word(
    file: Store, clock: ManualClock, good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await run_import(arguments("import", good, "--datum", "wgs84", "--apply"), file, say)
    moved = tmp_path / "moved.csv"
    moved.write_text(f"{HEAD}\n{GOOD.replace('40.82', '40.83')}\n", encoding="utf-8")
    words = ("import", moved, "--datum", "wgs84")
    assert await run_import(arguments(*words), file, say) == 0
    assert "Moved: moved.csv, row 2, column 经度" in capsys.readouterr().out
    assert await run_import(arguments(*words, "--apply"), file, say) == 1
    assert "--allow-moves" in capsys.readouterr().out
    assert await run_import(arguments(*words, "--apply", "--allow-moves"), file, say) == 0
    async with file.reading() as db:
        assert await db.scalar(select(StationRow.raw_lat)) == 40.83


async def test_a_geocoder_fills_blank_coordinates(
    file: Store, good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class FakeGeocoder:
        async def locate(self, text: str) -> Point | None:
            return Point(40.8, 111.6) if text == "x路1号" else None

    blank = tmp_path / "blank.csv"
    row = GOOD.replace("111.66,40.82", ",")
    blank.write_text(f"{HEAD}\n{row}\n", encoding="utf-8")
    words = ("import", blank, "--datum", "gcj02", "--apply", "--geocode")
    assert await run_import(arguments(*words), file, say, geocoder=FakeGeocoder()) == 0
    async with file.reading() as db:
        found = (await db.scalars(select(StationRow))).one()
    assert (found.lat, found.datum, found.geocoded) == (40.8, "wgs84", True)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("absent.csv", None),
        ("picture.csv", b"\x89PNG\xff\xfe\x00"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(100)),
        ("torn.xlsx", b"PK\x03\x04"),
        ("empty.csv", b""),
    ],
)
async def test_what_cannot_be_read_is_said_in_one_sentence(
    file: Store, tmp_path: Path, name: str, data: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if data is not None:
        _write(tmp_path / name, data)
    args = arguments("import", tmp_path / name, "--datum", "gcj02", "--apply")
    assert await run_import(args, file, say) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert name in captured.err


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@pytest.mark.parametrize("words", [(), ("--datum", ""), ("--datum", "beijing54")])
def test_a_datum_must_be_named(words: tuple[str, ...], good: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments("import", good, *words)
    assert ended.value.code == 2


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_the_demo_list_goes_out_and_comes_back_unchanged(
    file: Store, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = arguments("import", DEMO, "--datum", "wgs84", "--apply")
    assert await run_import(clean, file, say) == 0
    held = await count(file)
    assert "Note:" not in capsys.readouterr().out
    target = tmp_path / f"out.{suffix}"
    assert await run_export(arguments("export", target), file, say) == 0
    assert await run_export(arguments("export", target), file, say) == 2
    assert await run_import(arguments("import", target, "--datum", "bd09"), file, say) == 0
    told = capsys.readouterr().out
    assert f"0 problems; 0 new, 0 changed, {held} unchanged, 0 missing" in told


async def test_an_export_without_a_file_goes_to_stdout(
    file: Store, good: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await run_import(arguments("import", good, "--datum", "gcj02", "--apply"), file, say)
    capfdbinary.readouterr()
    assert await run_export(arguments("export"), file, say) == 0
    out = capfdbinary.readouterr().out.decode("utf-8-sig").splitlines()
    assert [one.split(",")[0] for one in out] == ["编号", "A1"]


async def test_a_poster_for_the_door(
    file: Store, good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await run_import(arguments("import", good, "--datum", "gcj02", "--apply"), file, say)
    settings, page = read_settings({}), tmp_path / "door.pdf"
    words = arguments("poster", "A1", page, "--telegram", "yizhan_bot")
    assert await run_poster(words, file, settings, say) == 0
    assert await run_poster(words, file, settings, say) == 2
    said = text_of(page.read_bytes(), tmp_path)
    for words_of_it in ("甲驿站", "x路1号", "09:00-17:00", "热水", "12351", "Telegram"):
        assert words_of_it in said
    assert await run_poster(arguments("poster", "B7", page), file, settings, say) == 2
    assert "no station B7" in capsys.readouterr().err


@pytest.fixture
async def wechat(clock: ManualClock) -> AsyncIterator[FakeWeChat]:
    """The platform, which makes QR codes."""
    async with FakeWeChat(clock) as fake:
        yield fake


def account(wechat: FakeWeChat) -> Settings:
    """An account at the platform, and a public address."""
    return read_settings(
        {
            "YIZHAN_WECHAT_APP_ID": APP_ID,
            "YIZHAN_WECHAT_APP_SECRET": SECRET,
            "YIZHAN_WECHAT_API_BASE": wechat.url,
            "YIZHAN_PUBLIC_URL": "https://bot.example.org",
        }
    )


async def test_the_poster_has_wechats_own_permanent_code_of_the_station(
    file: Store, good: Path, tmp_path: Path, wechat: FakeWeChat
) -> None:
    await run_import(arguments("import", good, "--datum", "gcj02", "--apply"), file, say)
    page, settings = tmp_path / "door.pdf", account(wechat)
    assert await run_poster(arguments("poster", "A1", page), file, settings, say) == 0
    assert await run_poster(arguments("poster", "A1", page), file, settings, say) == 2
    (call,) = wechat.calls  # for a file that is not written no code is made
    assert call.params == {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": "st-A1"}},
    }
    said = text_of(page.read_bytes(), tmp_path)
    assert "微信扫一扫" in said
    assert "手机浏览器" in said
    assert chat_codes(None, settings, "st-A1", "s/A1", "http://weixin.qq.com/q/02")[0] == Code(
        "微信扫一扫", "http://weixin.qq.com/q/02"
    )


async def test_without_wechats_codes_the_poster_has_that_of_the_page_and_says_so(
    file: Store,
    good: Path,
    tmp_path: Path,
    wechat: FakeWeChat,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await run_import(arguments("import", good, "--datum", "gcj02", "--apply"), file, say)
    page = tmp_path / "door.pdf"
    wechat.faults["qrcode/create"] = [48001]
    assert await run_poster(arguments("poster", "A1", page), file, account(wechat), say) == 0
    assert "may not make QR codes (48001)" in capsys.readouterr().err
    said = text_of(page.read_bytes(), tmp_path)
    assert "微信扫一扫" not in said
    assert "手机浏览器" in said


async def test_no_poster_is_written_while_wechat_cannot_make_its_code(
    file: Store,
    good: Path,
    tmp_path: Path,
    wechat: FakeWeChat,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await run_import(arguments("import", good, "--datum", "gcj02", "--apply"), file, say)
    page = tmp_path / "door.pdf"
    wechat.faults["qrcode/create"] = [45009]
    assert await run_poster(arguments("poster", "A1", page), file, account(wechat), say) == 1
    assert capsys.readouterr().err
    assert not page.exists()


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_of_hours_has_its_advice(fault: Fault) -> None:
    params: Any = {"fault": fault.value, "text": "9-5"}
    told = line(Problem("名单", 2, "服务时间", "9-5", "hours", params), say)
    assert told.startswith("名单, row 2, column 服务时间 “9-5”: ")
    others = {
        line(Problem("名单", 2, "服务时间", "9-5", "hours", {"fault": one, "text": "9-5"}), say)
        for one in Fault
        if one != fault
    }
    assert told not in others
