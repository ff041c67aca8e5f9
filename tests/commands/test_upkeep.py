"""`yizhan migrate`, `doctor`, `backup`, `holidays` and `keys`, called as a person calls them."""

import sqlite3
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.store.sealed import parse_keys
from tests.conftest import WallClock
from tests.stations import found_town


def run(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> int:
    """The exit code of a command over that database."""
    monkeypatch.setenv("YIZHAN_DATABASE_URL", url)
    return main(arguments)


def test_migrate_then_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    assert run(monkeypatch, url, "doctor") == 1
    assert "yizhan migrate" in capsys.readouterr().out
    assert run(monkeypatch, url, "migrate") == 0
    assert run(monkeypatch, url, "doctor") == 1
    assert "yizhan stations import" in capsys.readouterr().out


def test_a_backup_is_whole_and_never_overwrites(
    sqlite_url: str,
    tmp_path: Path,
    clock: WallClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import asyncio

    from bot.store.engine import open_store

    async def fill() -> None:
        store = await open_store(sqlite_url)
        await found_town(store, clock)
        await store.close()

    asyncio.run(fill())
    copy = tmp_path / "copy.db"
    assert run(monkeypatch, sqlite_url, "backup", str(copy)) == 0
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT count(*) FROM station").fetchone() == (6,)
    db.close()
    assert run(monkeypatch, sqlite_url, "backup", str(copy)) == 2
    assert "已存在" in capsys.readouterr().out
    assert run(monkeypatch, sqlite_url, "backup", str(tmp_path / "no" / "copy.db")) == 2


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
    assert "line 2" in capsys.readouterr().out
    assert run(monkeypatch, sqlite_url, "holidays", "import", str(tmp_path / "none.csv")) == 2


def test_a_new_key_can_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "sqlite+aiosqlite:///unused.db", "keys", "new") == 0
    ring = parse_keys(capsys.readouterr().out.strip())
    assert ring.open(ring.seal("王", "a.b"), "a.b") == "王"
