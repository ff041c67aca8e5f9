"""The console as an ASGI application."""

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.common.redaction import error_fields
from bot.console import rendering, site_map
from bot.console.guard import SecurityHeaders
from bot.console.parts import Parts

log = structlog.get_logger()
LARGEST_BODY = 25 * 1024 * 1024
"""Bytes of any request."""


class _Assets(StaticFiles):
    """Files whose address changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept by the browser."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_console(parts: Parts) -> Starlette:
    """All pages over one installation; nothing listens yet."""
    app = Starlette(
        routes=[
            Route("/healthz", _alive),
            Mount("/static", _Assets(directory=rendering.STATIC)),
            *site_map.routes(),
        ],
        middleware=[
            Middleware(SecurityHeaders, secure=parts.secure),
            Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.parts = parts
    app.state.navigation = site_map.NAVIGATION
    return app


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _refused(request: Request, error: Exception) -> Response:
    """No such page, or a method that it does not have."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _plain(request, status)


async def _failed(request: Request, error: Exception) -> Response:
    """Something unforeseen, logged by kind and place, never by value."""
    log.error("console.failed", path=request.url.path, **error_fields(error))
    return _plain(request, 500)


def _plain(request: Request, status: int) -> Response:
    parts: Parts = request.app.state.parts
    t = parts.wording.of(parts.settings.locale or None, None)
    return HTMLResponse(rendering.render("plain_error.html", t, {"status": status}), status)
