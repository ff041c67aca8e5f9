"""Python's cyclic garbage collector, paused while a program is loaded."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def collections_paused() -> Iterator[None]:
    """Collects nothing in the block, and looks at nothing made before its end ever again.

    Imports make hundreds of thousands of objects that stay for good; to look at them all several
    times takes a tenth of the start, and later each full collection would hold up the turns.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
