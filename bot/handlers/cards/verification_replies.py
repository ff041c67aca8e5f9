"""The questions of the verification and its refusals, as replies."""

from typing import Final

from bot.conversation.context import Context, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.cards.wording import warning
from bot.handlers.form_steps import Rows, asks_elsewhere, navigation_buttons, typed
from bot.intents import Intent

CARD_INTENTS: Final = frozenset({Intent.CARD_STATUS, Intent.PARCEL, Intent.WAITLIST_POSITION})
"""Intents that are recognised in the words about a number, and interrupt nothing."""


def number_question(ctx: Context, text: str, rows: Rows = ()) -> Reply:
    """Waits for the application number; `text` asks for it, or says what was wrong."""
    message = Say(f"{text}\n{warning(ctx.t)}")
    return Reply((message, navigation_buttons(ctx, "start", first=rows)), Then("card.number"))


def first_question(ctx: Context) -> Reply:
    """Asks for the application number, and says where it is found."""
    t = ctx.t
    text = t("Type your application number. It is on the receipt, or in the bank's message.")
    return number_question(ctx, text)


def without_number(ctx: Context) -> Reply:
    """Where to go without an application number."""
    text = ctx.t(
        "No number, no matter: an outlet's counter finds it with your ID card. Many cards "
        "are made at the counter and have no number."
    )
    return number_question(ctx, text, _outlet_or_person(ctx))


def not_a_number(ctx: Context) -> Reply:
    """What an application number looks like."""
    t = ctx.t
    text = t("That is no application number: letters and digits, at least 6. Once more?")
    return number_question(ctx, text)


def digits_question(ctx: Context, number: str, text: str = "") -> Reply:
    """Waits for the last four digits; `text` says what was wrong before."""
    t = ctx.t
    if ctx.abroad:
        question = t("And the last 4 digits of the phone on the form.")
    else:
        question = t("And the last 4 of the phone or of the ID card on the form, either will do.")
    lines = [line for line in (text, question, warning(t)) if line]
    then = Then("card.fact", {"number": number})
    return Reply((Say("\n".join(lines)), navigation_buttons(ctx, "card.add")), then)


def not_four_digits(ctx: Context, number: str) -> Reply:
    """What the last four digits look like."""
    return digits_question(ctx, number, ctx.t("Only four: such as 1234, or 123X."))


def no_match(ctx: Context, left: int) -> Reply:
    """The same text whichever fact is wrong, with the tries that are left."""
    t = ctx.t
    wrong = t(
        "Number and digits do not belong together, or the bank's news has not come yet. Type "
        "the number once more, or ask the outlet: many cards are made at the counter and have "
        "no number."
    )
    tries = t.n(
        "{n} more try, then I lock for 24 hours.",
        "{n} more tries, then I lock for 24 hours.",
        left,
    )
    return number_question(ctx, f"{wrong}\n{tries}", _outlet_or_person(ctx))


def locked(ctx: Context, *, everybody: bool) -> Reply:
    """Too many tries; `everybody`: not by this courier alone."""
    t = ctx.t
    if everybody:
        text = t(
            "Too many tries are going on just now; please come back in an hour. If you cannot "
            "wait, the outlet can have a release code made at the counter, with your ID card."
        )
    else:
        text = t(
            "Too many tries that did not match, so this is locked for 24 hours, for safety. "
            "The outlet tells you at the counter, with your ID card, and can have a release code "
            "made: type your number, then that code in place of the four digits."
        )
    row = (Button(t("Talk to a person"), "human"), Button(t("Stations near me"), "locate"))
    return Reply((Say(f"{text}\n{warning(t)}"), Buttons((row,), "")))


def interrupt_for_other_question(ctx: Context) -> None:
    """Raises `StepInterruptedError` where the text is surely about something else.

    Nothing is lost by that: the number is typed once more.
    """
    if asks_elsewhere(typed(ctx), CARD_INTENTS):
        raise StepInterruptedError


def _outlet_or_person(ctx: Context) -> Rows:
    t = ctx.t
    return ((Button(t("Nearest outlet"), "card.outlet"), Button(t("Talk to a person"), "human")),)
