"""How fast one channel may be written to first, counted on a monotonic clock.

Telegram allows "about 30 a second" in all and one a second to a chat, and does not say exactly
(https://core.telegram.org/bots/faq#broadcasting-to-users). A 429 stops the chat that it was for;
only where several chats get one in a short time everything stops, and never for longer than a
minute, so that one mistaken answer silences nobody else. A broadcast gets only its share, so that
it never delays a reminder, and leaves room for the answers of every replica, which nobody here
counts.
"""

from collections import deque
from collections.abc import Callable

from bot.common.rate_limit import TokenBucket

LONGEST_PAUSE = 60.0  # seconds for which everything stops, whatever a platform asks for
LONGEST_CHAT_PAUSE = 300.0  # seconds for one chat
WIDESPREAD = 3  # chats that were asked to wait within `RECENT` seconds: then it is meant for all
RECENT = 10.0

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
        self._throttled: dict[int, tuple[float, float]] = {}

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
        spaced = 0.0 if last is None else last + self.per_chat - now
        _, until = self._throttled.get(chat, (0.0, now))
        return max(0.0, spaced, until - now)

    def throttle(self, chat: int, seconds: float) -> bool:
        """The platform asks to wait so long before that chat is written to again.

        True if so many chats were asked lately that now everything stops.
        """
        now = self._monotonic()
        known = self._throttled.items()
        kept = {one: (at, until) for one, (at, until) in known if until > now or at > now - RECENT}
        kept[chat] = (now, now + min(seconds, LONGEST_CHAT_PAUSE))
        self._throttled = kept
        widespread = sum(at > now - RECENT for at, _ in kept.values()) >= WIDESPREAD
        if widespread:
            self.pause(seconds)
        return widespread

    @property
    def throttled_chats(self) -> int:
        """How many chats were asked to wait and still do."""
        now = self._monotonic()
        return sum(until > now for _, until in self._throttled.values())

    def pause(self, seconds: float) -> None:
        """Sends nothing for so long, a minute at most, and begins again without a burst."""
        now = self._fill()
        self._paused_until = max(self._paused_until, now + min(seconds, LONGEST_PAUSE))
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
