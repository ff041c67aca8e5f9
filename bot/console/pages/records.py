"""The audit log: who changed what and when, before and after."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.visits import Visit, get
from bot.services.operators import audit
from bot.services.operators.audit import Query, SubjectKind
from bot.services.operators.roles import Right


async def show(visit: Visit) -> Response:
    """A page of the log, the newest first."""
    before = visit.query("before")
    query = Query(
        actor=visit.query("actor"),
        action=visit.query("action"),
        subject_kind=visit.query("kind"),
        text=visit.query("text"),
        before=int(before)
        if before.isascii() and before.isdecimal() and len(before) < 18
        else None,
    )
    async with visit.parts.store.reading() as db:
        found = await audit.find(db, visit.operator, query)
    names = {one.adcode: one.name for one in visit.parts.places.by_adcode.values()}
    values = {
        "entries": found,
        "query": query,
        "kinds": [(one.value, kind_name(visit.t, one)) for one in SubjectKind],
        "kind_names": {one: kind_name(visit.t, one) for one in SubjectKind},
        "action_name": lambda action: action_name(visit.t, action),
        "league_names": names,
        "next": found[-1].id if len(found) == audit.PAGE else None,
    }
    return visit.render("records.html", values)


ROUTES: Final[list[BaseRoute]] = [get("/records", Right.AUDIT, show)]


def kind_name(t: Translator, kind: SubjectKind) -> str:
    """What a change was about, in words."""
    match kind:
        case SubjectKind.ACCOUNT:
            return t("account")
        case SubjectKind.STATION:
            return t("station")
        case SubjectKind.HOLIDAY:
            return t("holiday")
        case SubjectKind.TRAINING:
            return t("training")
        case SubjectKind.BROADCAST:
            return t("message")
        case SubjectKind.CARD:
            return t("card")
        case SubjectKind.CONVERSATION:
            return t("conversation")
        case SubjectKind.CONTENT:
            return t("content")
        case SubjectKind.NOTE:
            return t("note")
        case SubjectKind.IMPORT:
            return t("list")
        case SubjectKind.PAGE:
            return t("page")


def action_name(t: Translator, action: str) -> str:
    """The verb of an action (`station.close`) in words; a new one as it is stored."""
    names = {
        "add": t("added"),
        "change": t("changed"),
        "set": t("changed"),
        "import": t("imported"),
        "upload": t("uploaded"),
        "apply": t("imported"),
        "disable": t("ended"),
        "reset": t("new one-time password"),
        "password": t("password changed"),
        "totp_on": t("second factor on"),
        "totp_off": t("second factor off"),
        "begin": t("signed in"),
        "refused": t("refused"),
        "locked": t("locked after wrong tries"),
        "close": t("closed"),
        "reopen": t("reopened"),
        "verify": t("verified"),
        "facility": t("facilities changed"),
        "undo": t("undone"),
        "done": t("done"),
    }
    return names.get(action.partition(".")[2], action)
