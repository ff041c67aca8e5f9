"""The page and its static files, read when first asked for and then served from memory.

The headers are strict: nothing may be loaded from another host, and the HTML holds no inline script
or style, so that the text of an answer can never become code.
"""

import csv
import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Final

import orjson
from aiohttp import web
from multidict import CIMultiDict

from bot.common.values import value
from bot.data import DATA

STATIC: Final = Path(__file__).parent / "static"
PLACES_URL: Final = "/static/places.json"

MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".geojson": "application/geo+json",
    ".json": "application/json",
    "": "text/plain; charset=utf-8",
}

_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?")


@value
class Asset:
    """A file to be served; `gzipped` only where that makes it smaller."""

    body: bytes
    gzipped: bytes | None
    media_type: str
    etag: str
    cache: str


def page_routes() -> list[web.RouteDef]:
    """`GET /` and one route for each file under `/static/`: no path ever reaches the file system.

    Raises `FileNotFoundError` at start if the package is incomplete.
    """
    return [web.get(url, _serve(url)) for url in _files()]


@cache
def _files() -> Mapping[str, Path]:
    """The file of each URL."""
    files = {
        f"/static/{path.relative_to(STATIC).as_posix()}": path
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }
    files.pop("/static/index.html", None)
    files["/"] = STATIC / "index.html"
    files["/static/leagues.geojson"] = DATA / "leagues.geojson"
    files[PLACES_URL] = DATA / "places.csv"
    return {url: path.resolve(strict=True) for url, path in files.items()}


def places(table: str) -> bytes:
    """The divisions of `places.csv` as JSON rows `[adcode, adcode of the league, name, short name,
    lat, lon]`, leagues first."""
    rows = sorted(csv.DictReader(StringIO(table)), key=lambda row: row["kind"] != "league")
    names = ("adcode", "league", "name", "short")
    return orjson.dumps(
        [[*(row[column] for column in names), float(row["lat"]), float(row["lon"])] for row in rows]
    )


@cache
def _asset(url: str) -> Asset:
    """What is served there; read and compressed once in a process."""
    body = _files()[url].read_bytes()
    if url == PLACES_URL:
        body = places(body.decode())
    gzipped = gzip.compress(body, mtime=0)
    # A folder with a version in its name never changes; our own files are revalidated each time,
    # so that a page and its scripts are always of one deploy.
    versioned = re.search(r"-\d+\.\d+\.\d+/", url)
    suffix = Path(url).suffix or (".html" if url == "/" else "")
    return Asset(
        body,
        gzipped if len(gzipped) < 0.9 * len(body) else None,
        MEDIA_TYPES[suffix],
        f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        "public, max-age=31536000, immutable" if versioned else "no-cache",
    )


def _serve(url: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        asset = _asset(url)
        headers = CIMultiDict(
            {
                "Cache-Control": asset.cache,
                "Content-Security-Policy": content_policy(request.host),
                "Cross-Origin-Opener-Policy": "same-origin",
                "ETag": asset.etag,
                "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
                "Referrer-Policy": "no-referrer",
                "Vary": "Accept-Encoding",
                "X-Content-Type-Options": "nosniff",
            }
        )
        if asset.etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = asset.media_type
        body = asset.body
        if asset.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = asset.gzipped
        return web.Response(body=body, headers=headers)

    return serve


def content_policy(host: str) -> str:
    """The Content-Security-Policy: the page's own host only, and pictures sent in an answer.

    The socket is named besides 'self', which Safari before 15.4 does not apply to WebSockets.
    """
    socket = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"connect-src 'self'{socket}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
