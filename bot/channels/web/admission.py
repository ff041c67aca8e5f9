"""Who may connect, how many at once and how fast: the little that a public socket needs."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may do. `frame_bytes` admits 10,000 Chinese characters and no more.

    `burst` and `per_second` count the frames of one visitor; what counts those of one IP address is
    generous, because a mobile carrier shows many couriers under one. `heartbeat` and `patience`
    (for a notice to be acknowledged) are in seconds.
    """

    frame_bytes: int = 40_000
    burst: int = 20
    per_second: float = 2.0
    client_burst: int = 400
    client_per_second: float = 40.0
    remembered: int = 10_000
    sockets_per_client: int = 100
    sockets: int = 5_000
    heartbeat: float = 20.0
    patience: float = 5.0


@dataclass(slots=True)
class TokenBucket:
    """Counts frames; `monotonic` in seconds."""

    burst: int
    per_second: float
    monotonic: Callable[[], float]
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = self.burst
        self._at = self.monotonic()

    def wait(self) -> float:
        """Takes a token; 0, or the seconds until the same frame would be taken.

        Frames that come too soon are charged as well, or hammering would cost nothing; but no more
        than a second burst, or who shares an address with a hammerer would wait for hours.
        """
        now = self.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        self._tokens = max(self._tokens - 1, -self.burst)
        return max(0.0, -self._tokens / self.per_second)

    @property
    def abusive(self) -> bool:
        """Whether a whole second burst came after the refusals began: no page of ours does that."""
        return self._tokens <= -self.burst


class Buckets:
    """One bucket for each visitor or address: a new connection does not fill it again."""

    def __init__(
        self, burst: int, per_second: float, monotonic: Callable[[], float], remembered: int
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._monotonic = monotonic
        self._remembered = remembered
        self._known: OrderedDict[str, TokenBucket] = OrderedDict()

    def of(self, whose: str) -> TokenBucket:
        """Theirs, or a full one; those asked for longest ago are forgotten."""
        bucket = self._known.pop(whose, None)
        if bucket is None:
            bucket = TokenBucket(self._burst, self._per_second, self._monotonic)
        self._known[whose] = bucket
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return bucket


class ConnectionLimiter:
    """Counts open sockets in all and by client."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_client: Counter[str] = Counter()

    def enter(self, client: str) -> bool:
        """Whether there is room for one more; if so, it is counted until `leave`."""
        full = self._by_client.total() >= self._limits.sockets
        if full or self._by_client[client] >= self._limits.sockets_per_client:
            return False
        self._by_client[client] += 1
        return True

    def leave(self, client: str) -> None:
        """Forgets one socket of that client."""
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]


def is_own_page(request: web.Request, origins: frozenset[str]) -> bool:
    """Whether a page of ours opened this socket: browsers always send Origin and never forge it.

    Without this check any site that a courier visits could talk in their name.
    """
    origin = request.headers.get("Origin", "")
    if origin.lower() in origins:
        return True
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc == request.host.lower() != ""
