"""What the commands that run the bot do around the import of the application.

All of it is for the first answer of a service and for its memory: see docs/benchmarks.md.
"""

import contextlib
import ssl
from collections.abc import Iterator
from typing import Final

from bot.common.gc_pause import collections_paused
from bot.config.settings import Settings

M_ARENA_MAX: Final = -8
"""A parameter of glibc's `mallopt`."""


@contextlib.contextmanager
def application_loading(settings: Settings) -> Iterator[None]:
    """Around the import of the application, before any thread is started."""
    with contextlib.ExitStack() as loading:
        loading.enter_context(collections_paused())
        if not _calls_platforms(settings):
            loading.enter_context(root_certificates_unread())
        yield
    use_one_heap()


@contextlib.contextmanager
def root_certificates_unread() -> Iterator[None]:
    """TLS contexts that are made in the block trust nobody, and a connection with them fails.

    aiohttp makes two when it is imported, each with all root certificates of the system: 40 ms and
    2 MB, for connections that only the channels of platforms make.
    """

    def read_none(self: ssl.SSLContext) -> None:
        pass

    read = ssl.SSLContext.set_default_verify_paths
    ssl.SSLContext.set_default_verify_paths = read_none  # type: ignore[method-assign]
    try:
        yield
    finally:
        ssl.SSLContext.set_default_verify_paths = read  # type: ignore[method-assign]


def use_one_heap() -> None:
    """Makes all threads allocate from one heap, where the C library is glibc.

    Else each thread of the database gets one of its own, which never is full: 1 MB after the start.
    They run one at a time anyway, for the interpreter's lock.
    """
    import ctypes  # slow to import, and numpy has done so

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _calls_platforms(settings: Settings) -> bool:
    return settings.telegram_token is not None or bool(settings.wechat_app_id)
