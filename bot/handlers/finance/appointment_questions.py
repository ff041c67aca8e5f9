"""The questions of the form for an appointment and what follows it, as replies."""

from collections.abc import Sequence
from typing import Final

from bot.common.clock import CHINA
from bot.common.facilities import SERVICES
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers import labels
from bot.handlers.abroad import appointment_elsewhere
from bot.handlers.finance import wording
from bot.handlers.finance.appointment_draft import Form, Question
from bot.handlers.form_steps import Rows
from bot.services.appointments import wishes
from bot.services.appointments.requests import Appointment
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.appointments.wishes import CallWish, VisitWish, Wish
from bot.services.appointments.wishes import Part as DayPart

SHOWN: Final = 5
"""Of a courier's appointments, the latest so many are shown."""


def topic_question(ctx: Context) -> Reply:
    """Asks what it is about."""
    t = ctx.t
    topics = [Button(wording.topic(t, code), f"appt.begin:{code}") for code in SERVICES]
    rows = [tuple(topics[at : at + 2]) for at in range(0, len(topics), 2)]
    rows.append((Button(t("Back"), "money"),))
    return Reply((Buttons(tuple(rows), t("What shall the outlet talk to you about?")),))


def name_question(ctx: Context, form: Form, wrong: str = "", unsure_answer: str = "") -> Reply:
    """Asks for the name; `wrong` and `unsure_answer` as in `Question`."""
    t = ctx.t
    text = t("Whom shall the outlet ask for? Your name:")
    if form.is_for_firm:
        text = t("Who speaks for the firm? The name:")
    back = f"money.topic:{form.topic}"
    return Question("appt.name", back, text, wrong, unsure_answer=unsure_answer).of(ctx, form)


def phone_question(ctx: Context, form: Form, wrong: str = "") -> Reply:
    """Asks for the phone."""
    text = ctx.t("The mobile phone on which the outlet reaches you?")
    return Question("appt.phone", "appt.name", text, wrong).of(ctx, form)


def firm_question(ctx: Context, form: Form, wrong: str = "", unsure_answer: str = "") -> Reply:
    """Asks for the firm, of those who ask for financing."""
    text = ctx.t("Which firm is it for? Its whole name:")
    question = Question("appt.firm", "appt.phone", text, wrong, unsure_answer=unsure_answer)
    return question.of(ctx, form)


def when_question(ctx: Context, form: Form, visits: Sequence[VisitWish], wrong: str = "") -> Reply:
    """Asks when to call, or when the courier comes; `visits` are times when the outlet is open."""
    t = ctx.t
    offered: list[Wish] = [*map(CallWish, DayPart), *visits]
    rows: Rows = tuple(
        (Button(wording.wish(t, one), f"appt.when:{wishes.written(one)}"),) for one in offered
    )
    text = t("When suits you? Pick one or type it.")
    return Question("appt.when", "appt.outlets", text, wrong, rows).of(ctx, form)


def check_question(ctx: Context, form: Form, first: str = "") -> Reply:
    """Shows all of it in full, for the courier sees it only here before it goes to an outlet."""
    t = ctx.t
    lines = [
        t("Is this right?"),
        t("About: {topic}", topic=wording.topic(t, form.topic)),
        t("Name: {name}", name=form.name),
        t("Phone: {phone}", phone=form.phone),
        *([t("Firm: {firm}", firm=form.firm)] if form.is_for_firm else []),
        t("Outlet: {outlet}", outlet=form.outlet),
        t("When: {when}", when=wording.wish(t, wishes.read(form.wanted))),
        t(
            "With “Send” you agree that this goes to the outlet, which calls you about it and "
            "for nothing else."
        ),
    ]
    rows: list[tuple[Button, ...]] = [
        (Button(t("Send"), "appt.send"),),
        (Button(t("Change the name"), "appt.name"), Button(t("Change the phone"), "appt.phone")),
        (
            Button(t("Change the outlet"), "appt.outlets"),
            Button(t("Change the time"), "appt.whens"),
        ),
    ]
    if form.is_for_firm:
        rows.append((Button(t("Change the firm"), "appt.firm"),))
    message = "\n".join(lines)
    return Question("appt.check", "appt.whens", message, first, tuple(rows)).of(ctx, form)


def submitted(ctx: Context, number: str, form: Form) -> Reply:
    """The number of the appointment, and what happens next."""
    t = ctx.t
    text = t(
        "Noted. Your number: {number}. It goes to {outlet}; I tell you here when its state "
        "changes. Whoever calls asks for no code, no password and no money.",
        number=number,
        outlet=form.outlet,
    )
    row = (Button(t("My appointments"), "appt.mine"), Button(t("Money matters"), "money"))
    return Reply((Say(text), Buttons((row,), "")))


def too_many(ctx: Context) -> Reply:
    """The courier has too many open ones."""
    t = ctx.t
    row = (Button(t("My appointments"), "appt.mine"), Button(t("Money matters"), "money"))
    text = t("You have as many open appointments as I can keep. Cancel one, then ask again.")
    return Reply((Say(text), Buttons((row,), "")))


def own(ctx: Context, mine: Sequence[Appointment]) -> Reply:
    """A courier's appointments, each with one tap to cancel it."""
    t = ctx.t
    if not mine:
        row = (Button(t("Ask for a call or a visit"), "appt.begin"), Button(t("Back"), "money"))
        return Reply((Buttons((row,), t("You have no appointment with an outlet.")),))
    parts: list[Part] = [Say("\n".join(line(ctx, one) for one in mine[:SHOWN]))]
    cancels = [
        (Button(t("Cancel {number}", number=one.number), f"appt.cancel:{one.id}"),)
        for one in mine[:SHOWN]
        if one.status is not AppointmentStatus.DONE
    ]
    last = (Button(t("Ask for another"), "appt.begin"), Button(t("Back"), "money"))
    return Reply((*parts, Buttons((*cancels, last), "")))


def line(ctx: Context, one: Appointment) -> str:
    """One appointment in a line."""
    t = ctx.t
    return t(
        "{number} · {topic} · {outlet} · {when} · asked on {day}: {status}",
        number=one.number,
        topic=wording.topic(t, one.topic),
        outlet=one.outlet,
        when=wording.wish(t, one.wanted),
        day=labels.month_day(t, one.created_at.astimezone(CHINA).date()),
        status=wording.status(t, one.status),
    )


def cancelled(ctx: Context) -> Reply:
    """An appointment is deleted."""
    t = ctx.t
    row = (Button(t("My appointments"), "appt.mine"), Button(t("Money matters"), "money"))
    text = t("Cancelled and deleted. If the outlet has it already, it may still call once.")
    return Reply((Say(text), Buttons((row,), "")))


def elsewhere(ctx: Context, public_url: str) -> Reply:
    """Where the form can be filled in instead of on this channel."""
    t = ctx.t
    row = (Button(t("Money matters"), "money"), Button(t("Talk to a person"), "human"))
    return Reply((appointment_elsewhere(t, public_url), Buttons((row,), "")))
