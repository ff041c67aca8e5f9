"""The questions of the verification and its refusals, as replies."""

from typing import Final

from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.cards.facts import CardFacts, remember
from bot.handlers.cards.wording import warning
from bot.handlers.form_steps import Rows, navigation_buttons
from bot.intents import Intent

CARD_INTENTS: Final = frozenset({Intent.CARD_STATUS, Intent.PARCEL, Intent.WAITLIST_POSITION})
"""Intents that are recognised in the words about a number, and interrupt nothing."""


def number_question(ctx: Context, text: str, known: CardFacts, rows: Rows = ()) -> Reply:
    """Waits for the application number; `text` asks for it, or says what was wrong."""
    message = Say(f"{text}\n{warning(ctx.t)}")
    return Reply(
        (message, navigation_buttons(ctx, "start", first=rows)), remember("card.number", known)
    )


def missing_question(ctx: Context, known: CardFacts, text: str = "") -> Reply:
    """Asks for the fact that is not known; `text` goes before the question."""
    t = ctx.t
    if known.number:
        return digits_question(ctx, known.number, text)
    if known.by_phone:
        question = t(
            "That is a phone number; I keep its last four digits. And the application number, from "
            "the receipt or the bank's message?"
        )
    elif known.digits:
        question = t("Got the last four. And the application number?")
    else:
        question = t(
            "Type your application number, it is on the receipt or in the bank's message. The "
            "last 4 digits of your phone may come along in the same message."
        )
    return number_question(ctx, "\n".join(line for line in (text, question) if line), known)


def without_number(ctx: Context, known: CardFacts) -> Reply:
    """Where to go without an application number."""
    text = ctx.t(
        "No number, no matter: an outlet's counter finds it with your ID card. Many cards "
        "are made at the counter and have no number."
    )
    return number_question(ctx, text, CardFacts(digits=known.digits), _outlet_or_person(ctx))


def not_a_number(ctx: Context, known: CardFacts) -> Reply:
    """What an application number looks like."""
    t = ctx.t
    text = t("That is no application number: letters and digits, at least 6. Once more?")
    return number_question(ctx, text, known)


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


def not_four_digits(ctx: Context, known: CardFacts) -> Reply:
    """What the last four digits look like."""
    return digits_question(ctx, known.number, ctx.t("Only four: such as 1234, or 123X."))


def no_match(ctx: Context, number: str, left: int) -> Reply:
    """The same text whichever fact is wrong, with the tries that are left.

    The number stays known: who mistyped the digits types only these again.
    """
    t = ctx.t
    wrong = t(
        "Number and digits do not belong together, or the bank's news has not come yet. Type "
        "again whichever was wrong, the number or the digits, or ask the outlet: many cards are "
        "made at the counter and have no number."
    )
    tries = t.n(
        "{n} more try, then I lock for 24 hours.",
        "{n} more tries, then I lock for 24 hours.",
        left,
    )
    known = CardFacts(number)
    return number_question(ctx, f"{wrong}\n{tries}", known, _outlet_or_person(ctx))


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


def _outlet_or_person(ctx: Context) -> Rows:
    t = ctx.t
    return ((Button(t("Nearest outlet"), "card.outlet"), Button(t("Talk to a person"), "human")),)
