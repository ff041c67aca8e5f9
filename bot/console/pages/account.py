"""One's own account: the password, and the code of an authenticator app as a second factor."""

from typing import Final

import segno
from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console import cookies
from bot.console.visits import Visit, get, post
from bot.services.operators import accounts, passwords, sessions
from bot.services.operators.accounts import AccountRefused


async def show(visit: Visit) -> Response:
    """The account."""
    return await _page(visit)


async def password_form(visit: Visit) -> Response:
    """The form for a new password."""
    return _password_page(visit, "")


async def change_password(visit: Visit) -> Response:
    """A new password: all sessions end, and this browser gets a new one."""
    store, operator, t = visit.parts.store, visit.operator, visit.t
    fresh = visit.form.get("fresh")
    fresh = fresh if isinstance(fresh, str) else ""
    if fresh != visit.form.get("again"):
        return _password_page(visit, t("The two new passwords are not equal."))
    if error := await _wrong_password(visit):
        return _password_page(visit, error)
    if fresh == visit.form.get("password"):
        return _password_page(visit, t("The new password is the old one."))
    try:
        accounts.check_new(operator.name, fresh)
    except AccountRefused:
        return _password_page(visit, _rule(visit))
    fresh_hash = await passwords.hashed(fresh)
    async with store.writing() as db:
        await accounts.set_password(db, operator, fresh_hash, visit.now)
        token = await sessions.begin(db, operator, visit.now)
    response = visit.redirect("/", t("Your password is changed; other browsers are signed out."))
    cookies.set_session(response, token, secure=visit.parts.secure)
    return response


async def totp_form(visit: Visit) -> Response:
    """A new secret, as a QR code and as text."""
    return _totp_page(visit, passwords.new_secret(), "")


async def set_totp(visit: Visit) -> Response:
    """Switches the second factor on, once a code proves that the app has the secret; or off."""
    t = visit.t
    if error := await _wrong_password(visit):
        if visit.field("does") == "off":
            return await _page(visit, error)
        return _totp_page(visit, visit.field("secret"), error)
    if visit.field("does") == "off":
        async with visit.parts.store.writing() as db:
            await accounts.set_totp(db, visit.parts.keys, visit.operator, None, 0, visit.now)
        return visit.redirect("/account", t("Signing in needs no code any more."))
    secret = visit.field("secret")
    step = passwords.step_of(secret, visit.field("code"), visit.now, 0)
    if step is None:
        return _totp_page(visit, secret, t("The code is not right. Is the phone's clock right?"))
    async with visit.parts.store.writing() as db:
        await accounts.set_totp(db, visit.parts.keys, visit.operator, secret, step, visit.now)
    return visit.redirect("/account", t("From now on signing in needs a code as well."))


ROUTES: Final[list[BaseRoute]] = [
    get("/account", None, show),
    get("/account/password", None, password_form),
    post("/account/password", None, change_password),
    get("/account/totp", None, totp_form),
    post("/account/totp", None, set_totp),
]


async def _page(visit: Visit, error: str = "") -> Response:
    async with visit.parts.store.reading() as db:
        has_totp = await accounts.has_totp(db, visit.operator)
    values = {"has_totp": has_totp, "error": error}
    return visit.render("account.html", values, 422 if error else 200)


async def _wrong_password(visit: Visit) -> str:
    """What to say where the present password is not right; "" where it is."""
    given = visit.form.get("password")
    async with visit.parts.store.reading() as db:
        present = await accounts.password_hash(db, visit.operator)
    is_right = isinstance(given, str) and await passwords.matches(present, given)
    return "" if is_right else visit.t("The present password is not right.")


def _rule(visit: Visit) -> str:
    return visit.t(
        "A password has {least} characters or more, and is not your name.",
        least=passwords.SHORTEST,
    )


def _password_page(visit: Visit, error: str) -> Response:
    values = {"error": error, "rule": _rule(visit), "must_change": visit.session.must_change}
    return visit.render("password.html", values, 422 if error else 200)


def _totp_page(visit: Visit, secret: str, error: str) -> Response:
    if not passwords.is_secret(secret):
        secret = passwords.new_secret()
    code = segno.make(passwords.address(secret, visit.operator.name), error="m")
    drawn = code.svg_inline(scale=4, border=4, dark="#000000", light="#ffffff")
    values = {"secret": secret, "error": error, "drawn": Markup(drawn)}  # noqa: S704 - drawn here
    return visit.render("totp.html", values, 422 if error else 200)
