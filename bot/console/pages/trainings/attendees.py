"""Who is registered, who came, who walked in, what they wrote."""

from typing import Final

import structlog
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.numbers import row_number
from bot.console.pages.trainings import forms
from bot.console.pages.trainings.session import administration
from bot.console.pages.trainings.wording import audience_name, refusal
from bot.console.visits import NotThere, Visit, get, post
from bot.documents.rosters import check_in_sheet
from bot.handlers.trainings import wording
from bot.operator_wording.training_advice import miss
from bot.services.operators.roles import Right
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.services.trainings import attendance, rosters
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.operating import attendees, sessions
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.statuses import LIVE, RegistrationStatus, TrainingRefusal

log = structlog.get_logger()
LARGEST: Final = 5_000_000
"""Bytes of a signed list."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def people(visit: Visit) -> Response:
    """Those with a seat or in line, their names masked."""
    wanted = visit.query("status")
    status = RegistrationStatus(wanted) if wanted in set(LIVE) else RegistrationStatus.SEAT
    try:
        async with visit.parts.store.reading() as db:
            found = await attendees.people(
                db,
                visit.parts.keys,
                visit.operator,
                _id(visit),
                status,
                visit.now,
                after=forms.number(visit.query("after", "0")),
            )
    except TrainingRefused:
        raise NotThere from None
    values = {
        "found": found,
        "training": found.training,
        "when": wording.time(visit.bot_words, found.training, visit.now),
        "status": status.value,
        "tabs": [
            (one.value, audience_name(visit.t, one), count) for one, count in found.counts.items()
        ],
    }
    return visit.render("trainings/people.html", values)


async def attendance_form(visit: Visit) -> Response:
    """Everybody with a seat by name, to be ticked here or on paper; the names are logged."""
    return await _attendance(visit)


async def tick(visit: Visit) -> Response:
    """Saves the ticks that were changed."""
    was, came = ({forms.number(one) for one in visit.fields(name)} for name in ("was", "came"))
    try:
        async with visit.parts.store.writing() as db:
            marked, unmarked = await attendees.tick(
                db,
                administration(visit).seating,
                visit.operator,
                _id(visit),
                sorted(came - was),
                sorted(was - came),
                visit.now,
            )
    except TrainingRefused as refused:
        return await _attendance(visit, [_said(visit, refused)], 422)
    said = visit.t(
        "Saved: {marked} ticked, {unmarked} taken back.", marked=marked, unmarked=unmarked
    )
    return visit.redirect(f"/trainings/{_id(visit)}/attendance", said)


async def signed_list(visit: Visit) -> Response:
    """Ticks those whom a filled in list names; tells who was not found."""
    t, file = visit.t, visit.file("list")
    if file is None:
        return await _attendance(visit, [t("Choose the filled in list first.")], 422)
    data = await file.read()
    try:
        table = reader.read(
            data, attendance.COLUMNS, csv_name=file.filename or "", max_bytes=LARGEST
        )
    except FileRefused as refused:
        log.info("console.attendance_refused", error=type(refused).__name__)
        said = t("This file cannot be read. Use the list that was downloaded here, as xlsx.")
        return await _attendance(visit, [said], 422)
    entries = [entry for sheet in table.sheets for entry in attendance.listed(sheet)]
    try:
        async with visit.parts.store.writing() as db:
            plan = await attendees.tick_list(
                db,
                visit.parts.keys,
                administration(visit).seating,
                visit.operator,
                _id(visit),
                entries,
                visit.now,
            )
    except TrainingRefused as refused:
        return await _attendance(visit, [_said(visit, refused)], 422)
    done = t(
        "{fresh} ticked, {known} had been ticked before, {missed} not found.",
        fresh=len(plan.fresh),
        known=plan.known,
        missed=len(plan.missed),
    )
    if not plan.missed:
        return visit.redirect(f"/trainings/{_id(visit)}/attendance", done)
    rows = [
        t("row {row}: {why}", row=entry.row, why=miss(why, visit.bot_words))
        for entry, why in plan.missed
    ]
    return await _attendance(visit, [done, *rows], 422)


async def walk_in(visit: Visit) -> Response:
    """A seat for somebody who stands there without one, and checked in."""
    t = visit.t
    try:
        async with visit.parts.store.writing() as db:
            done = await attendees.walk_in(
                db,
                visit.parts.keys,
                Registrations(administration(visit).seating),
                visit.operator,
                _id(visit),
                visit.field("phone"),
                visit.now,
            )
    except TrainingRefused as refused:
        return await _attendance(visit, [_said(visit, refused)], 422)
    if not done:
        said = t(
            "No courier gave us this number. Let them scan the code on the check-in screen: the "
            "assistant asks for name and phone, and gives them a free seat."
        )
        return await _attendance(visit, [said], 422)
    return visit.redirect(f"/trainings/{_id(visit)}/attendance", t("Added and checked in."))


async def download(visit: Visit) -> Response:
    """The list to sign as a workbook; the export is logged."""
    try:
        async with visit.parts.store.writing() as db:
            found = await attendees.sheet(
                db, visit.parts.keys, visit.operator, _id(visit), visit.now
            )
    except TrainingRefused:
        raise NotThere from None
    data = xlsx_bytes("签到表", check_in_sheet(found))
    name = f'attachment; filename="check-in-{_id(visit)}.xlsx"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(data, media_type=XLSX, headers=headers)


async def feedback(visit: Visit) -> Response:
    """Scores and what was written, without names."""
    after = row_number(visit.query("after"))
    try:
        async with visit.parts.store.writing() as db:
            training = await sessions.require(db, visit.operator, _id(visit))
            written, following = await attendees.comments(
                db, visit.parts.keys, visit.operator, _id(visit), visit.now, after
            )
            numbers = await rosters.attendance(db, _id(visit))
    except TrainingRefused:
        raise NotThere from None
    values = {"training": training, "comments": written, "numbers": numbers}
    values |= {"after": after, "next": following}
    return visit.render("trainings/feedback.html", values)


async def _attendance(visit: Visit, errors: list[str] | None = None, status: int = 200) -> Response:
    try:
        async with visit.parts.store.writing() as db:
            found = await attendees.people(
                db,
                visit.parts.keys,
                visit.operator,
                _id(visit),
                RegistrationStatus.SEAT,
                visit.now,
                after=forms.number(visit.query("after", "0")),
                named=True,
            )
    except TrainingRefused:
        raise NotThere from None
    training = found.training
    values = {
        "found": found,
        "training": training,
        "when": wording.time(visit.bot_words, training, visit.now),
        "errors": errors or [],
        "phone": visit.field("phone"),
        "has_begun": visit.now >= training.starts_at,
        "is_check_in": training.checkin_opens <= visit.now <= training.checkin_closes,
    }
    return visit.render("trainings/attendance.html", values, status)


def _said(visit: Visit, refused: TrainingRefused) -> str:
    if refused.reason is TrainingRefusal.GONE:
        raise NotThere
    return refusal(visit.t, refused)


def _id(visit: Visit) -> int:
    return int(visit.path("id"))


ROUTES: Final[list[BaseRoute]] = [
    get("/trainings/{id:int}/people", Right.TRAININGS, people),
    get("/trainings/{id:int}/attendance", Right.TRAININGS, attendance_form),
    post("/trainings/{id:int}/attendance", Right.TRAININGS, tick),
    post("/trainings/{id:int}/signed", Right.TRAININGS, signed_list, max_files=1, largest=LARGEST),
    post("/trainings/{id:int}/walk-in", Right.TRAININGS, walk_in),
    get("/trainings/{id:int}/sheet.xlsx", Right.TRAININGS, download),
    get("/trainings/{id:int}/feedback", Right.TRAININGS, feedback),
]
