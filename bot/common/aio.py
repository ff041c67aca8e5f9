"""Waiting that a stop request ends, and a condition that always holds."""

import asyncio
import contextlib


async def sleep_until_stopped(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps that long, or until `stop` is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def always() -> bool:
    """True: for where nothing has to be asked."""
    return True
