"""What the command line says of itself and of wrong settings: in the operator's language."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from bot.commands.cli import main
from bot.config.settings import Settings, SettingsError, read_settings
from bot.store.engine import check_url


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """`yizhan …` as a process, with these variables and no others of ours."""
    kept = {name: said for name, said in os.environ.items() if not name.startswith("YIZHAN_")}
    return subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True,
        check=False,
        env=kept | variables,
    )


def test_an_ascii_terminal_shows_help() -> None:
    done = command("--help", PYTHONIOENCODING="ascii", YIZHAN_LOCALE="zh_CN")
    assert done.returncode == 0
    assert b"doctor" in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "核对"),
        ({"LC_ALL": "en_US.UTF-8"}, "compare"),
        ({"LC_ALL": "en_US.UTF-8", "YIZHAN_LOCALE": "zh_CN"}, "核对"),
        ({"YIZHAN_LOCALE": "en"}, "compare"),
    ],
)
def test_help_speaks_the_chosen_language(
    variables: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["holidays", "--help"])
    assert said in capsys.readouterr().out


def test_an_unknown_language_is_refused_with_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YIZHAN_LOCALE", "tlh")
    assert main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert "YIZHAN_LOCALE" in said
    assert "zh_CN" in said


@pytest.mark.parametrize(
    ("name", "value", "chinese"),
    [
        ("HTTP_PORT", "many", "YIZHAN_HTTP_PORT 不对：请写数字。"),
        ("HTTP_PORT", "70000", "YIZHAN_HTTP_PORT 不对：不能大于 65535。"),
        ("KEEP_IDLE_DAYS", "1", "YIZHAN_KEEP_IDLE_DAYS 不对：不能小于 30。"),
        ("RADIUS_KM", "0", "YIZHAN_RADIUS_KM 不对：要大于 0"),
        ("RADIUS_KM", "nan", "YIZHAN_RADIUS_KM 不对：要大于 0"),
        ("ROAD_FACTOR", "0.5", "YIZHAN_ROAD_FACTOR 不对：不能小于 1"),
        ("DUTY_HOURS", "周一 9:00-17:30；" * 20, "YIZHAN_DUTY_HOURS 不对：最多 200 个字符。"),
        ("BANK_PUSH_SECRET", "short", "YIZHAN_BANK_PUSH_SECRET 不对：至少要 24 个字符。"),
        ("GEOCODER_DATUM", "moon", "YIZHAN_GEOCODER_DATUM 不对：请写其中之一"),
        ("PUBLIC_URL", "bot.example.org", "YIZHAN_PUBLIC_URL 不对：请写以 http:// 或"),
        ("PUBLIC_URL", "https://", "YIZHAN_PUBLIC_URL 不对：请写以 http:// 或"),
        ("SECRET_KEYS", "1:" + "A" * 43 + "=,1:" + "B" * 43 + "=", "有两把密钥都是 1 号"),
        ("SECRET_KEYS", "one", "YIZHAN_SECRET_KEYS 不对：每把密钥是"),
        ("DATABASE_URL", "mysql://me:hunter2@host/db", "YIZHAN_DATABASE_URL 不对"),
    ],
)
def test_a_wrong_setting_is_one_sentence_in_either_language(
    name: str,
    value: str,
    chinese: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("YIZHAN_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("YIZHAN_SECRET_KEYS", "1:" + "A" * 43 + "=")
    monkeypatch.setenv(f"YIZHAN_{name}", value)
    for locale, said in (("zh_CN", chinese), ("en", f"YIZHAN_{name} is wrong")):
        monkeypatch.setenv("YIZHAN_LOCALE", locale)
        assert main(["notes"]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert "hunter2" not in told
        assert told.count("\n") == 1


def test_the_public_page_may_open_the_chat() -> None:
    given = {
        "YIZHAN_PUBLIC_URL": "https://a.example/bot",
        "YIZHAN_ALLOWED_ORIGINS": "https://b.example, http://c",
    }
    settings = read_settings(given)
    assert settings.origins() == {"https://a.example", "https://b.example", "http://c"}
    assert Settings().origins() == frozenset()


def test_a_full_disk_is_not_the_databases_fault(sqlite_url: str) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    kept = {name: said for name, said in os.environ.items() if not name.startswith("YIZHAN_")}
    with full.open("wb") as nowhere:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "stations", "export"],
            stdout=nowhere,
            stderr=subprocess.PIPE,
            check=False,
            env={**kept, "YIZHAN_DATABASE_URL": sqlite_url},
        )
    assert done.returncode == 1
    said = done.stderr.decode()
    assert "磁盘空间" in said
    assert "YIZHAN_DATABASE_URL" not in said
    assert said.count("\n") == 1


def test_a_host_that_is_not_ours_is_named(sqlite_url: str) -> None:
    done = command(
        "serve",
        YIZHAN_DATABASE_URL=sqlite_url,
        YIZHAN_SECRET_KEYS="1:" + "A" * 43 + "=",
        YIZHAN_HTTP_HOST="203.0.113.7",
    )
    assert done.returncode == 1
    assert "YIZHAN_HTTP_HOST" in done.stderr.decode()


def test_a_setting_says_the_same_without_a_language() -> None:
    with pytest.raises(SettingsError, match="YIZHAN_HTTP_PORT is wrong: write a number in digits"):
        read_settings({"YIZHAN_HTTP_PORT": "x"})
    with pytest.raises(ValueError, match="must begin with"):
        check_url("mysql://x")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stations", "import", "list.csv"], "还必须写上 --datum"),
        (["stations", "import", "list.csv", "--datum", "wgs"], "没有 'wgs'，可以写："),
        (["stations", "imp"], "可以写：'import'"),
        (["stations", "close", "A1", "--from", "1日"], "“1日”不是日期，请写成 2026-12-01"),
        (["stations", "undo", "A1"], "'A1' 写得不对，要写数字"),
        (["doctor", "--datum"], "不认识 --datum"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("YIZHAN_LOCALE", "zh_CN")
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert "error" not in told
    assert "usage" not in told


def test_a_full_disk_while_a_workbook_is_written_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def full() -> bytes:
        raise FileCreateError(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setenv("YIZHAN_LOCALE", "zh_CN")
    monkeypatch.setattr("bot.documents.station_template.station_template", full)
    assert main(["stations", "template", str(tmp_path / "list.xlsx")]) == 1
    assert "磁盘已满" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["stations", "import", "/dev/zero", "--datum", "gcj02"],
        ["broadcast", "send", "--file", "/dev/zero", "--topic", "station"],
        ["broadcast", "send", "--file", "/dev/null/none", "--topic", "station"],
    ],
)
def test_a_file_without_an_end_or_that_is_none_is_refused(
    words: list[str],
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("needs /dev/zero")
    monkeypatch.setenv("YIZHAN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("YIZHAN_SECRET_KEYS", "1:" + "A" * 43 + "=")
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1
