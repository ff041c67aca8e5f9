"""Pushes that are refused: counted and logged by reason, never with what was sent.

A burst of one reason is one note to the operators a day, on however many replicas: a bank whose
secret or clock is wrong otherwise goes unnoticed until couriers ask why nothing moves.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from bot.api.errors import ErrorCode
from bot.common.clock import CHINA
from bot.common.limited_log import LogLimiter
from bot.common.redaction import error_fields
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.store.encryption import Keyring
from bot.store.engine import Store

BURST: Final = 5
"""Refusals of one reason within `WINDOW` that an operator is to know of."""
WINDOW: Final = timedelta(minutes=10)
OURS: Final = frozenset({ErrorCode.BUSY, ErrorCode.FAILED})
"""Errors of this service, which are logged as such."""
_PASSING: Final = frozenset({ErrorCode.IN_PROGRESS, ErrorCode.SLOW})
"""Refusals that pass by themselves: counted only."""

log = structlog.get_logger()
REFUSED = Counter(
    "yizhan_bank_pushes_refused", "Pushes of the bank that were refused, by reason", ["reason"]
)
for _code in ErrorCode:
    if _code not in OURS:
        REFUSED.labels(_code)


class Refusals:
    """What is remembered of the last refusals, by reason."""

    def __init__(self, store: Store, keys: Keyring, limiter: LogLimiter | None = None) -> None:
        self._store = store
        self._keys = keys
        self._limiter = limiter or LogLimiter()
        self._latest: dict[ErrorCode, deque[datetime]] = {}

    async def record(self, code: ErrorCode, now: datetime) -> None:
        """Counts one; never raises."""
        if code in OURS:
            return
        REFUSED.labels(code).inc()
        if code in _PASSING:
            return
        if count := self._limiter.due(code):
            log.warning("api.refused", reason=code.value, count=count)
        latest = self._latest.setdefault(code, deque(maxlen=BURST))
        latest.append(now)
        if len(latest) == BURST and latest[-1] - latest[0] <= WINDOW:
            latest.clear()
            await self._note(code, now)

    async def _note(self, code: ErrorCode, now: datetime) -> None:
        day = now.astimezone(CHINA).date().isoformat()
        key = f"{NoteKind.BANK_PUSH}:{code}:{day}"
        try:
            async with self._store.writing() as db:
                await notes.write(db, self._keys, NoteKind.BANK_PUSH, key, {"reason": code}, now)
        except Exception as error:  # noqa: BLE001 - the bank gets its answer all the same
            log.error("api.note_failed", **error_fields(error))  # noqa: TRY400
