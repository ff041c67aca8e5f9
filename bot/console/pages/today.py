"""What needs a person today, each with a link to where it is done."""

from typing import Final
from urllib.parse import quote, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.values import value
from bot.console.pages.appointments import number_of
from bot.console.pages.numbers import counted
from bot.console.pages.stations import duplicates
from bot.console.pages.stations.listing import check_name
from bot.console.rendering import local
from bot.console.visits import Visit, get
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Right
from bot.services.overview.today import Today, today


@value
class Item:
    """Something that waits. `text`: how much or since when; `address` "": there is no page."""

    label: str
    text: str
    address: str
    is_urgent: bool = False


async def show(visit: Visit) -> Response:
    """The first page."""
    parts = visit.parts
    if visit.operator.may(Right.STATIONS):
        await duplicates.look_again(visit)
    async with parts.store.reading() as db:
        found = await today(db, parts.places, parts.holidays, visit.operator, visit.now)
    people = Item(
        visit.t("couriers wait for a person"), counted(found.people), "/conversations", True
    )
    groups = [
        (visit.t("Conversations"), [people] if found.people else []),
        (visit.t("Call-backs"), _call_backs(visit, found)),
        (visit.t("Stations"), _stations(visit, found)),
        (visit.t("Trainings"), _trainings(visit, found)),
        (visit.t("Cards"), _cards(visit, found)),
        (visit.t("Content and honours"), _content(visit, found)),
        (visit.t("Service"), _service(visit, found)),
    ]
    shown = [(title, items) for title, items in groups if items]
    return visit.render("today.html", {"groups": shown})


ROUTES: Final[list[BaseRoute]] = [get("/", Right.READ, show)]


def _stations(visit: Visit, found: Today) -> list[Item]:
    t = visit.t
    reports = found.notes.get(NoteKind.STATION_PROBLEM, 0)
    checks = found.notes.get(NoteKind.STATION_CHECK, 0)
    address = "/reports"
    items = [
        Item(t("to be checked: several couriers found it wrong"), counted(checks), address, True),
        Item(t("reports of couriers"), counted(reports), address, True),
        *(
            Item(check_name(t, one), counted(number), f"/stations?check={one.value}")
            for one, number in found.checks.items()
        ),
        Item(t("may be entered twice"), counted(found.duplicates), duplicates.ADDRESS),
        Item(t("lists could not be imported"), str(found.imports_failed), "/imports", True),
        Item(t("lists are uploaded and not written yet"), str(found.imports_open), "/imports"),
    ]
    return [one for one in items if one.text != "0"]


def _call_backs(visit: Visit, found: Today) -> list[Item]:
    t, address = visit.t, "/appointments?state=new"
    items = [
        Item(
            t("waiting for over a day"),
            number_of(found.call_backs_overdue),
            address,
            True,
        ),
        Item(
            t("couriers want to be called or to come"),
            number_of(found.call_backs),
            address,
        ),
    ]
    return [one for one in items if one.text != "0"]


def _trainings(visit: Visit, found: Today) -> list[Item]:
    t, soon, address = visit.t, found.trainings, "/trainings"
    items = [
        Item(
            t("today or tomorrow, and no place or link is given"), str(soon.nowhere), address, True
        ),
        Item(t("today and tomorrow"), str(soon.trainings), address),
        Item(t("of these with free seats, also for who just comes"), str(soon.free), address),
    ]
    return [one for one in items if one.text != "0"]


def _content(visit: Visit, found: Today) -> list[Item]:
    t = visit.t
    overdue = "/content?" + urlencode({"state": "overdue"} | _own(visit))
    items = [
        *(
            Item(
                t("new nominations for the honour"), str(number), f"/honours/{quote(code, safe='')}"
            )
            for code, number in found.nominations.items()
        ),
        Item(t("content is due for review"), str(found.content_overdue), overdue),
    ]
    return [one for one in items if one.text != "0"]


def _own(visit: Visit) -> dict[str, str]:
    """What is for all leagues is reviewed by whoever sees the whole region."""
    return {"own": "1"} if visit.operator.leagues else {}


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
        for year in (found.missing_years if visit.operator.may(Right.ACCOUNTS) else ())
    ]
    if found.overdue:
        items.append(
            Item(t("messages are due and were not sent"), counted(found.overdue), "", True)
        )
    return items
