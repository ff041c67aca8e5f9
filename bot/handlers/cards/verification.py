"""Whose application it is: the consent, the application number, and a second fact.

```mermaid
stateDiagram-v2
    [*] --> consent: nothing is bound yet
    consent --> number: 同意
    consent --> [*]: 不同意
    number --> number: no such thing as an application number, or far too much
    number --> number: 我没有编号 (where to go without one)
    number --> fact: application number
    fact --> number: 返回
    fact --> [*]: both facts belong together, the application is shown
    fact --> number: they do not (the same words, whichever is wrong), with the tries left
    fact --> [*]: too many tries
    number --> [*]: asked for a station, a person …
```
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from bot.conversation.context import Context, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.cards import wording
from bot.handlers.feature import Feature
from bot.handlers.form_steps import (
    Rows,
    asks_elsewhere,
    navigation_buttons,
    says_no,
    says_yes,
    too_much,
    typed,
)
from bot.services.cards.applications import Cards
from bot.services.cards.blind_index import FactKind
from bot.services.cards.errors import TriesUsedUp
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose
from bot.services.personal_data import validation

NO_NUMBER: Final = re.compile(
    "没有?(?!收到).{0,4}(?:编号|号码|单号|短信|回执)|不知道|不清楚|不记得|不晓得|忘|没收到|没给|找不|丢|没有$|没$"
    "|哪(?:里|儿)?有|no number|don.?t (?:know|have)|lost|forgot",
    re.IGNORECASE,
)

CARD_WORDS: Final = frozenset({"card_status", "parcel", "waitlist_position"})
"""What is said about a number that one looks for."""

Show = Callable[[Context, int], Awaitable[Reply]]


class CardProof:
    """The steps up to an application that is the courier's own, which `show` then shows."""

    def __init__(self, known: Cards, show: Show) -> None:
        self._cards = known
        self._show = show

    def feature(self) -> Feature:
        """Its buttons and steps."""
        return Feature(
            actions={
                "card.agree": self.agree,
                "card.refuse": self.refuse,
                "card.add": self.ask_number,
            },
            steps={
                "card.consent": self.hear_consent,
                "card.number": self.hear_number,
                "card.fact": self.hear_fact,
            },
        )

    async def begin(self, ctx: Context) -> Reply:
        """The first question that is still open."""
        if await consents.given(ctx.db, ctx.courier.id, _purpose(ctx)):
            return await self.ask_number(ctx)
        return self._ask_consent(ctx)

    def _ask_consent(self, ctx: Context) -> Reply:
        t = ctx.t
        if ctx.abroad:
            said = t(
                "To find your application I need its number and the last 4 digits of the phone on "
                "the form. May I use them, only to tell you how it stands? What you write here "
                "passes through servers outside mainland China; I never ask for your name or a "
                "whole number here. “Delete my data” takes it all back."
            )
        else:
            said = t(
                "To find your application I need its number and the last 4 digits of the phone or "
                "ID card on the form. May I use them, only to tell you how it stands? “Delete my "
                "data” takes it all back."
            )
        yes_no = (Button(t("I agree"), "card.agree"), Button(t("No"), "card.refuse"))
        return Reply((Say(said), Buttons((yes_no,), "")), Then("card.consent"))

    async def hear_consent(self, ctx: Context) -> Reply:
        """A yes or no in words; anything else is asked again."""
        if says_yes(ctx):
            return await self.agree(ctx)
        if says_no(ctx):
            return await self.refuse(ctx)
        _leave_elsewhere(ctx)
        return self._ask_consent(ctx)

    async def agree(self, ctx: Context) -> Reply:
        """Remembers the yes, and goes on."""
        where = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, _purpose(ctx), where, ctx.now, yes=True)
        return await self.ask_number(ctx)

    async def refuse(self, ctx: Context) -> Reply:
        """Remembers the no, and says what works without it."""
        where = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, _purpose(ctx), where, ctx.now, yes=False)
        t = ctx.t
        said = t("All right, I look nothing up. The outlet tells you at the counter.")
        row = (Button(t("How to get a card"), "card.apply"), Button(t("Talk to a person"), "human"))
        return Reply((Say(said), Buttons((row,), "")))

    async def ask_number(self, ctx: Context) -> Reply:
        """The first fact. Without a consent it is asked for first, whoever kept an old button."""
        if not await consents.given(ctx.db, ctx.courier.id, _purpose(ctx)):
            return self._ask_consent(ctx)
        t = ctx.t
        said = t("Type your application number. It is on the receipt, or in the bank's message.")
        return self._at_number(ctx, said)

    def _at_number(self, ctx: Context, said: str, rows: Rows = ()) -> Reply:
        warned = Say(f"{said}\n{wording.warning(ctx.t)}")
        return Reply((warned, navigation_buttons(ctx, "start", first=rows)), Then("card.number"))

    async def hear_number(self, ctx: Context) -> Reply:
        """The application number."""
        t = ctx.t
        text = typed(ctx)
        if validation.contains_full_id_or_card(text):
            return self._at_number(ctx, too_much(t))
        number = validation.application_number(text)
        if number is None and NO_NUMBER.search(text):
            said = t(
                "No number, no matter: an outlet's counter finds it with your ID card. Many cards "
                "are made at the counter and have no number."
            )
            return self._at_number(ctx, said, _outlet_or_person(ctx))
        if number is None:
            _leave_elsewhere(ctx)
            said = t("That is no application number: letters and digits, at least 6. Once more?")
            return self._at_number(ctx, said)
        return self._at_fact(ctx, number, "")

    def _at_fact(self, ctx: Context, number: str, said: str) -> Reply:
        t = ctx.t
        if ctx.abroad:
            asked = t("And the last 4 digits of the phone on the form.")
        else:
            asked = t("And the last 4 of the phone or of the ID card on the form, either will do.")
        lines = [line for line in (said, asked, wording.warning(t)) if line]
        then = Then("card.fact", {"number": number})
        return Reply((Say("\n".join(lines)), navigation_buttons(ctx, "card.add")), then)

    async def hear_fact(self, ctx: Context) -> Reply:
        """The second fact: both together are right or not, and nothing else is ever said."""
        number = ctx.data.get("number")
        if not isinstance(number, str):
            return await self.ask_number(ctx)
        text = typed(ctx)
        if validation.contains_full_id_or_card(text):
            return self._at_fact(ctx, number, too_much(ctx.t))
        digits = validation.last_four(text)
        if digits is None:
            _leave_elsewhere(ctx)
            return self._at_fact(ctx, number, ctx.t("Only four: such as 1234, or 123X."))
        return await self._prove(ctx, number, digits)

    async def _prove(self, ctx: Context, number: str, digits: str) -> Reply:
        t = ctx.t
        try:
            kinds = (FactKind.PHONE,) if ctx.abroad else tuple(FactKind)
            found = await self._cards.prove(ctx.db, ctx.courier.id, number, digits, ctx.now, kinds)
        except TriesUsedUp as refused:
            return _locked(ctx, everybody=refused.everybody)
        if found is not None:
            return await self._show(ctx, found)
        left = await self._cards.tries_left(ctx.db, ctx.courier.id, number, ctx.now)
        if not left:
            return _locked(ctx, everybody=False)
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
        return self._at_number(ctx, f"{wrong}\n{tries}", _outlet_or_person(ctx))


def _purpose(ctx: Context) -> Purpose:
    return Purpose.CARD_OVERSEAS if ctx.abroad else Purpose.CARD


def _locked(ctx: Context, *, everybody: bool) -> Reply:
    t = ctx.t
    if everybody:
        said = t("Too many tries are going on just now; please come back in an hour.")
    else:
        said = t(
            "Too many tries that did not match, so this is locked for 24 hours, for safety. "
            "The outlet tells you at the counter, with your ID card."
        )
    row = (Button(t("Talk to a person"), "human"), Button(t("Stations near me"), "locate"))
    return Reply((Say(f"{said}\n{wording.warning(t)}"), Buttons((row,), "")))


def _outlet_or_person(ctx: Context) -> Rows:
    t = ctx.t
    return ((Button(t("Nearest outlet"), "card.outlet"), Button(t("Talk to a person"), "human")),)


def _leave_elsewhere(ctx: Context) -> None:
    """Nothing typed here is lost by a question in between: the number is typed once more."""
    if asks_elsewhere(typed(ctx), CARD_WORDS):
        raise StepInterruptedError
