"""What was answered outlives a power cut, and a slow disk holds up nothing else."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.support.paths import TESTS

SLOW, MOST = 200, 50  # milliseconds: a sync takes, and anything else may wait


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that remembers what was synced."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    library = tmp_path_factory.mktemp("shim") / "synced.so"
    source = TESTS / "support" / "synced_disk.c"
    command = [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)  # noqa: S603 - a compiler and a source of ours
    return library


def turns(shim: Path, url: str, what: str, **environment: str) -> str:
    """What the process of `tests.support.synced_turns` has said."""
    done = subprocess.run(  # noqa: S603 - this Python and a module of ours
        [sys.executable, "-m", "tests.support.synced_turns", url, what],
        env=os.environ | {"LD_PRELOAD": str(shim), **environment},
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.split()[-1]


@pytest.mark.parametrize(
    ("what", "is_durable"), [("turns", True), ("write", True), ("loosely", False)]
)
def test_what_was_answered_is_there_after_a_power_cut(
    shim: Path, sqlite_url: str, tmp_path: Path, what: str, *, is_durable: bool
) -> None:
    file = Path(make_url(sqlite_url).database or "")
    synced = tmp_path / "synced"
    synced.mkdir()
    shutil.copyfile(file, synced / file.name)  # it had been there before
    answered = int(turns(shim, sqlite_url, what, SYNCED=str(synced)))
    left = sqlite3.connect(synced / file.name)
    (couriers,) = left.execute("SELECT count(*) FROM courier").fetchone()
    (state,) = left.execute("PRAGMA integrity_check").fetchone()
    left.close()
    assert (couriers == answered, state) == (is_durable, "ok")


def test_a_slow_disk_holds_up_nothing_else(shim: Path, sqlite_url: str) -> None:
    longest = float(turns(shim, sqlite_url, "late", SYNC_MS=f"{SLOW}"))
    assert longest < MOST / 1000, "the loop waited for the disk"
