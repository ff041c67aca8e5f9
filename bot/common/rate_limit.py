"""Token buckets: how many events a client may cause at once, and how many a second after that."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class TokenBucket:
    """Holds at most `burst` tokens and gains `per_second`; `monotonic` in seconds."""

    burst: float
    per_second: float
    monotonic: Callable[[], float]
    tokens: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.burst
        self.at = self.monotonic()

    def fill(self) -> None:
        """Adds the tokens gained since the last call."""
        now = self.monotonic()
        if now > self.at:
            self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
            self.at = now

    def take(self, reserve: float = 0.0) -> bool:
        """Takes a token if more than `reserve` are left; a refusal costs nothing."""
        return self.delay(reserve) == 0

    def delay(self, reserve: float = 0.0) -> float:
        """Takes a token and returns 0, or takes none and returns the seconds until there is one.

        `reserve` is how many are to be left for others.
        """
        self.fill()
        missing = 1 + reserve - self.tokens
        if missing > 0:
            return missing / self.per_second
        self.tokens -= 1
        return 0.0

    def wait(self) -> float:
        """Takes a token; 0, or the seconds until the same event would be accepted.

        Refused events are charged as well, or flooding would cost nothing; but no more than a
        second burst, or who shares an address with an abuser would wait for hours.
        """
        self.fill()
        self.tokens = max(self.tokens - 1, -self.burst)
        return max(0.0, -self.tokens / self.per_second)

    @property
    def abusive(self) -> bool:
        """Whether a whole second burst came after the refusals began: no page of ours does that."""
        return self.tokens <= -self.burst


class Buckets:
    """One bucket for each client, so that a new connection does not fill it again.

    `client in buckets`: whether it has one; one used too long ago is forgotten.
    """

    def __init__(
        self, burst: float, per_second: float, monotonic: Callable[[], float], remembered: int
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._monotonic = monotonic
        self._remembered = remembered
        self._known: OrderedDict[str, TokenBucket] = OrderedDict()

    def __contains__(self, client: str) -> bool:
        return client in self._known

    def of(self, client: str) -> TokenBucket:
        """The client's bucket, or a full one; the least recently used are dropped."""
        bucket = self._known.pop(client, None)
        if bucket is None:
            bucket = TokenBucket(self._burst, self._per_second, self._monotonic)
        self._known[client] = bucket
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return bucket
