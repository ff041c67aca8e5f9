"""The HTML around each page, its style sheet and security headers; no script, no other host."""

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


def with_security_headers(headers: dict[str, str] | None = None) -> dict[str, str]:
    """The headers of every response here, and these."""
    return {**_HEADERS, **(headers or {})}


def page(t: Translator, title: str, body: str, status: int = 200) -> web.Response:
    """A page around `body`, which is HTML whose texts are escaped already."""
    language = "zh-CN" if t.locale == "zh_CN" else t.locale.replace("_", "-")
    html = (
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
        text=html,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers=with_security_headers(),
    )


def paragraph(text: str) -> str:
    """A paragraph with this text, escaped."""
    return f"<p>{escape(text)}</p>"


def language_of(request: web.Request, languages: Languages) -> Translator:
    """The browser's first language, else Chinese."""
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return languages.of(None, first or None)


def style_route() -> web.RouteDef:
    """The style sheet. Raises `FileNotFoundError` at start if the package is incomplete."""
    body = (_STATIC / "page.css").read_bytes()

    async def style(_request: web.Request) -> web.Response:
        headers = with_security_headers({"Cache-Control": "max-age=3600"})
        return web.Response(body=body, content_type="text/css", charset="utf-8", headers=headers)

    return web.get(STYLE, style)
