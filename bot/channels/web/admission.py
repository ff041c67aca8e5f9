"""Who may open a WebSocket: the Origin check, and limits by visitor and by IP address."""

from collections import Counter
from urllib.parse import urlsplit

from aiohttp import web

from bot.common.values import value


@value
class Limits:
    """What one client may do. `frame_bytes` admits 10,000 Chinese characters and no more.

    `burst` and `per_second` limit the frames of one visitor. `client_burst` and
    `client_per_second` limit those that are accepted from one IP address (IPv6: a /64 network);
    they are generous, because a mobile carrier shows many couriers under one. The last quarter of
    that burst is left to one frame of each visitor in `guaranteed` seconds: all sockets of an
    address together cannot use it up, so a flood slows itself down and not its neighbours.
    `newcomers_burst` and `newcomers_per_second` limit how many
    visitors an address may make up: what is stored for each of them is bounded, see
    `bot.conversation.repository`. `hello` (until the first frame), `heartbeat` and
    `acknowledgement` (of a notice) are in seconds.
    """

    frame_bytes: int = 40_000
    burst: int = 20
    per_second: float = 2.0
    client_burst: int = 400
    client_per_second: float = 40.0
    guaranteed: float = 5.0
    newcomers_burst: int = 200
    newcomers_per_second: float = 1 / 60
    remembered: int = 10_000
    sockets_per_visitor: int = 10
    sockets_per_client: int = 100
    sockets: int = 5_000
    hello: float = 10.0
    heartbeat: float = 20.0
    acknowledgement: float = 5.0


class ConnectionLimiter:
    """Limits open sockets, in total and for each IP address."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_client: Counter[str] = Counter()

    def enter(self, client: str) -> bool:
        """Whether one more may be open; if so, it is counted until `leave`."""
        full = self._by_client.total() >= self._limits.sockets
        if full or self._by_client[client] >= self._limits.sockets_per_client:
            return False
        self._by_client[client] += 1
        return True

    def leave(self, client: str) -> None:
        """One socket of that client was closed."""
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]


def is_own_page(request: web.Request, origins: frozenset[str]) -> bool:
    """Whether a page of ours opens this socket: browsers always send Origin and never forge it.

    Without this check any site that a courier visits could send messages in their name.
    """
    origin = request.headers.get("Origin", "")
    if origin.lower() in origins:
        return True
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc == request.host.lower() != ""
