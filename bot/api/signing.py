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
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp`, seconds since 1970."""
    return hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def head_fault(timestamp: str, signature: str, now: datetime) -> str:
    """What is wrong before a body is read: unsigned, forged or stale; empty if nothing is."""
    if not _SECONDS.fullmatch(timestamp) or not signature:
        return "unsigned"
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        return "stale"
    return "" if _SIGNATURE.fullmatch(signature) else "forged"


def is_signed(secret: bytes, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether the signature is that of this body; compared in constant time."""
    return hmac.compare_digest(sign(secret, timestamp, body), signature)
