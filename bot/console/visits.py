"""One request of a signed-in operator, and the routes that hand it to a page.

`get` and `post` are the only ways to a page: they check the session, the right, and of a POST the
origin and the form's token, before the page is called.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import wraps
from typing import Final, TypeAlias
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.common.i18n import Translator
from bot.common.values import value
from bot.console import cookies, guard
from bot.console.navigation import Navigation
from bot.console.parts import Parts
from bot.console.rendering import render
from bot.services.operators import audit, sessions
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Right
from bot.services.operators.sessions import Session

log = structlog.get_logger()
MAX_FIELDS: Final = 400
LARGEST_FORM: Final = 512 * 1024
"""Bytes of a form without a file."""
ACCOUNT_PATHS: Final = frozenset({"/account/password", "/sign-out"})
"""What is open to somebody who has a one-time password still."""
POLLING: Final = "x-polling"
"""The header of what an open page asks for by itself, in the `hx-headers` of its template."""


class NotThere(Exception):
    """Nothing has this address: the page says so with 404."""


@value
class Visit:
    """A request of `operator` at `now`; `t` words the page. `form` is empty unless it is a POST."""

    request: Request
    parts: Parts
    session: Session
    token: str
    now: datetime
    navigation: Navigation
    t: Translator
    form: FormData = field(default_factory=FormData)

    @property
    def operator(self) -> Operator:
        """Who is signed in."""
        return self.session.operator

    @property
    def bot_words(self) -> Translator:
        """The sentences of the chat and the command line, in the language of this page."""
        return self.parts.languages.of(self.t.locale, None)

    def has_page(self, address: str) -> bool:
        """Whether the menu of this operator leads there."""
        return any(
            one.address == address and self.operator.may(one.right) for one in self.navigation.items
        )

    def path(self, name: str) -> str:
        """A parameter of the address."""
        return without_nul(str(self.request.path_params[name]))

    def query(self, name: str, usual: str = "") -> str:
        """A value after the `?`, without spaces around."""
        return without_nul(self.request.query_params.get(name, usual)).strip()

    def field(self, name: str, usual: str = "") -> str:
        """A text of the form, without spaces around."""
        value = self.form.get(name, usual)
        return without_nul(value).strip() if isinstance(value, str) else usual

    def fields(self, name: str) -> list[str]:
        """All texts of that name: ticked boxes, repeated lines."""
        return [without_nul(one) for one in self.form.getlist(name) if isinstance(one, str)]

    def file(self, name: str) -> UploadFile | None:
        """A file of the form, if one was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    @property
    def wants_fragment(self) -> bool:
        """Whether htmx asks for a part of the page."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-boosted" not in headers

    def render(
        self, template: str, values: Mapping[str, object] | None = None, status: int = 200
    ) -> Response:
        """The page. 422: the form was not accepted; 409: somebody else was faster."""
        html = render(template, self.t, {**self._frame(), **(values or {})})
        response = HTMLResponse(html, status)
        if self._notice():
            cookies.set_notice(response, "", secure=self.parts.secure)
        return response

    def redirect(self, address: str, notice: str = "") -> Response:
        """303 to a page of ours, which says `notice` on top. For every POST that did something."""
        response = RedirectResponse(address, 303)
        if notice:
            cookies.set_notice(response, notice, secure=self.parts.secure)
        return response

    def _notice(self) -> str:
        return cookies.notice(self.request, secure=self.parts.secure)

    def _frame(self) -> dict[str, object]:
        return {
            "operator": self.operator,
            "visit": self,
            "csrf": guard.csrf_token(self.token),
            "notice": self._notice(),
            "now": self.now,
            "menu": self.navigation.of(self.operator, self.request.url.path, self.t),
            "leagues": [
                self.parts.places.by_adcode[one].name for one in sorted(self.operator.leagues)
            ],
        }


Page: TypeAlias = Callable[[Visit], Awaitable[Response]]


def get(path: str, right: Right | None, page: Page) -> Route:
    """A page that is looked at. `right` None: every role may."""
    return Route(path, _guarded(page, right), methods=["GET"], name=_name(page))


def post(
    path: str,
    right: Right | None,
    page: Page,
    *,
    max_files: int = 0,
    largest: int = LARGEST_FORM,
) -> Route:
    """A change. With `max_files` say how many bytes the whole form may have."""
    guarded = _guarded(page, right, max_files=max_files, largest=largest)
    return Route(path, guarded, methods=["POST"], name=_name(page))


def _guarded(
    page: Page, right: Right | None, *, max_files: int = 0, largest: int = LARGEST_FORM
) -> Callable[[Request], Awaitable[Response]]:
    @wraps(page)
    async def respond(request: Request) -> Response:
        visit = await visit_of(request)
        if visit is None:
            return signed_out(request)
        if visit.session.must_change and request.url.path not in ACCOUNT_PATHS:
            return visit.redirect("/account/password")
        try:
            if right is not None:
                visit.operator.require(right)
            if request.method != "POST":
                return await page(visit)
            return await _posted(visit, page, max_files, largest)
        except NotAllowed as refused:
            await _log_refusal(visit, refused)
            return visit.render("refused.html", {"refused": refused}, 403)
        except NotThere:
            return visit.render("missing.html", status=404)

    return respond


async def _posted(visit: Visit, page: Page, max_files: int, largest: int) -> Response:
    """The page with a form whose origin and token are ours, or 403."""
    request = visit.request
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > largest:
        return visit.render("too_large.html", {"most": largest}, 413)
    if not guard.is_same_origin(request):
        return visit.render("expired.html", status=403)
    async with request.form(
        max_files=max_files, max_fields=MAX_FIELDS, max_part_size=largest
    ) as form:
        if not guard.is_token(visit.token, form.get(guard.CSRF_FIELD)):
            return visit.render("expired.html", status=403)
        return await page(replace(visit, form=form))


async def visit_of(request: Request) -> Visit | None:
    """The request of somebody who is signed in, else None."""
    parts: Parts = request.app.state.parts
    token = cookies.session_token(request, secure=parts.secure)
    now = parts.clock()
    if not token:
        return None
    by_person = POLLING not in request.headers
    found = await sessions.session(parts.store, token, now, by_person=by_person)
    if found is None:
        return None
    t = parts.wording.of(parts.settings.locale or None, None)
    return Visit(request, parts, found, token, now, request.app.state.navigation, t)


def without_nul(text: str) -> str:
    """The text without the character that PostgreSQL stores in no text."""
    return text.replace("\0", "")


def signed_out(request: Request) -> Response:
    """To the sign-in page, and back from there; a fragment must not be filled with that page."""
    wanted = request.url.path if request.method == "GET" else ""
    if "hx-request" in request.headers:
        return Response(headers={"HX-Redirect": "/sign-in"})
    if wanted and request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    to = f"?to={quote(wanted, safe='')}" if wanted not in {"", "/"} else ""
    return RedirectResponse(f"/sign-in{to}", 303)


async def _log_refusal(visit: Visit, refused: NotAllowed) -> None:
    async with visit.parts.store.writing() as db:
        await audit.record(
            db,
            visit.operator.name,
            "page.refused",
            SubjectKind.PAGE,
            visit.request.url.path,
            visit.now,
            league=refused.league,
            after={"right": refused.right.value},
        )
    log.warning("console.refused", right=refused.right.value)


def _name(page: Page) -> str:
    return f"{page.__module__}.{getattr(page, '__name__', '')}"
