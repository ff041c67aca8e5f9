"""The error responses: their codes, HTTP statuses and sentences."""

from enum import StrEnum
from typing import Final

from bot.api.headers import IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP

BODY_BYTES: Final = 8 << 20
"""The largest body; 10,000 items with every field filled are some 6 MB."""
READ_SECONDS: Final = 60.0
"""The time in which a body must arrive."""


class ErrorCode(StrEnum):
    """What a program reads in an error response."""

    UNSIGNED = "unsigned"
    FORGED = "forged"
    STALE = "stale"
    REPLAYED = "replayed"
    NO_KEY = "no_key"
    KEY_REUSED = "key_reused"
    SLOW = "slow"
    IN_PROGRESS = "in_progress"
    TOO_LARGE = "too_large"
    SCHEMA = "schema"
    BUSY = "busy"
    FAILED = "failed"


STATUSES: Final[dict[ErrorCode, int]] = {
    ErrorCode.UNSIGNED: 401,
    ErrorCode.FORGED: 401,
    ErrorCode.STALE: 401,
    ErrorCode.REPLAYED: 401,
    ErrorCode.NO_KEY: 400,
    ErrorCode.KEY_REUSED: 409,
    ErrorCode.SLOW: 408,
    ErrorCode.IN_PROGRESS: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.SCHEMA: 422,
    ErrorCode.BUSY: 503,
    ErrorCode.FAILED: 500,
}

RETRY_LATER: Final = frozenset({ErrorCode.IN_PROGRESS, ErrorCode.BUSY})
"""Errors that pass by themselves: the response says when to try again."""

SENTENCES: Final[dict[ErrorCode, str]] = {
    ErrorCode.UNSIGNED: f"{TIMESTAMP} (seconds since 1970) and {SIGNATURE} are required.",
    ErrorCode.FORGED: f"{SIGNATURE} is not that of this body, timestamp and secret.",
    ErrorCode.STALE: f"{TIMESTAMP} is more than 5 minutes away from our clock; sign again.",
    ErrorCode.REPLAYED: (
        "This signature was used before; sign again, or repeat it with its own key."
    ),
    ErrorCode.NO_KEY: (
        f"{IDEMPOTENCY_KEY} is required: 1 to 80 printable ASCII characters without blanks."
    ),
    ErrorCode.KEY_REUSED: f"This {IDEMPOTENCY_KEY} was used with another body; take a new one.",
    ErrorCode.SLOW: f"The body did not arrive within {READ_SECONDS:.0f} seconds; send it again.",
    ErrorCode.IN_PROGRESS: (
        f"The batch with this {IDEMPOTENCY_KEY} is still being processed; ask again in a minute."
    ),
    ErrorCode.TOO_LARGE: f"The body is larger than {BODY_BYTES >> 20} MiB; split the batch.",
    ErrorCode.SCHEMA: "The body is not what the OpenAPI document describes.",
    ErrorCode.BUSY: "The database cannot be reached; send the same again in a minute.",
    ErrorCode.FAILED: "Something went wrong here; send the same again, and tell us if it stays.",
}
