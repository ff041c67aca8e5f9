"""What every request passes: security headers, the origin of a POST, the token of a form."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.common.http_requests import client_behind

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",  # with no-referrer the Origin of a form may be null
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CSRF_FIELD: Final = "csrf"


class SecurityHeaders:
    """Adds `HEADERS` to every response; pages are not cached unless they say so."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self._secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_same_origin(request: Request) -> bool:
    """Whether a page of ours sent it. Without `Sec-Fetch-Site` the `Origin` must be our host."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host", "")


def csrf_token(session_token: str) -> str:
    """What the forms of a session carry."""
    return hmac.new(session_token.encode(), b"console.csrf", sha256).hexdigest()


def is_token(session_token: str, given: object) -> bool:
    """Whether a form carries the token of this session."""
    expected = csrf_token(session_token).encode()
    return isinstance(given, str) and hmac.compare_digest(expected, given.encode())


def client_of(request: Request, proxies: int) -> str:
    """The client's network, through this many reverse proxies of our own."""
    remote = request.client.host if request.client else None
    return client_behind(request.headers.getlist("x-forwarded-for"), remote, proxies)
