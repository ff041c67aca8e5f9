"""Lists, texts and settings: any input gives a value or the parser's own refusal, in time."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.config.settings import Settings, SettingsError, read_settings
from bot.geo.place_text import LONGEST, fold
from bot.geo.places import Places
from bot.hours import parser as hours
from bot.hours.errors import HoursError
from bot.intents import contacts, understand
from bot.intents.reminders import quiet_hours, switches
from bot.intents.training_hints import training_hint
from bot.services.cards import file_import
from bot.services.personal_data import validation
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.errors import FileRefused
from bot.services.stations import holiday_import
from bot.services.stations.importing import columns as stations
from bot.services.stations.importing.shapes import SHAPES
from bot.services.trainings.importing import columns as trainings
from tests.support.fuzzing import HOURS, NUMBERS, TEXTS, in_time

NOW: Final = datetime(2026, 11, 23, 2, tzinfo=UTC)
PLACES: Final = Places.load()
MADE: Final = settings().max_examples // 4
"""Examples where making the input takes longer than reading it."""

STATION_HEADINGS = ["编号", "名称", "地址", "经度", "纬度", "营业时间", "电话"]
CARD_HEADINGS = ["申请编号", "姓名", "手机号", "状态", "状态时间"]
TRAINING_HEADINGS = ["场次编号", "主题", "开始时间", "地点", "名额"]
HOLIDAY_HEADINGS = ["日期", "名称", "是否放假", "补哪天"]
CELLS = (
    TEXTS
    | HOURS
    | NUMBERS.map(str)
    | st.sampled_from(["2026-10-01", "是", "否", "2026-02-30", "0000-00-00", "13800138000", "=1+1"])
)
TABLES = st.lists(st.lists(CELLS, max_size=8), max_size=5)


def as_csv(rows: list[list[str]]) -> bytes:
    text = "\n".join(",".join('"' + one.replace('"', '""') + '"' for one in row) for row in rows)
    return text.encode("utf-8", "replace")


def as_xlsx(rows: list[list[str]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_numbers": True, "nan_inf_to_errors": True})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            text = cell.encode("utf-8", "replace").decode()
            if text.startswith("="):
                page.write_formula(number, column, "=A1", value="")
            else:
                page.write_string(number, column, text[:32_000])
    book.close()
    return file.getvalue()


@pytest.mark.parametrize(
    ("headings", "plan"),
    [
        (STATION_HEADINGS, lambda data: reader.read(data, stations.COLUMNS)),
        (CARD_HEADINGS, lambda data: file_import.records(
            file_import.read(data, "a.csv"), NOW, allow_backwards=False)),
        (HOLIDAY_HEADINGS, lambda data: holiday_import.plan(holiday_import.read(data, "a.csv"))),
        (TRAINING_HEADINGS, lambda data: reader.read(data, trainings.COLUMNS)),
    ],
    ids=["stations", "cards", "holidays", "trainings"],
)  # fmt: skip
@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_a_list(
    headings: list[str], plan: Callable[[bytes], object], write: Callable[[list[list[str]]], bytes]
) -> None:
    @settings(max_examples=MADE)
    @given(TABLES)
    def read(rows: list[list[str]]) -> None:
        try:
            in_time(plan, write([headings, *rows]))
        except FileRefused:
            return

    read()


@st.composite
def broken_workbooks(draw: st.DrawFn) -> bytes:
    """A workbook some bytes of whose parts are others."""
    file = io.BytesIO(as_xlsx([STATION_HEADINGS, *draw(TABLES)]))
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = bytearray(old.read(name))
            for _ in range(draw(st.integers(0, 2))):
                at = draw(st.integers(0, len(part) - 1))
                part[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
            new.writestr(name, bytes(part))
    return out.getvalue()


@settings(max_examples=MADE)
@given(broken_workbooks())
def test_a_broken_workbook(data: bytes) -> None:
    try:
        in_time(reader.read, data, stations.COLUMNS)
    except FileRefused:
        return


def read_stations(data: bytes) -> None:
    try:
        table = in_time(
            partial(
                reader.read,
                csv_name="a",
                personal=stations.PERSONAL,
                prose=stations.PROSE,
                shapes=SHAPES,
            ),
            data,
            stations.COLUMNS,
        )
    except FileRefused:
        return
    assert isinstance(table, reader.Table)


OLD_WORKBOOK: Final = (Path(__file__).parents[1] / "data" / "lists" / "office.xls").read_bytes()


@settings(max_examples=MADE)
@given(
    st.lists(st.tuples(st.integers(0, len(OLD_WORKBOOK) - 1), st.binary(max_size=8)), max_size=6),
    st.integers(0, len(OLD_WORKBOOK)),
)
def test_a_broken_old_workbook(changes: list[tuple[int, bytes]], kept: int) -> None:
    data = bytearray(OLD_WORKBOOK)
    for at, other in changes:
        data[at : at + len(other)] = other
    read_stations(bytes(data))
    read_stations(bytes(data[:kept]))


TAGS = st.sampled_from(
    ["<table>", "</table>", "<tr>", "</tr>", "<td>", "<td rowspan=9999 colspan=9999>", "</td>",
     "<td rowspan=-1 colspan='x'>", "<th>", "<br>", "<!--", "-->", "<![CDATA[", "<script>", "&#0;",
     "&#xD800;", "<style>", "<", ">", "\"", "编号", "名称", "经度", "<td rowspan=2>"]
)  # fmt: skip


@given(st.lists(TAGS | TEXTS, max_size=30).map("".join))
@example("<td colspan=1000>" * 5_000)
@example("<table><tr>" * 2_000)
@example("<!--" * 20_000)
@example("<a " * 20_000)
@example("<![CDATA[>" * 10_000)
def test_a_web_page(text: str) -> None:
    read_stations(b"<html><table>" + text.encode("utf-8", "replace"))


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "gb18030", "big5", "utf-16"]))
@example(b"\xff\xfe" + b"a" * 99, "utf-8")
@example(b",\0" * 200, "utf-8")
def test_a_csv_file_of_any_bytes(tail: bytes, encoding: str) -> None:
    read_stations("编号,名称,地址\nA1,".encode(encoding, "replace") + tail)
    read_stations(tail)


@given(HOURS)
@example("周一" * 2000)
@example("8:00-9:00," * 2000)
def test_opening_hours(text: str) -> None:
    try:
        in_time(hours.read, text)
    except HoursError:
        return


@given(TEXTS)
@example("呼和浩特" * 5000)
@example("e\u0301" * 20_000)
def test_names_of_places(text: str) -> None:
    folded = fold(text)
    assert len(folded.letters) <= LONGEST
    in_time(PLACES.read, text)


@given(TEXTS)
@example("不要" * 5000)
@example("1" * 50_000)
@example("十" * 50_000)
@example("周" * 20_000 + "点" * 20_000)
def test_free_text(text: str) -> None:
    for read in (
        understand,
        switches,
        quiet_hours,
        contacts.phone,
        contacts.name,
        contacts.people,
        validation.contains_full_id_or_card,
    ):
        in_time(read, text)
    in_time(training_hint, text, NOW.date())


NAMES = st.sampled_from([f"YIZHAN_{one.name.upper()}" for one in fields(Settings)])


@given(st.dictionaries(NAMES, TEXTS | NUMBERS.map(str), max_size=6))
def test_settings(environment: dict[str, str]) -> None:
    try:
        in_time(read_settings, environment)
    except SettingsError:
        return
