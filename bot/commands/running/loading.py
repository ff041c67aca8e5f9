"""What the commands that run the bot do around the import of the application.

All of it is for the first answer of a service and for its memory: see docs/benchmarks.md.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from bot.common.gc_pause import collections_paused

M_ARENA_MAX: Final = -8
"""A parameter of glibc's `mallopt`."""


@contextlib.contextmanager
def application_loading() -> Iterator[None]:
    """Around the import of the application, before any thread is started."""
    with collections_paused():
        yield
    use_one_heap()


def use_one_heap() -> None:
    """Makes all threads allocate from one heap, where the C library is glibc.

    Else each thread of the database gets one of its own, which never is full: 1 MB after the start.
    They run one at a time anyway, for the interpreter's lock.
    """
    import ctypes  # slow to import, and numpy has done so

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
