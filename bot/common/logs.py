"""Logs as one JSON object a line on stderr: events and ids, never message texts or locations."""

import contextlib
import logging
import sys

import structlog


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
    """Configures structlog; libraries report from warning on, without their own values.

    `quiet`: only errors, for a conversation on the same screen.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(levelname)s")
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
