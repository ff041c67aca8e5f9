"""An error for the log: its class and the places in our code, never the values in it."""

import traceback
from pathlib import Path
from typing import Any, Final

from bot.data import DATA

FRAMES: Final = 8
PACKAGE: Final = str(DATA.parent)


def error_fields(error: BaseException) -> dict[str, Any]:
    """`error` (class name) and `at` (the innermost places in our code, `file.py:line`)."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(frame.filename)][-FRAMES:]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours]
    return {"error": type(error).__name__, "at": places}


def _is_ours(filename: str) -> bool:
    """Whether it is no library's file; the package itself may be installed beside them."""
    return "site-packages" not in filename or filename.startswith(PACKAGE)
