"""Files that commands write."""

from pathlib import Path

import pytest

from bot.commands import output
from bot.common.i18n import load_languages


async def test_a_file_made_meanwhile_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t = load_languages().of("en", None)
    path = tmp_path / "list.csv"
    assert output.unwritable(path, (".csv", ".xlsx"), t) == ""
    path.write_text("somebody else's")
    assert await output.write(path, b"ours", "done", t) == 2
    assert path.read_text() == "somebody else's"
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "name it .csv or .xlsx."), ("zh_CN", "文件名请以 .csv 或 .xlsx 结尾。")],
)
def test_the_endings_that_are_taken_are_named(language: str, expected: str) -> None:
    t = load_languages().of(language, None)
    assert expected in output.unwritable(Path("list.doc"), (".csv", ".xlsx"), t)
