"""The questions of the pre-application and what follows it, as replies."""

from collections.abc import Sequence
from typing import Final

from bot.common.clock import CHINA
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers import labels
from bot.handlers.abroad import card_form_elsewhere
from bot.handlers.cards import wording
from bot.handlers.cards.form_draft import Form, Question
from bot.services.cards.pre_applications import PreApplication
from bot.services.couriers.firms import firms

FIRMS_A_PAGE: Final = 6


def name_question(ctx: Context, form: Form, wrong: str = "", unsure_answer: str = "") -> Reply:
    """Asks for the name; `wrong` and `unsure_answer` as in `Question`."""
    text = ctx.t("Your name, as on the ID card?")
    return Question("apply.name", "card.apply", text, wrong, unsure_answer=unsure_answer).of(
        ctx, form
    )


def phone_question(ctx: Context, form: Form, wrong: str = "") -> Reply:
    """Asks for the phone."""
    text = ctx.t("The mobile phone on which the outlet reaches you?")
    return Question("apply.phone", "apply.name", text, wrong).of(ctx, form)


def firm_question(
    ctx: Context, form: Form, page: int = 0, wrong: str = "", unsure_answer: str = ""
) -> Reply:
    """Offers a page of courier firms; any other may be typed."""
    t = ctx.t
    listed = list(firms().items())
    first = page * FIRMS_A_PAGE
    shown = listed[first : first + FIRMS_A_PAGE] or listed[:FIRMS_A_PAGE]
    buttons = [Button(name, f"apply.firm:{code}") for code, name in shown]
    rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
    more = page + 1 if first + FIRMS_A_PAGE < len(listed) else 0
    rows.append((Button(t("More firms"), f"apply.firms:{more}"),))
    text = t("Which firm do you ride for? Pick one or type it.")
    question = Question(
        "apply.firm", "apply.phone", text, wrong, tuple(rows), unsure_answer=unsure_answer
    )
    return question.of(ctx, form)


def check_question(ctx: Context, form: Form, first: str = "") -> Reply:
    """Shows all of it in full, for the courier sees it only here before it goes to an outlet.

    `first` goes before it.
    """
    t = ctx.t
    values = t(
        "Is this right?\nName: {name}\nPhone: {phone}\nFirm: {firm}\nOutlet: {outlet}",
        name=form.name,
        phone=form.phone,
        firm=form.firm,
        outlet=form.outlet,
    )
    consent = t(
        "With “Send” you agree that this goes to the outlet, which phones you about a card, "
        "and for nothing else."
    )
    rows = (
        (Button(t("Send"), "apply.send"),),
        (Button(t("Change the name"), "apply.name"), Button(t("Change the phone"), "apply.phone")),
        (
            Button(t("Change the firm"), "apply.firms:0"),
            Button(t("Change the outlet"), "apply.outlets"),
        ),
    )
    message = f"{values}\n{consent}"
    return Question("apply.check", "apply.outlets", message, first, rows).of(ctx, form)


def submitted(ctx: Context, number: str) -> Reply:
    """The number of the pre-application, and what happens next."""
    t = ctx.t
    text = t(
        "Registered. Your number: {number}. The outlet phones you; bring your original ID "
        "card when you go.",
        number=number,
    )
    row = (Button(t("Where is my card"), "card.status"), Button(t("My data"), "privacy"))
    return Reply((Say(f"{text}\n{wording.warning(t)}"), Buttons((row,), "")))


def submitted_before(ctx: Context, open_ones: Sequence[PreApplication]) -> Reply:
    """The latest pre-application that is open, and the way to withdraw it."""
    t, one = ctx.t, open_ones[0]
    text = t(
        "You have registered already: {number} of {day}, {status}.",
        number=one.number,
        day=labels.month_day(t, one.created_at.astimezone(CHINA).date()),
        status=wording.pre_application_status(t, one.status),
    )
    row = (Button(t("Take {number} back", number=one.number), f"apply.withdraw:{one.id}"),)
    return Reply((Say(text), Buttons((row,), "")))


def withdrawn(ctx: Context) -> Reply:
    """The pre-application is deleted."""
    t = ctx.t
    row = (Button(t("How to get a card"), "card.apply"),)
    return Reply((Say(t("Taken back and deleted.")), Buttons((row,), "")))


def elsewhere(ctx: Context, public_url: str) -> Reply:
    """Where the form can be filled in instead of on this channel."""
    t = ctx.t
    row = (Button(t("Stations near me"), "locate"), Button(t("Talk to a person"), "human"))
    return Reply((card_form_elsewhere(t, public_url), Buttons((row,), "")))
