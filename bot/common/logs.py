"""Logs as one JSON object a line on stderr: events and ids, never message texts or locations."""

import logging
import sys

import structlog


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
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
