"""The audit log: who changed what and when, before and after."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.pages import appointments
from bot.console.pages.cards import requests as cards
from bot.console.pages.cards.common import reason_name
from bot.console.pages.people import role_name
from bot.console.visits import Visit, get
from bot.operator_wording import revision_words
from bot.services.appointment_administration.requests import RevealReason as CallReason
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.card_administration.requests import RevealReason
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.operators import audit
from bot.services.operators.audit import Entry, Query, SubjectKind
from bot.services.operators.revisions import RevisionKind, Value
from bot.services.operators.roles import Right, Role
from bot.services.trainings.importing.recorded import STATUS
from bot.services.trainings.importing.rows import FIELDS


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
        "entries": [(one, _changes(visit, one)) for one in found],
        "query": query,
        "kinds": [(one.value, kind_name(visit.t, one)) for one in SubjectKind],
        "kind_names": {one: kind_name(visit.t, one) for one in SubjectKind},
        "action_name": lambda action: action_name(visit.t, action),
        "league_names": names,
        "next": found[-1].id if len(found) == audit.PAGE else None,
    }
    return visit.render("records.html", values)


ROUTES: Final[list[BaseRoute]] = [get("/records", Right.AUDIT, show)]


def _changes(visit: Visit, entry: Entry) -> list[tuple[str, str, str]]:
    """Each field with its value before and after, in words."""
    changed = []
    for name in dict.fromkeys((*entry.before, *entry.after)):
        was, now = (_said(visit, entry, name, one.get(name)) for one in (entry.before, entry.after))
        if was or now:
            changed.append((_field(visit, entry, name), was, now))
    return changed


def _field(visit: Visit, entry: Entry, name: str) -> str:
    t = visit.t
    if entry.action.startswith("station.photo_"):
        seen = {"photo": t("photo"), "description": t("What one sees"), "position": t("position")}
        return seen.get(name, name)
    merges = {
        "merged": t("merged into it"),
        "merged_into": t("merged into"),
        "distinct_from": t("is not the same as"),
    }
    if name in merges:
        return merges[name]
    if entry.subject_kind is SubjectKind.STATION and not entry.action.startswith("report."):
        return revision_words.field(RevisionKind.STATIONS, name, visit.bot_words)
    if _is_training(entry, name):
        return revision_words.field(RevisionKind.TRAININGS, name, visit.bot_words)
    names = {
        "marked": t("ticked as having come"),
        "unmarked": t("ticks taken back"),
        "people": t("couriers in the list"),
        "registration": t("registration number"),
        "certificate": t("certificate"),
        "role": t("role"),
        "leagues": t("leagues"),
        "right": t("what was tried"),
        "kind": t("kind of report"),
        "in_order": t("in order again"),
        "reason": t("reason"),
        "state": t("state"),
        "stage": t("stage"),
        "rows": t("rows"),
        "pieces": t("pieces"),
        "revision": t("number of the change"),
        "passed": t("marked as handed on"),
        "couriers": t("couriers"),
        "at": t("time"),
        "file": t("File"),
        "new": t("new"),
        "changed": t("changed"),
        "again": t("although sent before"),
        "spared": t("couriers who do not get it"),
    }
    return names.get(name, name)


def _said(visit: Visit, entry: Entry, name: str, value: Value) -> str:
    if entry.subject_kind is SubjectKind.STATION and not entry.action.startswith("report."):
        return revision_words.said(RevisionKind.STATIONS, name, value, visit.bot_words)
    if _is_training(entry, name):
        return revision_words.said(RevisionKind.TRAININGS, name, value, visit.bot_words)
    text = "" if value is None else str(value)
    kind, t = entry.subject_kind, visit.t
    match name:
        case "state" if kind is SubjectKind.CARD and text in set(PreApplicationStatus):
            return cards.state_name(t, PreApplicationStatus(text))
        case "state" if kind is SubjectKind.APPOINTMENT and text in set(AppointmentStatus):
            return appointments.state_name(t, AppointmentStatus(text))
        case "reason" if kind is SubjectKind.CARD and text in set(RevealReason):
            return reason_name(t, RevealReason(text))
        case "reason" if kind is SubjectKind.APPOINTMENT and text in set(CallReason):
            return appointments.reason_name(t, CallReason(text))
        case "role" if text in set(Role):
            return role_name(t, Role(text))
        case "leagues":
            known = visit.parts.places.by_adcode
            named = "、".join(known[one].name for one in text.split() if one in known)
            return named or t("the whole region")
        case "in_order" | "passed":
            return "" if value is None else (t("yes") if value else t("no"))
        case _:
            return text


def _is_training(entry: Entry, name: str) -> bool:
    """Whether it is a field of a training, as revisions have them."""
    return entry.subject_kind is SubjectKind.TRAINING and name in {*FIELDS, STATUS}


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
        case SubjectKind.APPOINTMENT:
            return t("call-back")
        case SubjectKind.CONVERSATION:
            return t("conversation")
        case SubjectKind.CONTENT:
            return t("content")
        case SubjectKind.HONOUR:
            return t("honour")
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
        "cancel": t("called off"),
        "attend": t("attendance ticked"),
        "walk_in": t("added at the door"),
        "export": t("list downloaded"),
        "withdraw": t("certificate withdrawn"),
        "undo": t("undone"),
        "draft": t("written"),
        "start": t("sending started"),
        "pause": t("paused"),
        "resume": t("resumed"),
        "discard": t("draft deleted"),
        "chat": t("own chat linked"),
        "chat_off": t("own chat unlinked"),
        "reveal": t("whole values shown"),
        "approve": t("approved"),
        "decline": t("declined"),
        "shortlist": t("put on the short list"),
        "votes": t("held votes decided on"),
        "publish": t("result published"),
        "request": t("pre-application handled"),
        "label": t("bank's word explained"),
        "drop": t("list deleted"),
        "marked": t("marked list downloaded"),
        "done": t("done"),
        "take": t("taken"),
        "answer": t("answered"),
        "remove": t("taken out"),
        "keeper_link": t("link of the keeper made"),
        "keeper_link_end": t("link of the keeper ended"),
        "photo_add": t("photo added"),
        "photo_remove": t("photo removed"),
        "photo_restore": t("photo restored"),
        "photo_order": t("order of the photos changed"),
        "photo_describe": t("photo described"),
        "merge": t("merged"),
        "distinct": t("said to be two stations"),
    }
    return names.get(action.partition(".")[2], action)
