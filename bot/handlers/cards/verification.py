"""Verifies whose application it is: the consent, the application number, and a second fact.

What was said is never asked for again: both facts may come in one message, in any order, before
the consent too. Only a try with both facts counts; what is no fact at all costs nothing.

```mermaid
stateDiagram-v2
    [*] --> consent: nothing is bound yet
    consent --> number: 同意
    consent --> [*]: 不同意, 算了
    number --> number: not an application number, or a whole ID or card number
    number --> number: 我没有编号 (where to go without one), a question (answered)
    number --> fact: application number
    number --> [*]: both facts in one message
    fact --> number: 返回
    fact --> fact: another application number
    fact --> [*]: both facts match, or the code is one that an operator issued: it is shown
    fact --> number: they do not (the same words, whichever is wrong), with the tries left
    number --> [*]: the other fact mended, and now both match
    fact --> [*]: too many tries
    number --> [*]: 算了
```
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context
from bot.conversation.replies import Reply
from bot.handlers.cards import verification_replies as replies
from bot.handlers.cards.consent import CardConsent
from bot.handlers.cards.facts import CardFacts, known_facts, read_facts
from bot.handlers.cards.short_answers import answer_to_question
from bot.handlers.feature import Feature, join
from bot.handlers.form_steps import interrupt_for_linking_code, left_in_words, too_much, typed
from bot.services.cards.applications import Cards
from bot.services.cards.blind_index import FactKind
from bot.services.cards.errors import TriesUsedUp
from bot.services.cards.lockout import Guesser
from bot.services.couriers.account_linking import read_code
from bot.services.personal_data.validation import (
    contains_full_id_or_card,
    looks_like_application,
)

NO_NUMBER: Final = LazyPattern(
    "没有?(?!收到).{0,4}(?:编号|号码|单号|短信|回执)|不知道|不清楚|不记得|不晓得|忘|没收到|没给|找不|丢|没有$|没$"
    "|哪(?:里|儿)?有|no number|don.?t (?:know|have)|lost|forgot",
    re.IGNORECASE,
)

Show = Callable[[Context, int], Awaitable[Reply]]


class CardVerification:
    """The steps up to an application that is the courier's own, which `show` then shows."""

    def __init__(self, applications: Cards, show: Show) -> None:
        self._applications = applications
        self._show = show
        self._consent = CardConsent(self.ask_missing)

    def feature(self) -> Feature:
        """Its buttons and steps, and what recognises an application number in free text."""
        own = Feature(
            actions={"card.add": self.ask_number},
            steps={"card.number": self.receive, "card.fact": self.receive},
            resumes={"card.number": self.ask_missing, "card.fact": self.ask_missing},
            references=(self.recognise,),
        )
        return join([own, self._consent.feature()])

    async def ask_number(self, ctx: Context) -> Reply:
        """Another application: from its first question, with nothing known yet."""
        return await self.ask_missing(replace(ctx, data={}))

    async def recognise(self, ctx: Context) -> Reply | None:
        """A free text with an application number in it: looked up with what it says besides."""
        facts = read_facts(typed(ctx))
        if not looks_like_application(facts.number):
            return None
        return await self._look_up(ctx, facts)

    async def ask_missing(self, ctx: Context) -> Reply:
        """Asks what is not known yet. Without a consent that is asked for first."""
        return await self._look_up(ctx, known_facts(ctx))

    async def receive(self, ctx: Context) -> Reply:
        """One fact, or both, or a release code, or a question that is answered."""
        text, known = typed(ctx), known_facts(ctx)
        if contains_full_id_or_card(text):
            return replies.missing_question(ctx, known, too_much(ctx.t))
        if not known.number:
            interrupt_for_linking_code(ctx)
        said = read_facts(text)
        code = read_code(text) if known.number and not said.digits else None
        if code is not None and not looks_like_application(said.number):
            who = Guesser(ctx.courier.id, ctx.event.network)
            proof = self._applications.prove_by_release(ctx.db, who, known.number, code, ctx.now)
            return await self._verify(ctx, who, known, proof)
        if said.number or said.digits:
            mended = bool(said.number and known.number) and said.number != known.number
            digits = said.digits or ("" if mended else known.digits)
            facts = CardFacts(said.number or known.number, digits, said.by_phone)
            return await self._look_up(ctx, facts)
        if NO_NUMBER.search(text) and not re.search(r"\d{3}", text):
            return replies.without_number(ctx, known)
        if (answer := answer_to_question(ctx.t, text)) is not None:
            return replies.missing_question(ctx, known, answer)
        if (left := left_in_words(ctx, fits=replies.CARD_INTENTS)) is not None:
            return left
        if known.number:
            return replies.not_four_digits(ctx, known)
        return replies.not_a_number(ctx, known)

    async def _look_up(self, ctx: Context, facts: CardFacts) -> Reply:
        """Tries both facts, or asks for the one that is missing."""
        if not await self._consent.given(ctx):
            return self._consent.ask(ctx, facts)
        if not (facts.number and facts.digits):
            return replies.missing_question(ctx, facts)
        who = Guesser(ctx.courier.id, ctx.event.network)
        kinds = (FactKind.PHONE,) if ctx.abroad else tuple(FactKind)
        proof = self._applications.prove(ctx.db, who, facts.number, facts.digits, ctx.now, kinds)
        return await self._verify(ctx, who, facts, proof)

    async def _verify(
        self, ctx: Context, who: Guesser, facts: CardFacts, proof: Awaitable[int | None]
    ) -> Reply:
        try:
            found = await proof
        except TriesUsedUp as refused:
            return replies.locked(ctx, everybody=refused.everybody)
        if found is not None:
            return await self._show(ctx, found)
        left = await self._applications.tries_left(ctx.db, who, facts.number, ctx.now)
        if not left:
            return replies.locked(ctx, everybody=False)
        return replies.no_match(ctx, facts.number, left)
