"""Logging to a file that takes no more lines."""

import subprocess
import sys
from pathlib import Path

import pytest

LOG = """
import logging, structlog
from bot.common import logs
logs.set_up(quiet=False)
for number in range(3):
    structlog.get_logger().error("turn.failed", number=number, text="x" * 10_000)
    logging.getLogger("library").error("%s", "y" * 10_000)
print("alive")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_under_the_log_stops_nothing() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", LOG], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert done.stdout == b"alive\n"


def test_the_log_is_json_on_stderr() -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", LOG], capture_output=True, check=True
    )
    assert b'"event": "turn.failed"' in done.stderr
    assert b'"level": "error"' in done.stderr


def test_a_start_loads_no_rich_for_the_log_and_hides_it_from_nobody() -> None:
    code = "import sys, bot.commands.cli; assert 'rich' not in sys.modules; import rich"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own words
