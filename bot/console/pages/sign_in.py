"""Signing in and out."""

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.common.i18n import Translator
from bot.console import cookies, guard
from bot.console.parts import Parts
from bot.console.rendering import render
from bot.console.visits import Visit, post, visit_of
from bot.services.operators import sessions
from bot.services.operators.sessions import SignInFault, SignInRefused

LARGEST: Final = 8192
"""Bytes of the form."""


async def show(request: Request) -> Response:
    """The form, or the pages for somebody who is signed in."""
    if await visit_of(request) is not None:
        return RedirectResponse("/", 303)
    return _form(request, _own_path(request.query_params.get("to", "")))


async def sign_in(request: Request) -> Response:
    """Begins a session. There is none yet, so no token either: the origin has to be ours."""
    parts: Parts = request.app.state.parts
    length = request.headers.get("content-length", "")
    if not guard.is_same_origin(request) or not length.isdecimal() or int(length) > LARGEST:
        return _form(request, "", SignInFault.WRONG, status=403)
    async with request.form(max_files=0, max_fields=8) as form:
        name, password, code, to = (
            str(form.get(field, "")) for field in ("name", "password", "code", "to")
        )
    network = guard.client_of(request, parts.settings.proxies)
    try:
        token = await sessions.sign_in(
            parts.store, parts.keys, name, password, code, network, parts.clock()
        )
    except SignInRefused as refused:
        status = 429 if refused.fault is SignInFault.LOCKED else 422
        return _form(request, _own_path(to), refused.fault, name=name, status=status)
    response = RedirectResponse(_own_path(to) or "/", 303)
    cookies.set_session(response, token, secure=parts.secure)
    return response


async def sign_out(visit: Visit) -> Response:
    """Ends the session, here and in the table."""
    await sessions.sign_out(visit.parts.store, visit.token)
    response = visit.redirect("/sign-in")
    cookies.delete_session(response, secure=visit.parts.secure)
    return response


ROUTES: Final[list[BaseRoute]] = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    post("/sign-out", None, sign_out),
]


def _form(
    request: Request, to: str, fault: SignInFault | None = None, name: str = "", status: int = 200
) -> Response:
    parts: Parts = request.app.state.parts
    t = parts.wording.of(parts.settings.locale or None, None)
    error = "" if fault is None else _words(t, fault)
    values = {
        "to": to,
        "error": error,
        "name": name[:40],
        "code_missing": fault is SignInFault.CODE,
    }
    return HTMLResponse(render("sign_in.html", t, values), status)


def _words(t: Translator, fault: SignInFault) -> str:
    match fault:
        case SignInFault.WRONG:
            return t("Name, password or code is not right.")
        case SignInFault.CODE:
            return t("Write the password again, and the code that your authenticator app shows.")
        case SignInFault.LOCKED:
            return t("Too many wrong tries. Please try again in 15 minutes.")


def _own_path(text: str) -> str:
    """A path of this site, or "": never another site's address."""
    is_own = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_own and text.isprintable() and "\\" not in text else ""
