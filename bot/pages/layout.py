"""How these pages look and what headers they have; no script, nothing from another host."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.common.i18n import Languages, Translator

STYLE: Final = "/pages/page.css"
_STATIC: Final = Path(__file__).parent / "static"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def guarded(headers: dict[str, str] | None = None) -> dict[str, str]:
    """The headers of every answer here, and these."""
    return {**_HEADERS, **(headers or {})}


def page(t: Translator, title: str, body: str, status: int = 200) -> web.Response:
    """A whole page around `body`, which is HTML whose texts are escaped already."""
    language = "zh-CN" if t.locale == "zh_CN" else t.locale.replace("_", "-")
    whole = (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">\n'
        f'<link rel="stylesheet" href="{STYLE}">\n</head>\n<body>\n'
        '<header><img src="/static/icon.svg" alt="" width="44" height="44">'
        f"<p>驿站小助手</p></header>\n"
        f"<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return web.Response(
        text=whole, status=status, content_type="text/html", charset="utf-8", headers=guarded()
    )


def said(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>"


def language_of(request: web.Request, languages: Languages) -> Translator:
    """The browser's first language, else Chinese."""
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return languages.of(None, first or None)


def style_route() -> web.RouteDef:
    """The style sheet. Raises `FileNotFoundError` at start if the package is incomplete."""
    body = (_STATIC / "page.css").read_bytes()

    async def style(_request: web.Request) -> web.Response:
        headers = guarded({"Cache-Control": "max-age=3600"})
        return web.Response(body=body, content_type="text/css", charset="utf-8", headers=headers)

    return web.get(STYLE, style)


@dataclass(slots=True)
class PerClientRateLimiter:
    """So many requests of one client at once, and so many a second after that.

    Generous, because a mobile carrier shows many couriers under one address: what keeps numbers
    and links from being guessed is their length. `monotonic` in seconds.
    """

    monotonic: Callable[[], float]
    burst: int = 30
    per_second: float = 0.5
    clients: int = 10_000
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def opens(self, client: str) -> bool:
        """Whether this request may pass; the clients seen longest ago are forgotten."""
        now = self.monotonic()
        level, at = self._levels.pop(client, (float(self.burst), now))
        level = min(self.burst, level + (now - at) * self.per_second)
        passes = level >= 1
        self._levels[client] = (level - 1 if passes else level, now)
        while len(self._levels) > self.clients:
            self._levels.popitem(last=False)
        return passes
