"""`yizhan demo` with the console beside it, as somebody who tries it starts both."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.yizhan_process import address_of, yizhan

SECONDS = 60
"""For the console to start, at most."""


@dataclass(frozen=True, slots=True)
class DemoAddresses:
    """Where the chat and the console are, and the one-time password of `admin`."""

    chat: str
    console: str
    password: str


@asynccontextmanager
async def demo_with_console(folder: Path) -> AsyncIterator[DemoAddresses]:
    """Both processes over a fresh database in this folder."""
    url = f"sqlite+aiosqlite:///{folder}/demo.db"
    async with yizhan("demo", DATABASE_URL=url, HTTP_PORT="0") as process:
        chat = await address_of(process)
        assert process.stdout is not None
        async with asyncio.timeout(SECONDS):
            console, password = await _sign_in_line(process.stdout)
        yield DemoAddresses(chat, console, password)


async def _sign_in_line(output: asyncio.StreamReader) -> tuple[str, str]:
    """Address and password of the console, from the line that the demonstration prints."""
    while line := (await output.readline()).decode():
        if found := re.search(r"控制台：(http://[0-9.:]+)/ 用户 admin 密码 (\S+)", line):
            return found[1], found[2]
    raise AssertionError("it ended before the console answered")
