"""Logs as one JSON object a line on stderr: events and ids, never message texts or locations.

What libraries and Python itself report is a line of the same kind, made of where it comes from and
the class of an error: their own words repeat what came in, as aiohttp's of a malformed request do.
"""

import contextlib
import json
import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from bot.common.redaction import error_fields

# structlog loads rich and pygments where they are installed, for a console that is not drawn here.
_hides_rich = "rich" not in sys.modules
if _hides_rich:
    sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402 - after rich is hidden

if _hides_rich:
    del sys.modules["rich"]

UNCAUGHT: Final = "python.uncaught"
"""The event of an error that nobody caught, in the main thread, another one or a destructor."""


class ForgivingLogger(structlog.PrintLogger):
    """Prints to stderr, and drops a line that cannot be written, as on a full disk.

    A turn must not fail for its log.
    """

    def msg(self, message: str) -> None:
        """One line."""
        with contextlib.suppress(OSError, ValueError):  # ValueError: the file is closed
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def set_up(*, quiet: bool) -> None:
    """Configures structlog; libraries report from warning on, without their own words.

    `quiet`: only errors, for a conversation on the same screen. Where the process has loggers of
    its own already, as a test runner does, only structlog is configured.
    """
    if not logging.getLogger().handlers:
        _set_up_libraries()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.ERROR if quiet else logging.INFO
        ),
        logger_factory=lambda *_: ForgivingLogger(sys.stderr),
    )


class RedactingFormatter(logging.Formatter):
    """A record by its logger, place and error; its message, arguments and traceback are left out.

    An exception's own text is a value, too: `BadHttpMessage` quotes the request.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        fields: dict[str, Any] = {
            "event": record.name,
            "place": f"{record.filename}:{record.lineno}",
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            fields |= error_fields(error)
        return json.dumps(fields, ensure_ascii=False)


def _set_up_libraries() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # or a record that fails is printed with its arguments
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    _report(error)


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None:
        _report(found.exc_value)


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    if found.exc_value is not None:
        _report(found.exc_value)


def _report(error: BaseException) -> None:
    """By class and place, whatever logging is able to do by now."""
    line = {"event": UNCAUGHT, "level": "error", **error_fields(error)}
    with contextlib.suppress(OSError, ValueError):  # a full disk, a closed file
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
