"""约一下: who asked for a call or a visit, how it went, whole values for a reason, export."""

import asyncio
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.handlers.finance import wording
from bot.operator_wording import appointment_rows
from bot.services.appointment_administration import requests
from bot.services.appointment_administration.requests import Count, RevealReason
from bot.services.appointments.operations import (
    AppointmentUnknown,
    ChangeRefused,
    ListedAppointment,
)
from bot.services.appointments.statuses import FOLLOWING, AppointmentStatus
from bot.services.operators.roles import Right
from bot.services.spreadsheets.writer import xlsx_bytes

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ORDER: Final = (
    AppointmentStatus.CONTACTED,
    AppointmentStatus.UNREACHED,
    AppointmentStatus.DONE,
)
"""Of the buttons."""


async def show(visit: Visit) -> Response:
    """Those of one state, the new ones unless another is chosen."""
    return await _page(visit)


async def change(visit: Visit) -> Response:
    """How it went; the courier is told."""
    number, before = _number(visit), _status(visit.field("was"))
    after = _status(visit.field("state"))
    if before is None or after is None:
        raise NotThere
    try:
        async with visit.parts.store.writing() as db:
            await requests.set_status(
                db, visit.parts.places, visit.operator, number, before, after, visit.now
            )
    except AppointmentUnknown:
        raise NotThere from None
    except ChangeRefused as refused:
        state = state_name(visit.t, refused.status)
        error = visit.t("Somebody was faster: it is “{state}” now. Look again.", state=state)
        return await _page(visit, error=error, status=409)
    said = visit.t(
        "Now “{state}”, and the courier is told. It moved to that list.",
        state=state_name(visit.t, after),
    )
    return visit.redirect(f"/appointments?state={before.value}", said)


async def reveal(visit: Visit) -> Response:
    """One with its whole values, on this answer only; who looked and why is recorded."""
    number, reason, parts = _number(visit), visit.field("reason"), visit.parts
    if reason not in set(RevealReason):
        return await _page(visit, error=visit.t("Choose why you need it."), status=422)
    async with parts.store.writing() as db:
        found = await requests.reveal(
            db, parts.keys, parts.places, visit.operator, number, RevealReason(reason), visit.now
        )
    if found is None:
        raise NotThere
    return await _page(visit, shown=found)


async def export(visit: Visit) -> Response:
    """A workbook with the whole values of one state."""
    parts, status = visit.parts, _status(visit.field("state"))
    if status is None:
        raise NotThere
    async with parts.store.writing() as db:
        found = await requests.export(
            db, parts.keys, parts.places, visit.operator, status, visit.now
        )
    rows = [appointment_rows.HEADINGS, *(appointment_rows.row(one) for one in found)]
    data = await asyncio.to_thread(xlsx_bytes, "预约", rows)
    name = f"appointments-{visit.now.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX, headers=headers)


ROUTES: Final[list[BaseRoute]] = [
    get("/appointments", Right.APPOINTMENTS, show),
    post("/appointments/export", Right.APPOINTMENTS, export),
    post("/appointments/{number}", Right.APPOINTMENTS, change),
    post("/appointments/{number}/reveal", Right.APPOINTMENTS, reveal),
]


async def _page(
    visit: Visit,
    error: str = "",
    shown: ListedAppointment | None = None,
    status: int = 200,
) -> Response:
    parts, t, words = visit.parts, visit.t, visit.bot_words
    chosen = _status(visit.query("state") or visit.field("was")) or AppointmentStatus.NEW
    after = row_number(visit.query("after"))
    async with parts.store.writing() as db:  # what is opened is entered in the access log
        found = await requests.page(
            db, parts.keys, parts.places, visit.operator, chosen, after, visit.now
        )
        counts = await requests.counts(db, parts.places, visit.operator)
    values = {
        "error": error,
        "shown": shown,
        "found": found,
        "chosen": chosen,
        "states": [(one, state_name(t, one), number_of(counts[one])) for one in AppointmentStatus],
        "following": [(one, state_name(t, one)) for one in ORDER if one in FOLLOWING[chosen]],
        "told": lambda one, state: wording.changed(words, one.number, one.topic, state),
        "topic": lambda code: wording.topic(words, code),
        "wish": lambda one: wording.wish(words, one),
        "reasons": [(one.value, reason_name(t, one)) for one in RevealReason],
        "after": after,
        "next": found[-1].id if len(found) == requests.PAGE else None,
    }
    return visit.render("appointments.html", values, status)


def number_of(count: Count) -> str:
    """A number as it is shown."""
    return f"{count.number}+" if count.is_least else str(count.number)


def state_name(t: Translator, status: AppointmentStatus) -> str:
    """A state as operators call it."""
    match status:
        case AppointmentStatus.NEW:
            return t("new request")
        case AppointmentStatus.CONTACTED:
            return t("contacted")
        case AppointmentStatus.DONE:
            return t("finished")
        case AppointmentStatus.UNREACHED:
            return t("not reached")


def reason_name(t: Translator, reason: RevealReason) -> str:
    """A reason to see whole values, in words."""
    match reason:
        case RevealReason.CALL:
            return t("I call the courier now")
        case RevealReason.VISIT:
            return t("the courier is at the counter")
        case RevealReason.OUTLET:
            return t("the outlet asks")
        case RevealReason.COMPLAINT:
            return t("a complaint is looked into")


def _status(given: str) -> AppointmentStatus | None:
    return AppointmentStatus(given) if given in set(AppointmentStatus) else None


def _number(visit: Visit) -> int:
    number = row_number(visit.path("number"))
    if number is None:
        raise NotThere
    return number
