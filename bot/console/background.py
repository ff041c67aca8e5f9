"""Long work beside the requests: each in a process of its own, one at a time.

Planning a list of 180,000 rows takes many seconds of one core and hundreds of megabytes, which end
with the process.
"""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import structlog

from bot.common.redaction import error_fields

log = structlog.get_logger()
T = TypeVar("T")
Runner: TypeAlias = Callable[..., Awaitable[Any]]
"""Calls a function, which can be pickled, with its arguments somewhere else."""
PATIENCE: Final = 20.0
"""Seconds for which a request waits for long work: what stands before a console may wait for 60."""
_TASKS: Final[set[asyncio.Task[None]]] = set()
_ONE: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]] = WeakKeyDictionary()


async def in_a_process(function: Callable[..., T], *args: object) -> T:
    """The function's result. Raises what it raises, and `BrokenProcessPool` if the process dies."""
    loop = asyncio.get_running_loop()
    async with _ONE.setdefault(loop, asyncio.Lock()):
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        try:
            return await loop.run_in_executor(pool, function, *args)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class StillRunning(Exception):
    """The work takes longer than a request waits. It goes on."""


async def soon(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, whose error it raises. Raises `StillRunning` after `PATIENCE`."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        start(_outcome(task))
        raise StillRunning
    return task.result()


def start(work: Coroutine[Any, Any, None]) -> None:
    """Begins the work, whose outcome nobody waits for; an error is logged."""
    task = asyncio.create_task(_logged(work))
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


async def finished() -> None:
    """Waits until all work that was begun in this loop is done."""
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(one for one in _TASKS if one.get_loop() is loop))


async def _outcome(task: asyncio.Task[T]) -> None:
    await task


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:
        log.exception("console.work_failed", **error_fields(error))
