"""A catalogue is compiled once, and again when it was changed."""

from pathlib import Path

from bot.common.i18n import load_languages

PO = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    'msgid "open"\nmsgstr "{}"\n'
)


def write(folder: Path, words: str) -> Path:
    """A catalogue of one sentence; returns where its compiled form is kept."""
    path = folder / "zh_CN" / "LC_MESSAGES" / "bot.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PO.format(words), encoding="utf-8")
    return path.parent / "__pycache__"


def said(folder: Path) -> str:
    """The sentence as a process that starts now says it."""
    return load_languages.__wrapped__(folder).of("zh_CN", None)("open")


def test_the_compiled_catalogue_is_read_the_next_time(tmp_path: Path) -> None:
    kept = write(tmp_path, "开门")
    assert said(tmp_path) == "开门"
    (compiled,) = kept.iterdir()
    compiled.write_bytes(compiled.read_bytes().replace("开门".encode(), "开着".encode()))
    assert said(tmp_path) == "开着"


def test_a_changed_catalogue_is_compiled_again(tmp_path: Path) -> None:
    kept = write(tmp_path, "开门")
    assert said(tmp_path) == "开门"
    write(tmp_path, "开着门")
    assert said(tmp_path) == "开着门"
    assert len(list(kept.iterdir())) == 1


def test_a_folder_that_cannot_be_written_to_does_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "开门").write_text("a file is in the way")
    assert said(tmp_path) == "开门"
    assert said(tmp_path) == "开门"
