"""Request signatures: HMAC-SHA256 over `timestamp + "." + body`, in hex.

A signature is valid for five minutes around its timestamp, since the clocks of two systems are
never equal; that it counts once only is kept in the database (`services.cards.api_batches`).
"""

import hmac
import re
from datetime import datetime
from typing import Final

from bot.api.errors import ErrorCode
from bot.common.lazy_pattern import LazyPattern

TOLERANCE: Final = 300
"""Seconds."""

_SECONDS: Final = LazyPattern(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE: Final = LazyPattern(r"[0-9a-f]{64}", re.ASCII)


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp`, seconds since 1970."""
    return hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def header_error(timestamp: str, signature: str, now: datetime) -> ErrorCode | None:
    """What is wrong with the headers, before a body is read; None if nothing is."""
    if not _SECONDS.fullmatch(timestamp) or not signature:
        return ErrorCode.UNSIGNED
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        return ErrorCode.STALE
    return None if _SIGNATURE.fullmatch(signature) else ErrorCode.FORGED


def is_signed(secret: bytes, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether the signature is that of this body; compared in constant time."""
    return hmac.compare_digest(sign(secret, timestamp, body), signature)
