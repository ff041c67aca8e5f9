"""The console beside `yizhan demo`: a process of its own, so that the chat starts without it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from typing import Final

END_SECONDS: Final = 8
"""How long the process may take to end before it is killed."""


@contextlib.asynccontextmanager
async def console_process() -> AsyncIterator[Callable[[], None]]:
    """Yields what starts it; at the end of the block it ends, too.

    It ends as well when this process is killed: then its standard input is closed.
    """
    starting: list[asyncio.Task[asyncio.subprocess.Process]] = []

    def start() -> None:
        starting.append(asyncio.create_task(_start()))

    try:
        yield start
    finally:
        for task in starting:
            await _end(await task)


async def _start() -> asyncio.subprocess.Process:
    arguments = ("-m", "bot", "console", "--demo")
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=asyncio.subprocess.PIPE
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
