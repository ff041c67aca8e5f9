"""`yizhan content`: a dry run first, each fault with file and line, all or nothing, undone."""

import argparse
from functools import partial
from gettext import NullTranslations
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.commands import revisions
from bot.commands.content.content import add_parser, run_in
from bot.common.i18n import Translator
from bot.config.settings import read_settings
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.store.engine import Store
from bot.store.models.content import ContentPictureRow, ContentRow
from tests.conftest import ManualClock
from tests.support.content import article, lesson, photo

ENGLISH = Translator("en", NullTranslations())


class CommandLine:
    """Runs `yizhan content …` and keeps what it prints."""

    def __init__(
        self, store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._store, self._clock, self._capsys = store, clock, capsys

    async def __call__(self, code: int, *words: str | Path) -> str:
        """What was printed; the exit code must be this one."""
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers(dest="command"), ENGLISH)
        args = parser.parse_args(["content", *map(str, words)])
        self._capsys.readouterr()
        if args.what in {"history", "undo"}:
            run = partial(revisions.run_in, "content", settings=read_settings({}))
            given = await run(args, self._store, t=ENGLISH, clock=self._clock)
        else:
            given = await run_in(args, self._store, ENGLISH, clock=self._clock)
        captured = self._capsys.readouterr()
        assert given == code, captured
        return captured.out + captured.err


