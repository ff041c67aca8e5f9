"""The console's two cookies: the session's token, and a notice for the next page."""

from typing import Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from bot.services.operators.sessions import LIFETIME

NOTICE_SECONDS: Final = 60
NOTICE_LENGTH: Final = 300


def session_token(request: Request, *, secure: bool) -> str:
    """The token that the browser holds; "" without one."""
    return request.cookies.get(_name("session", secure=secure), "")


def set_session(response: Response, token: str, *, secure: bool) -> None:
    """The browser holds the token until the session is over at the latest."""
    seconds = int(LIFETIME.total_seconds())
    _set(response, _name("session", secure=secure), token, seconds, secure=secure)


def delete_session(response: Response, *, secure: bool) -> None:
    """The browser forgets the token."""
    _set(response, _name("session", secure=secure), "", 0, secure=secure)


def notice(request: Request, *, secure: bool) -> str:
    """What the page should say on top; "" if nothing."""
    return unquote(request.cookies.get(_name("notice", secure=secure), ""))[:NOTICE_LENGTH]


def set_notice(response: Response, text: str, *, secure: bool) -> None:
    """The next page says it on top."""
    seconds = NOTICE_SECONDS if text else 0
    name = _name("notice", secure=secure)
    _set(response, name, quote(text[:NOTICE_LENGTH]), seconds, secure=secure)


def _name(what: str, *, secure: bool) -> str:
    return f"__Host-yizhan-{what}" if secure else f"yizhan-{what}"


def _set(response: Response, name: str, value: str, seconds: int, *, secure: bool) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )
