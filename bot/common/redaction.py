"""An error for the log: its class and the places in our code, never the values in it."""

import traceback
from pathlib import Path
from typing import Any, Final

FRAMES: Final = 8


def error_fields(error: BaseException) -> dict[str, Any]:
    """`error` (class name) and `at` (the innermost places in our code, `file.py:line`)."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename][-FRAMES:]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours]
    return {"error": type(error).__name__, "at": places}
