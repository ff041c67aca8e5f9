"""Who sent a body, and when: HMAC-SHA256 over `timestamp + "." + body`, in hex.

A signature is good for five minutes around its time, for the clocks of two systems are never
equal; that it counts once only is kept in the database (`services.bank_batches`).
"""

import hmac
import re
from datetime import datetime
from typing import Final

TIMESTAMP: Final = "X-Timestamp"
SIGNATURE: Final = "X-Signature"
TOLERANCE: Final = 300
"""Seconds."""

_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp`, seconds since 1970."""
    return hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def fault(secret: bytes, timestamp: str, signature: str, body: bytes, now: datetime) -> str:
    """What is wrong with a signature: unsigned, forged or stale; empty if nothing is.

    Compared in constant time; and before the time is looked at, so that nobody learns anything
    from a body that they did not sign.
    """
    if not _SECONDS.fullmatch(timestamp) or not signature:
        return "unsigned"
    expected = sign(secret, timestamp, body).encode()
    if not hmac.compare_digest(expected, signature.encode("utf-8", "surrogateescape")):
        return "forged"
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        return "stale"
    return ""
