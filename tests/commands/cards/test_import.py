"""`yizhan cards …` and `yizhan notes` as an operator runs them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import func, select

from bot.commands.cards import cards
from bot.commands.messages import notes
from bot.common.clock import CHINA
from bot.store.engine import Store
from bot.store.models.administration.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.cards import CardApplicationRow, CardStageRow
from tests.commands.cards.bank_lists import KEYS, arguments, say
from tests.conftest import ManualClock

HEAD = (
    "申请编号,姓名,手机号,身份证后四位,状态,状态时间,经办机构,领取网点编号,领取网点,封存日期,"
    "缺少材料,快递单号,拒绝原因,快递公司,数据截至"
)
GOOD = (
    "NM20260001,王小强,13812345678,123X,待领取,2026-11-20 14:00,新城支行,S1,新城支行,2027-11-20,"
    ",,,中通,2026-11-22 18:00"
)
WHOLE_ID = "150102199003071234"


# The cells that differ from a good row, then the column that must be named.
BAD: list[tuple[dict[str, str], str]] = [
    ({"申请编号": ""}, "申请编号"),
    ({"申请编号": "123456"}, "申请编号"),
    ({"申请编号": "1.38E+10"}, "申请编号"),
    ({"状态": ""}, "状态"),
    ({"手机号": "0471-6666666"}, "手机号"),
    ({"手机号": "", "身份证后四位": ""}, "手机号"),
    ({"身份证后四位": "12345"}, "身份证后四位"),
    ({"身份证后四位": WHOLE_ID}, "身份证后四位"),
    ({"姓名": f"王{WHOLE_ID}"}, "姓名"),
    ({"状态时间": "昨天"}, "状态时间"),
    ({"状态时间": "2027-11-20"}, "状态时间"),
    ({"封存日期": "明年"}, "封存日期"),
    ({"快递公司": "长" * 41}, "快递公司"),
    ({"领取网点": "=B2"}, "领取网点"),
    ({"备注": WHOLE_ID}, "备注"),
]


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """Writes a list in the encoding that Excel uses here."""

    def write(*rows: str, name: str = "list.csv", head: str = HEAD) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([head, *rows, ""]), encoding="gb18030")
        return path

    return write


async def load(store: Store, clock: ManualClock, *words: str | Path) -> int:
    args = arguments("cards", "import", *words)
    return await cards.run_import(args, store, KEYS, say, clock=clock)


async def count(store: Store, table: type = CardApplicationRow) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


async def test_every_bad_row_is_named_nothing_is_repeated_and_nothing_is_written(
    file: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = [*HEAD.split(","), "备注"]
    path = tmp_path / "bad.xlsx"
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("名单")
    good = dict(zip(heads, [*GOOD.split(","), ""], strict=True))
    for place, value in enumerate(heads):
        page.write_string(0, place, value)
    for number, (cells, _) in enumerate(BAD, 1):
        row = {**good, "申请编号": f"NM2026{number:04}", **cells}
        for place, value in enumerate(row.values()):
            page.write_string(number, place, value)
    book.close()
    assert await load(file, clock, path, "--apply") == 1
    out = capsys.readouterr().out
    told = [one for one in out.splitlines() if one.startswith("Problem: ")]
    for number, (cells, column) in enumerate(BAD, 2):
        named = [one for one in told if f"名单, row {number}, column {column}" in one]
        assert len(named) == 1, (cells, named)
    assert len(told) == len(BAD)
    assert "not accepted" not in out
    for value in (WHOLE_ID, "王小强", "13812345678", "123X", "NM2026"):
        assert value not in out
    assert await count(file) == 0


async def test_a_dry_run_writes_nothing_and_a_second_import_changes_nothing(
    file: Store, clock: ManualClock, sheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(GOOD, GOOD.replace("0001", "0002").replace("待领取", "制卡中"))
    assert await load(file, clock, path) == 0
    assert "0 problems; 2 new, 0 moved" in capsys.readouterr().out
    assert await count(file) == 0
    assert await load(file, clock, path, "--apply") == 0
    assert (await count(file), await count(file, CardStageRow)) == (2, 2)
    capsys.readouterr()
    assert await load(file, clock, path, "--apply") == 0
    assert "0 new, 0 moved, 0 updated, 2 unchanged" in capsys.readouterr().out
    assert await count(file, CardStageRow) == 2


async def test_a_move_is_reported_masked_and_a_step_back_needs_an_option(
    file: Store, clock: ManualClock, sheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    await load(file, clock, sheet(GOOD), "--apply")
    back = sheet(GOOD.replace("待领取", "制卡中").replace("11-20 14", "11-21 14"))
    capsys.readouterr()
    assert await load(file, clock, back, "--apply") == 1
    assert "row 2, column 状态: the status goes back" in capsys.readouterr().out
    assert await load(file, clock, back, "--apply", "--allow-backwards") == 0
    out = capsys.readouterr().out
    assert "Moves: ****0001: 市行签收 → 制卡中" in out
    assert "NM20260001" not in out
    async with file.reading() as db:
        found = (await db.scalars(select(CardApplicationRow))).one()
    assert (found.status, found.backwards) == ("making", True)


async def test_one_bad_row_keeps_the_others_out(
    file: Store, clock: ManualClock, sheet: Callable[..., Path]
) -> None:
    path = sheet(GOOD, GOOD.replace("NM20260001", ""))
    assert await load(file, clock, path, "--apply") == 1
    assert await count(file) == 0


async def test_unknown_status_and_outlet_are_noted_without_their_words(
    file: Store, clock: ManualClock, sheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    odd = GOOD.replace("待领取", "13811112222")  # a column that slipped
    assert await load(file, clock, sheet(odd, odd.replace("0001", "0002")), "--apply") == 0
    out = capsys.readouterr().out
    assert "row 2, column 状态: no known status; 2 rows keep it" in out
    assert "column 领取网点编号: no station has this code" in out
    assert "13811112222" not in out
    assert await notes.run_in(arguments("notes"), file, KEYS, say, clock=clock) == 0
    out = capsys.readouterr().out
    assert "not known: “13811112222”" in out
    async with file.reading() as db:
        note = await db.scalar(select(OperatorNoteRow.id))
        logged = list(await db.scalars(select(AccessLogRow.field)))
    assert logged == ["operator_note.detail"]
    done = arguments("notes", str(note))
    assert await notes.run_in(done, file, KEYS, say, clock=clock) == 0
    assert await notes.run_in(done, file, KEYS, say, clock=clock) == 1
    await notes.run_in(arguments("notes"), file, KEYS, say, clock=clock)
    assert "13811112222" not in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["申请编号", "状态"])
async def test_a_column_that_is_missing_is_named(
    file: Store,
    clock: ManualClock,
    sheet: Callable[..., Path],
    missing: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sheet(GOOD, head=HEAD.replace(missing, "别的", 1))
    assert await load(file, clock, path, "--apply") == 1
    assert f"column {missing}: this column is required" in capsys.readouterr().out


@pytest.mark.parametrize("when", ["明天", "2026-11-24 10:00"])
async def test_a_list_describes_a_past_moment(
    file: Store, clock: ManualClock, sheet: Callable[..., Path], when: str
) -> None:
    assert await load(file, clock, sheet(GOOD), "--as-of", when) == 2


async def test_the_moment_of_a_list_counts_where_rows_say_none(
    file: Store, clock: ManualClock, sheet: Callable[..., Path]
) -> None:
    row = GOOD.replace("2026-11-22 18:00", "").replace("2026-11-20 14:00", "")
    assert await load(file, clock, sheet(row), "--as-of", "2026-11-21 08:00", "--apply") == 0
    async with file.reading() as db:
        found = (await db.scalars(select(CardApplicationRow))).one()
    assert found.as_of == found.stage_at == datetime(2026, 11, 21, 8, tzinfo=CHINA)


@pytest.mark.parametrize(("name", "data"), [("absent.csv", None), ("torn.xlsx", b"PK\x03\x04")])
async def test_an_unreadable_file_is_reported_in_one_sentence(
    file: Store,
    clock: ManualClock,
    tmp_path: Path,
    name: str,
    data: bytes | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert await load(file, clock, tmp_path / name, "--apply") == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
