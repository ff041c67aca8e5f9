"""The HTML around each page, its style sheet and security headers; nothing from another host.

Pages have no script but the keeper's, which fetches from this host only.
"""

from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.common.i18n import Languages, Translator

STYLE: Final = "/pages/page.css"
_STATIC: Final = Path(__file__).parent / "static"
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_SCRIPT_POLICY: Final = f"{_POLICY}; script-src 'self'; connect-src 'self'"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def with_security_headers(headers: dict[str, str] | None = None) -> dict[str, str]:
    """The headers of every response here, and these."""
    return {**_HEADERS, **(headers or {})}


def page(
    t: Translator, title: str, body: str, status: int = 200, *, script: str = "", style: str = ""
) -> web.Response:
    """A page around `body`, which is HTML whose texts are escaped already.

    `script` and `style`: URLs of this host that it loads besides, "" for none.
    """
    loaded = f'<link rel="stylesheet" href="{style}">\n' if style else ""
    loaded += f'<script src="{script}" defer></script>\n' if script else ""
    language = "zh-CN" if t.locale == "zh_CN" else t.locale.replace("_", "-")
    html = (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">\n'
        f'<link rel="stylesheet" href="{STYLE}">\n{loaded}</head>\n<body>\n'
        '<header><img src="/static/icon.svg" alt="" width="44" height="44">'
        f"<p>驿站小助手</p></header>\n"
        f"<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return web.Response(
        text=html,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers=with_security_headers(
            {"Content-Security-Policy": _SCRIPT_POLICY} if script else None
        ),
    )


def paragraph(text: str) -> str:
    """A paragraph with this text, escaped."""
    return f"<p>{escape(text)}</p>"


def language_of(request: web.Request, languages: Languages) -> Translator:
    """The browser's first language, else Chinese."""
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return languages.of(None, first or None)


def static_route(url: str, media_type: str = "text/css") -> web.RouteDef:
    """A file of this package. Raises `FileNotFoundError` at start if the package is incomplete."""
    body = (_STATIC / url.rpartition("/")[2]).read_bytes()

    async def respond(_request: web.Request) -> web.Response:
        headers = with_security_headers({"Cache-Control": "max-age=3600"})
        return web.Response(body=body, content_type=media_type, charset="utf-8", headers=headers)

    return web.get(url, respond)
