"""Accounts: who signs in, with which role and leagues."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.visits import NotThere, Visit, get, post
from bot.geo.places import Kind
from bot.services.operators import accounts, passwords
from bot.services.operators.accounts import AccountFault, AccountRefused
from bot.services.operators.roles import Right, Role


async def show(visit: Visit) -> Response:
    """A page of the accounts, and a form for a new one."""
    return await _page(visit)


async def add(visit: Visit) -> Response:
    """A new account; its one-time password is shown once, on the answer itself."""
    role = _role(visit)
    password = passwords.one_time_password()
    fresh_hash = await passwords.hashed(password)
    name = visit.field("name")
    try:
        async with visit.parts.store.writing() as db:
            await accounts.add(
                db, name, role, _leagues(visit), fresh_hash, visit.operator.name, visit.now
            )
    except AccountRefused as refused:
        return await _page(visit, error=_fault(visit.t, refused.fault), status=422)
    return await _page(visit, told=(accounts.clean_name(name), password))


async def change(visit: Visit) -> Response:
    """Another role or other leagues, a new password, or the end of an account."""
    name, does = visit.path("name"), visit.field("does")
    actor, now, store = visit.operator.name, visit.now, visit.parts.store
    password = passwords.one_time_password()
    try:
        match does:
            case "role":
                async with store.writing() as db:
                    await accounts.change(db, name, _role(visit), _leagues(visit), actor, now)
                return visit.redirect("/people", visit.t("Saved."))
            case "disable":
                async with store.writing() as db:
                    await accounts.disable(db, name, actor, now)
                return visit.redirect("/people", visit.t("{name} is signed out.", name=name))
            case "reset":
                fresh_hash = await passwords.hashed(password)
                async with store.writing() as db:
                    await accounts.reset(db, name, fresh_hash, actor, now)
                return await _page(visit, told=(name, password))
            case _:
                raise NotThere
    except AccountRefused as refused:
        return await _page(visit, error=_fault(visit.t, refused.fault), status=422)


ROUTES: Final[list[BaseRoute]] = [
    get("/people", Right.ACCOUNTS, show),
    post("/people", Right.ACCOUNTS, add),
    post("/people/{name}", Right.ACCOUNTS, change),
]


async def _page(
    visit: Visit, error: str = "", told: tuple[str, str] | None = None, status: int = 200
) -> Response:
    after = visit.query("after")
    async with visit.parts.store.reading() as db:
        found = await accounts.listed(db, visit.operator, after)
    values = {
        "accounts": found[: accounts.PAGE],
        "after": after,
        "next": found[accounts.PAGE - 1].name if len(found) > accounts.PAGE else "",
        "roles": [(one.value, role_name(visit.t, one)) for one in Role],
        "role_names": {one: role_name(visit.t, one) for one in Role},
        "all_leagues": [
            (place.adcode, place.name)
            for place in visit.parts.places.by_adcode.values()
            if place.kind is Kind.LEAGUE
        ],
        "league_names": {one.adcode: one.name for one in visit.parts.places.by_adcode.values()},
        "error": error,
        "told": told,
        "given": _given(visit) if error else {"name": "", "role": "", "leagues": frozenset()},
    }
    return visit.render("people.html", values, status)


def _given(visit: Visit) -> dict[str, object]:
    """What the form of a new account had."""
    leagues = frozenset(visit.fields("league"))
    return {"name": visit.field("name"), "role": visit.field("role"), "leagues": leagues}


def role_name(t: Translator, role: Role) -> str:
    """The role in words."""
    match role:
        case Role.ADMINISTRATOR:
            return t("region administrator")
        case Role.EDITOR:
            return t("league editor")
        case Role.CARDS:
            return t("card staff")
        case Role.TRAINER:
            return t("trainer")
        case Role.DUTY:
            return t("duty officer")
        case Role.READER:
            return t("reader")


def _role(visit: Visit) -> Role:
    given = visit.field("role")
    return Role(given) if given in set(Role) else Role.READER


def _leagues(visit: Visit) -> list[str]:
    known = visit.parts.places.by_adcode
    return [one for one in visit.fields("league") if one in known]


def _fault(t: Translator, fault: AccountFault) -> str:
    match fault:
        case AccountFault.NAME:
            return t("A name has 1 to 40 letters, digits, dots, hyphens or underscores.")
        case AccountFault.TAKEN:
            return t("There is an account of that name already.")
        case AccountFault.UNKNOWN:
            return t("There is no account of that name.")
        case AccountFault.OWN:
            return t("Nobody changes or ends their own account.")
        case AccountFault.PASSWORD | AccountFault.WRONG:
            return t("The password is not accepted.")
