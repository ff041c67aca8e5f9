"""How fast one channel may be written to first, counted on a monotonic clock.

Telegram allows "about 30 a second" in all and one a second to a chat, and does not say exactly
(https://core.telegram.org/bots/faq#broadcasting-to-users): a 429 therefore stops everything for as
long as it asks. A broadcast gets only its share, so that it never delays a reminder, and leaves
room for the answers of every replica, which nobody here counts.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MonotonicClock = Callable[[], float]
"""Seconds on a clock that never jumps."""


@dataclass(slots=True)
class _Bucket:
    rate: float
    size: float
    level: float
    at: float

    def fill(self, now: float) -> None:
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now


class RateLimiter:
    """`rate` messages a second in all; broadcasts use `rate - reserve` of it. `per_chat`: seconds
    between two messages to the same chat. After a rest at most `burst` seconds' worth go at once.
    """

    def __init__(
        self,
        monotonic: MonotonicClock,
        *,
        rate: float = 30.0,
        reserve: float = 5.0,
        per_chat: float = 1.0,
        burst: float = 0.5,
    ) -> None:
        now = monotonic()
        self._steady = monotonic
        self.per_chat = per_chat
        self._whole = _Bucket(rate, max(1.0, rate * burst), max(1.0, rate * burst), now)
        share = rate - reserve
        self._share = _Bucket(share, max(1.0, share * burst), max(1.0, share * burst), now)
        self._paused_until = now
        self._recent: dict[int, float] = {}
        self._order: deque[tuple[float, int]] = deque()

    def room(self, *, urgent: bool) -> int:
        """How many messages may go now."""
        now = self._fill()
        if now < self._paused_until:
            return 0
        level = self._whole.level if urgent else min(self._whole.level, self._share.level)
        return max(0, int(level + 1e-9))

    def spend(self, chat: int, *, urgent: bool) -> None:
        """Counts one message to that chat."""
        now = self._fill()
        self._whole.level -= 1
        if not urgent:
            self._share.level -= 1
        self._recent[chat] = now
        self._order.append((now, chat))

    def chat_wait(self, chat: int) -> float:
        """Seconds until that chat may be written to again."""
        now = self._fill()
        last = self._recent.get(chat)
        return 0.0 if last is None else max(0.0, last + self.per_chat - now)

    def pause(self, seconds: float) -> None:
        """Sends nothing for so long, and begins again without a burst."""
        now = self._fill()
        self._paused_until = max(self._paused_until, now + seconds)
        for bucket in (self._whole, self._share):
            bucket.level = min(bucket.level, 0.0)
            bucket.at = max(bucket.at, self._paused_until)

    @property
    def paused(self) -> float:
        """Seconds that a pause still lasts."""
        return max(0.0, self._paused_until - self._steady())

    def _fill(self) -> float:
        now = self._steady()
        for bucket in (self._whole, self._share):
            if now > bucket.at:
                bucket.fill(now)
        while self._order and self._order[0][0] <= now - self.per_chat:
            at, chat = self._order.popleft()
            if self._recent.get(chat) == at:
                del self._recent[chat]
        return now