@pytest.fixture
def run(store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(store, clock, capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lesson, and an article with a picture."""
    made = tmp_path / "files"
    (made / "pictures").mkdir(parents=True)
    (made / "gloves.md").write_bytes(lesson())
    (made / "parking.md").write_bytes(article(picture="pictures/bike.jpg"))
    (made / "pictures" / "bike.jpg").write_bytes(photo(exif=True))
    return made


async def rows(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(ContentRow)) or 0


async def test_nothing_is_written_before_apply_and_everything_with_it(
    run: CommandLine, store: Store, folder: Path
) -> None:
    assert "New: gloves 冬季骑行" in await run(0, "import", folder)
    assert await rows(store) == 0
    said = await run(0, "import", folder, "--apply")
    assert "Written as revision 1; to take it back: yizhan content undo 1" in said
    assert await rows(store) == 2
    assert "0 new, 0 changed, 2 unchanged" in await run(0, "import", folder)
    async with store.reading() as db:
        stored = await db.scalar(select(ContentPictureRow.data))
    assert stored is not None
    assert b"SECRETCAMERA" not in stored


async def test_a_change_is_shown_kept_in_the_history_and_taken_back(
    run: CommandLine, store: Store, folder: Path
) -> None:
    await run(0, "import", folder, "--apply")
    path = folder / "parking.md"
    path.write_bytes(article().replace("示例支行".encode(), "示例分行".encode()))
    said = await run(0, "import", path, "--apply")
    assert "Changed: parking 冬天怎么停车" in said
    assert "来源 示例支行 → 示例分行" in said
    assert "Missing from the file, kept: gloves 冬季骑行" in said
    assert "来源: 示例支行 → 示例分行" in await run(0, "history", "parking")
    assert "Dry run" in await run(0, "undo", "2")
    assert "Undone; this is revision 3." in await run(0, "undo", "2", "--apply")
    async with store.reading() as db:
        row = (await db.scalars(select(ContentRow).where(ContentRow.code == "parking"))).one()
    assert row.source == "示例支行"
    assert row.picture.endswith(".jpg")
    await run(0, "undo", "1", "--apply")
    assert await rows(store) == 0


async def test_what_was_changed_since_is_not_undone(run: CommandLine, folder: Path) -> None:
    await run(0, "import", folder, "--apply")
    (folder / "gloves.md").write_bytes(lesson(title="手套"))
    await run(0, "import", folder, "--apply")
    said = await run(1, "undo", "1", "--apply")
    assert "Changed since: gloves, 标题, by revision 2" in said


async def test_an_export_can_be_imported_again_and_changes_nothing(
    run: CommandLine, store: Store, folder: Path, tmp_path: Path
) -> None:
    await run(0, "import", folder, "--apply")
    copy = tmp_path / "copy"
    assert "3 files are in" in await run(0, "export", copy)
    assert "0 new, 0 changed, 2 unchanged" in await run(0, "import", copy)
    await run(0, "undo", "1", "--apply")
    await run(0, "import", copy, "--apply")
    assert "0 new, 0 changed, 2 unchanged" in await run(0, "import", folder)
    assert "name a folder that does not" in await run(2, "export", copy)


async def test_a_workbook_holds_a_piece_of_content_in_each_row(
    run: CommandLine, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "content.xlsx"
    head = ["种类", "编号", "标题", "正文", "来源", "失效日期"]
    path.write_bytes(
        xlsx_bytes(
            "内容",
            [
                head,
                ["主题", "loan", "贷款", "问网点。||- 带身份证|- 带卡", "示例支行", "2027-01-31"],
                ["warning", "fee", "先交费", "先交钱再放款是诈骗。", "96110", ""],
            ],
        )
    )
    await run(0, "import", path, "--apply")
    async with store.reading() as db:
        row = (await db.scalars(select(ContentRow).where(ContentRow.code == "loan"))).one()
    assert row.kind == "topic"
    assert row.text == "问网点。\n\n- 带身份证\n- 带卡"
    assert str(row.valid_until) == "2027-01-31"


BAD = {
    "no_front.md": (b"# \xe4\xb8\xad\xe6\x96\x87\n", "no_front.md, row 1: the first line"),
    "open.md": (b"---\nkind: article\n", "open.md, row 1: close the front matter"),
    "pair.md": (article("p", more="x").replace(b"more: x", b"more"), "row 7 “more”: write “key"),
    "key.md": (article("k", colour="red"), "key.md, row 7, column colour “red”: not a known key"),
    "twice.md": (article("t", kind="topic"), "row 7, column kind “topic”: this key is there twice"),
    "latin.md": (b"---\ntitle: \xff\n---\n", "latin.md: not a text in UTF-8"),
    "kind.md": (
        article("kk").replace(b"kind: article", b"kind: song"),
        "row 2, column 种类 “song”",
    ),
    "code.md": (article("Not A Code"), "row 3, column 编号 “Not A Code”: write 1 to 32"),
    "date.md": (article("d", valid_from="2026-02-30"), "column 生效日期 “2026-02-30”: not a date"),
    "order.md": (
        article("o", valid_from="2026-03-01", valid_until="2026-02-01"),
        "row 8, column 失效日期 “2026-02-01”: it ends before it begins",
    ),
    "league.md": (article("l", league="上海市"), "column 盟市 “上海市”: not a league"),
    "flag.md": (article("f", sample="maybe"), "column 示例 “maybe”: write 是 or 否"),
    "number.md": (article("n", order="-1"), "column 顺序 “-1”: write a whole number"),
    "minutes.md": (article("m", minutes="5"), "column 分钟 “5”: only lessons have this"),
    "long.md": (
        article("s").replace("示例支行".encode(), "行".encode() * 201),
        "longer than 200 characters",
    ),
    "empty.md": (article("e").replace("示例支行".encode(), b""), "column 来源: required"),
    "html.md": (
        article("h").replace("**避风**".encode(), b"<b>x</b>"),
        "html.md, row 11, column 正文 “<b>”: HTML is not accepted",
    ),
    "heading.md": (
        article("hh").replace("1. 先断电".encode(), "## 先断电".encode()),
        "heading.md, row 13, column 正文: headings are not shown",
    ),
    "language.md": (article("g").replace(b"# English", b"# Deutsch"), "row 18 “Deutsch”: write “#"),
    "before.md": (
        article("b").replace("# 中文".encode(), "开头\n# 中文".encode()),
        "text above the first",
    ),
    "missing.md": (article("mp", picture="no.jpg"), "column 图片 “no.jpg”: there is no such"),
    "outside.md": (article("op", picture="../x.jpg"), "“../x.jpg”: name a picture in the folder"),
    "web.md": (article("wp", picture="https://a.cn/x.jpg"), "name a picture in the folder"),
    "big.md": (article("bp", picture="big.jpg"), "“big.jpg”: larger than 3 MB; save it smaller"),
    "no_picture.md": (article("np", picture="text.jpg"), "“text.jpg”: not a picture"),
    "lesson.md": (
        lesson("q").replace("- [x] 换干的".encode(), "- 换干的".encode()),
        "lesson.md, row 32, column 正文: 0 options are marked right",
    ),
    "shape.md": (
        lesson("r").replace(b"- keep them on\n- [x] change them", b"- [x] change\n- keep on"),
        "column 英文正文: both languages need as many cards",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_each_fault_of_a_file_is_named_with_its_line_and_nothing_is_written(
    name: str, run: CommandLine, store: Store, folder: Path
) -> None:
    data, told = BAD[name]
    (folder / name).write_bytes(data)
    (folder / "big.jpg").write_bytes(bytes(5_000_000))
    (folder / "text.jpg").write_bytes(b"no picture")
    said = await run(1, "import", folder, "--apply")
    assert told in said
    assert "Nothing was written." in said
    assert await rows(store) == 0


async def test_two_files_of_one_code_are_told(run: CommandLine, folder: Path) -> None:
    (folder / "twin.md").write_bytes(article())
    said = await run(1, "import", folder)
    assert "column 编号 “parking”: parking.md:3 has this code too" in said


async def test_a_picture_behind_a_link_out_of_the_folder_is_not_read(
    run: CommandLine, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.jpg").write_bytes(photo())
    (folder / "pictures" / "bike.jpg").unlink()
    (folder / "pictures" / "bike.jpg").symlink_to(tmp_path / "secret.jpg")
    assert "there is no such picture" in await run(1, "import", folder)


async def test_a_list_says_what_is_served(
    run: CommandLine, folder: Path, clock: ManualClock
) -> None:
    (folder / "old.md").write_bytes(article("old", valid_until="2026-11-01", review="2026-10-01"))
    (folder / "gloves.md").write_bytes(lesson(sample=True))
    await run(0, "import", folder, "--apply")
    said = await run(0, "list")
    assert "gloves  lesson  冬季骑行  a sample, served with --demo only" in said
    assert "no longer served since 2026-11-01; due for review since 2026-10-01" in said


async def test_a_folder_without_files_and_one_that_is_not_there_are_refused(
    run: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no Markdown file" in await run(2, "import", tmp_path / "empty")
    assert "cannot be read" in await run(2, "import", tmp_path / "nowhere")


async def test_each_fault_of_a_workbook_is_named_with_its_row_and_nothing_is_written(
    run: CommandLine, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "content.csv"
    path.write_text(
        "种类,编号,标题,正文,来源\n"
        "topic,good,好,没事,网点\n"
        "topic,bad,<i>坏</i>,<b>坏</b>,网点\n"
        "topic,good,又一个,没事,网点\n"
    )
    said = await run(1, "import", path, "--apply")
    assert "content.csv, row 3, column 标题 “<i>坏</i>”: HTML is not accepted" in said
    assert "content.csv, row 3, column 正文 “<b>”: HTML is not accepted" in said
    assert "row 4, column 编号 “good”: content.csv:2 has this code too" in said
    path.write_text("种类,编号,标题,正文\ntopic,a,好,没事\n")
    assert "column 来源: this column is required" in await run(1, "import", path, "--apply")
    path.write_bytes(b"PK\x03\x04 no workbook")
    await run(2, "import", path, "--apply")
    assert await rows(store) == 0
