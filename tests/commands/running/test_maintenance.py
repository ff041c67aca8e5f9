"""`yizhan migrate`, `doctor`, `backup`, `holidays` and `keys`, called as a person calls them."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.commands.cli import main
from bot.store.encryption import parse_keys
from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.stations import create_stations


def run(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> int:
    """The exit code of a command over that database."""
    monkeypatch.setenv("YIZHAN_DATABASE_URL", url)
    return main(arguments)


def test_migrate_then_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    for command in (["doctor"], ["backup", str(tmp_path / "copy.db")]):
        assert run(monkeypatch, url, *command) == 2
        assert "yizhan migrate" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []  # nothing was made
    assert run(monkeypatch, url, "migrate") == 0
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    assert run(monkeypatch, url, "doctor") == 1
    said = capsys.readouterr().out
    assert "yizhan stations import" in said
    assert "缺 YIZHAN_SECRET_KEYS" in said
    assert "微信" in said


def test_doctor_of_an_empty_database_goes_on_to_the_channels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.db").touch()
    url = f"sqlite+aiosqlite:///{tmp_path}/x.db"
    assert run(monkeypatch, url, "doctor") == 1
    said = capsys.readouterr().out
    assert "还没有" in said
    assert "yizhan migrate" in said
    assert "Telegram" in said
    assert run(monkeypatch, url, "backup", str(tmp_path / "copy.db")) == 2
    assert "空的" in capsys.readouterr().err
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("SECRET_KEYS", "", "缺 YIZHAN_SECRET_KEYS"),
        ("GEOCODER", "nobody", "YIZHAN_GEOCODER"),
        ("PRINT_FONT", "/nowhere.otf", "YIZHAN_PRINT_FONT"),
        ("TELEGRAM_WEBHOOK_URL", "https://a.example", "YIZHAN_TELEGRAM_WEBHOOK_SECRET"),
    ],
)
def test_doctor_refuses_what_serve_refuses(
    name: str,
    value: str,
    named: str,
    sqlite_url: str,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(sqlite_url, clock)
    monkeypatch.setenv("YIZHAN_SECRET_KEYS", "1:" + "A" * 43 + "=")
    assert run(monkeypatch, sqlite_url, "doctor") == 0
    assert "可以启动" in capsys.readouterr().out
    monkeypatch.setenv(f"YIZHAN_{name}", value)
    assert run(monkeypatch, sqlite_url, "doctor") == 1
    assert named in capsys.readouterr().out


def test_demo_data_and_own_stations_stay_apart(
    sqlite_url: str,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("YIZHAN_SECRET_KEYS", "1:" + "A" * 43 + "=")

    async def silent(*_: object, **__: object) -> None:
        pass

    monkeypatch.setattr("bot.channels.terminal.channel.chat", silent)
    monkeypatch.setattr("bot.channels.terminal.channel.typed_lines", lambda: None)
    assert run(monkeypatch, sqlite_url, "chat", "--demo") == 0
    capsys.readouterr()
    assert run(monkeypatch, sqlite_url, "doctor") == 1
    assert "yizhan demo --remove" in capsys.readouterr().out
    assert run(monkeypatch, sqlite_url, "demo", "--remove") == 0
    fill(sqlite_url, clock)
    assert counted(sqlite_url) == (6, 0, 0)
    for command in (["chat", "--demo"], ["demo"]):
        assert run(monkeypatch, sqlite_url, *command) == 1
        assert "YIZHAN_DATABASE_URL" in capsys.readouterr().err
    assert counted(sqlite_url) == (6, 0, 0)


def fill(url: str, clock: ManualClock) -> None:
    """Six stations of one's own."""

    async def found() -> None:
        store = await open_store(url)
        await create_stations(store, clock)
        await store.close()

    asyncio.run(found())


def counted(url: str) -> tuple[int, ...]:
    """Stations, applications and trainings."""
    tables = ("station", "card_application", "training")
    with sqlite3.connect(str(make_url(url).database)) as db:
        found = [db.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables]  # noqa: S608
    db.close()
    return tuple(found)


def test_a_backup_is_whole_and_never_overwrites(
    sqlite_url: str,
    tmp_path: Path,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(sqlite_url, clock)
    copy = tmp_path / "copy.db"
    assert run(monkeypatch, sqlite_url, "backup", str(copy)) == 0
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT count(*) FROM station").fetchone() == (6,)
    db.close()
    assert run(monkeypatch, sqlite_url, "backup", str(copy)) == 2
    assert "已存在" in capsys.readouterr().out
    assert run(monkeypatch, sqlite_url, "backup", str(tmp_path / "no" / "copy.db")) == 2
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_backup_that_fails_leaves_nothing(
    sqlite_url: str,
    tmp_path: Path,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(sqlite_url, clock)

    def full(_url: str, draft: Path) -> None:
        draft.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("bot.commands.running.backup._copy", full)
    folder = tmp_path / "copies"
    folder.mkdir()
    assert run(monkeypatch, sqlite_url, "backup", str(folder / "copy.db")) == 1
    assert "写不了" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


def test_holidays_of_a_year(
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = tmp_path / "2027.csv"
    table.write_text("date,name,is_off\n2027-01-01,元旦,True\n2027-10-01,国庆节,True\n")
    assert run(monkeypatch, sqlite_url, "holidays", "import", str(table)) == 0
    assert "试运行" in capsys.readouterr().out
    assert run(monkeypatch, sqlite_url, "holidays", "import", str(table), "--apply") == 0
    assert "已写入" in capsys.readouterr().out
    table.write_text("date,name,is_off\n2027-13-01,元旦,True\n")
    assert run(monkeypatch, sqlite_url, "holidays", "import", str(table), "--apply") == 1
    assert "第 2 行" in capsys.readouterr().out
    assert run(monkeypatch, sqlite_url, "holidays", "import", str(tmp_path / "none.csv")) == 2


def test_a_new_key_can_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "sqlite+aiosqlite:///unused.db", "keys", "new") == 0
    ring = parse_keys(capsys.readouterr().out.strip())
    assert ring.open(ring.seal("王", "a.b"), "a.b") == "王"
