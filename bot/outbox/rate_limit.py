"""How fast one channel may be written to first, counted on a monotonic clock.

Telegram allows "about 30 a second" in all and one a second to a chat, and does not say exactly
(https://core.telegram.org/bots/faq#broadcasting-to-users): a 429 therefore stops everything for as
long as it asks. A broadcast gets only its share, so that it never delays a reminder, and leaves
room for the answers of every replica, which nobody here counts.
"""

from collections import deque
from collections.abc import Callable

from bot.common.rate_limit import TokenBucket

MonotonicClock = Callable[[], float]
"""Seconds on a clock that never jumps."""


class RateLimiter:
    """`rate` messages a second in all; broadcasts use `rate - reserve` of it. `per_chat`: seconds
    between two messages to the same chat. After a pause at most `burst` seconds' worth go at once.
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
        self._monotonic = monotonic
        self.per_chat = per_chat
        share = rate - reserve
        self._whole = TokenBucket(max(1.0, rate * burst), rate, monotonic)
        self._share = TokenBucket(max(1.0, share * burst), share, monotonic)
        self._paused_until = monotonic()
        self._recent: dict[int, float] = {}
        self._order: deque[tuple[float, int]] = deque()

    def room(self, *, urgent: bool) -> int:
        """How many messages may go now."""
        now = self._fill()
        if now < self._paused_until:
            return 0
        tokens = self._whole.tokens if urgent else min(self._whole.tokens, self._share.tokens)
        return max(0, int(tokens + 1e-9))

    def spend(self, chat: int, *, urgent: bool) -> None:
        """Counts one message to that chat."""
        now = self._fill()
        self._whole.tokens -= 1
        if not urgent:
            self._share.tokens -= 1
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
            bucket.tokens = min(bucket.tokens, 0.0)
            bucket.at = max(bucket.at, self._paused_until)

    @property
    def paused(self) -> float:
        """Seconds that a pause still lasts."""
        return max(0.0, self._paused_until - self._monotonic())

    def _fill(self) -> float:
        now = self._monotonic()
        for bucket in (self._whole, self._share):
            bucket.fill()
        while self._order and self._order[0][0] <= now - self.per_chat:
            at, chat = self._order.popleft()
            if self._recent.get(chat) == at:
                del self._recent[chat]
        return now
