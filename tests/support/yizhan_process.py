"""The `yizhan` command as a process of its own, as an operator starts it."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.paths import ROOT


@asynccontextmanager
async def yizhan(*arguments: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running command; ended by SIGTERM if it still runs."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")},
        "PYTHONPATH": str(ROOT),
        "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
        "YIZHAN_CONSOLE_PORT": "0",
        **{f"YIZHAN_{name}": value for name, value in variables.items()},
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def address_of(process: asyncio.subprocess.Process, patience: float = 30) -> str:
    """Waits until the web chat or the console is open, so many seconds for each line at most."""
    assert process.stdout is not None
    while line := (await asyncio.wait_for(process.stdout.readline(), patience)).decode():
        if found := re.search(r"http://[0-9.:]+", line):
            return found[0]
    raise AssertionError("it ended before it listened")
