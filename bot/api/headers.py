"""Names of the request headers."""

from typing import Final

TIMESTAMP: Final = "X-Timestamp"
SIGNATURE: Final = "X-Signature"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
