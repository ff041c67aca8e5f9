"""Where the keys come from: a service names its own, a trial makes a file for its owner only."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config.keys import keyring
from bot.config.settings import Settings, SettingsError, read_settings
from bot.store.encryption import new_key


def settings(url: str, keys: str | None = None) -> Settings:
    return read_settings({"YIZHAN_DATABASE_URL": url, "YIZHAN_SECRET_KEYS": keys or ""})


@pytest.mark.slow
def test_serving_without_keys_is_refused_in_one_sentence(tmp_path: Path) -> None:
    variables = {name: said for name, said in os.environ.items() if "YIZHAN" not in name}
    database = {"YIZHAN_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        capture_output=True,
        text=True,
        check=False,
        env=variables | database,
    )
    assert done.returncode == 2
    said = done.stderr.strip()
    assert "\n" not in said
    assert "缺 YIZHAN_SECRET_KEYS" in said
    assert "yizhan keys new" in said
    assert list(tmp_path.iterdir()) == []  # and nothing was made


def test_a_trial_makes_a_file_for_its_owner_only(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    first = keyring(settings(url), make=True)
    path = tmp_path / "x.keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keyring(settings(url), make=True) == first
    path.write_text("nonsense")
    with pytest.raises(SettingsError, match="damaged"):
        keyring(settings(url), make=True)


def test_keys_that_are_set_count(tmp_path: Path) -> None:
    url, key = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", new_key(7)
    assert keyring(settings(url, key)).current == 7
    with pytest.raises(SettingsError, match="YIZHAN_SECRET_KEYS is wrong"):
        keyring(settings(url, "1:short"))
    with pytest.raises(SettingsError, match="missing"):
        keyring(settings("postgresql+asyncpg://u@localhost/x"), make=True)
