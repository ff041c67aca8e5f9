"""What needs a person today, each with a link to where it is done."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.pages.numbers import counted
from bot.console.rendering import local
from bot.console.visits import Visit, get
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Right
from bot.services.overview.today import Today, today
from bot.services.stations.administration.listing import Check


@dataclass(frozen=True, slots=True)
class Item:
    """Something that waits. `text`: how much or since when; `address` "": there is no page."""

    label: str
    text: str
    address: str
    is_urgent: bool = False


async def show(visit: Visit) -> Response:
    """The first page."""
    parts = visit.parts
    async with parts.store.reading() as db:
        found = await today(db, parts.places, parts.holidays, visit.operator, visit.now)
    people = Item(
        visit.t("couriers wait for a person"), counted(found.people), "/conversations", True
    )
    groups = [
        (visit.t("Conversations"), [people] if found.people else []),
        (visit.t("Stations"), _stations(visit, found)),
        (visit.t("Cards"), _cards(visit, found)),
        (visit.t("Service"), _service(visit, found)),
    ]
    shown = [(title, items) for title, items in groups if items]
    return visit.render("today.html", {"groups": shown})


ROUTES: Final[list[BaseRoute]] = [get("/", Right.READ, show)]


def _stations(visit: Visit, found: Today) -> list[Item]:
    t, may = visit.t, visit.operator.may(Right.STATIONS)
    reports = found.notes.get(NoteKind.STATION_PROBLEM, 0)
    checks = found.notes.get(NoteKind.STATION_CHECK, 0)
    address = "/reports" if may else ""
    items = [
        Item(t("to be checked: several couriers found it wrong"), counted(checks), address, True),
        Item(t("reports of couriers"), counted(reports), address, True),
        *(
            Item(_check(t, one), counted(number), f"/stations?check={one.value}")
            for one, number in found.checks.items()
        ),
    ]
    return [one for one in items if one.text != "0"]


def _cards(visit: Visit, found: Today) -> list[Item]:
    t = visit.t
    if not visit.operator.may(Right.CARDS):
        return []
    labels = "" if visit.operator.leagues else "/cards/labels"
    named = (
        (NoteKind.CARD_LABEL, t("statuses of the bank that are not known"), labels),
        (NoteKind.PRE_APPLICATION, t("pre-applications that wait"), "/cards"),
        (NoteKind.BANK_PUSH, t("pushes of the bank were refused"), "/cards/pushes"),
        (NoteKind.CARD_LOCKED, t("locked after wrong tries"), "/cards/pushes"),
    )
    items = [
        Item(label, counted(found.notes[kind]), address, kind is NoteKind.BANK_PUSH)
        for kind, label, address in named
        if found.notes.get(kind)
    ]
    when = t("never") if found.last_push is None else local(found.last_push)
    return [*items, Item(t("last push of the bank"), when, "/cards/pushes")]


def _service(visit: Visit, found: Today) -> list[Item]:
    t = visit.t
    items = [
        Item(t("public holidays of {year} are missing", year=year), "", "", True)
        for year in found.missing_years
    ]
    if found.overdue:
        items.append(
            Item(t("messages are due and were not sent"), counted(found.overdue), "", True)
        )
    return items


def _check(t: Translator, check: Check) -> str:
    match check:
        case Check.BROKEN:
            return t("something is broken or has run out")
        case Check.UNVERIFIED:
            return t("not verified for 90 days")
        case Check.NO_HOURS:
            return t("hours not known")
