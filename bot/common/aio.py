"""Waiting that a stop request ends."""

import asyncio
import contextlib


async def sleep_until_stopped(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps that long, or until `stop` is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
