"""Who may connect, how many at once and how fast: the little that a public socket needs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may do. `frame_bytes` admits 10,000 Chinese characters and no more.

    `sockets_per_client` is generous, because a mobile carrier shows many couriers under one IP
    address. `heartbeat` and `patience` (for a notice to be acknowledged) are in seconds.
    """

    frame_bytes: int = 40_000
    burst: int = 20
    per_second: float = 2.0
    sockets_per_client: int = 100
    sockets: int = 5_000
    heartbeat: float = 20.0
    patience: float = 5.0


@dataclass(slots=True)
class TokenBucket:
    """Counts frames of one connection; `monotonic` in seconds."""

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

        Frames that come too soon are charged as well, or hammering would cost nothing.
        """
        now = self.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        self._tokens -= 1
        return max(0.0, -self._tokens / self.per_second)

    @property
    def hammered(self) -> bool:
        """Whether a whole second burst came after the refusals began: no page of ours does that."""
        return self._tokens <= -self.burst


class Crowd:
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


def client_of(request: web.Request, proxies: int) -> str:
    """The IP address of the client, seen through this many reverse proxies of our own.

    Each of ours appends the address it saw; whatever stands further left the client may have made
    up.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return hops[-proxies]
    return request.remote or ""
