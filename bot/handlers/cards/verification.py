"""Verifies whose application it is: the consent, the application number, and a second fact.

```mermaid
stateDiagram-v2
    [*] --> consent: nothing is bound yet
    consent --> number: 同意
    consent --> [*]: 不同意
    number --> number: not an application number, or a whole ID or card number
    number --> number: 我没有编号 (where to go without one)
    number --> fact: application number
    fact --> number: 返回
    fact --> [*]: both facts match, or the code is one that an operator issued: it is shown
    fact --> number: they do not (the same words, whichever is wrong), with the tries left
    fact --> [*]: too many tries
    number --> [*]: asked for a station, a person …
```
"""

import re
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final

from bot.conversation.context import Context
from bot.conversation.replies import Reply
from bot.handlers.cards import verification_replies as replies
from bot.handlers.cards.consent import CardConsent
from bot.handlers.feature import Feature, join
from bot.handlers.form_steps import too_much, typed
from bot.services.cards.applications import Cards
from bot.services.cards.blind_index import FactKind
from bot.services.cards.errors import TriesUsedUp
from bot.services.cards.lockout import Guesser
from bot.services.couriers.account_linking import read_code
from bot.services.personal_data import validation

NO_NUMBER: Final = re.compile(
    "没有?(?!收到).{0,4}(?:编号|号码|单号|短信|回执)|不知道|不清楚|不记得|不晓得|忘|没收到|没给|找不|丢|没有$|没$"
    "|哪(?:里|儿)?有|no number|don.?t (?:know|have)|lost|forgot",
    re.IGNORECASE,
)

Show = Callable[[Context, int], Awaitable[Reply]]


class NoNumber(Enum):
    """Why a text is not an application number."""

    SENSITIVE = auto()
    """A whole ID or card number."""
    HAS_NONE = auto()
    """The courier says that they have no number."""
    OTHER = auto()


def read_number(text: str) -> str | NoNumber:
    """The application number that a text is, in its normal form."""
    if validation.contains_full_id_or_card(text):
        return NoNumber.SENSITIVE
    number = validation.application_number(text)
    if number is not None:
        return number
    return NoNumber.HAS_NONE if NO_NUMBER.search(text) else NoNumber.OTHER


class CardVerification:
    """The steps up to an application that is the courier's own, which `show` then shows."""

    def __init__(self, applications: Cards, show: Show) -> None:
        self._applications = applications
        self._show = show
        self._consent = CardConsent(self.ask_number)

    def feature(self) -> Feature:
        """Its buttons and steps."""
        own = Feature(
            actions={"card.add": self.ask_number},
            steps={"card.number": self.receive_number, "card.fact": self.receive_digits},
        )
        return join([own, self._consent.feature()])

    async def ask_number(self, ctx: Context) -> Reply:
        """The first fact. Without a consent it is asked for first, from an old button too."""
        if not await self._consent.given(ctx):
            return self._consent.ask(ctx)
        return replies.first_question(ctx)

    async def receive_number(self, ctx: Context) -> Reply:
        """The application number."""
        match read_number(typed(ctx)):
            case str(number):
                return replies.digits_question(ctx, number)
            case NoNumber.SENSITIVE:
                return replies.number_question(ctx, too_much(ctx.t))
            case NoNumber.HAS_NONE:
                return replies.without_number(ctx)
            case NoNumber.OTHER:
                replies.interrupt_for_other_question(ctx)
                return replies.not_a_number(ctx)

    async def receive_digits(self, ctx: Context) -> Reply:
        """The second fact, or a release code; the answer says only whether both match."""
        number = ctx.data.get("number")
        if not isinstance(number, str):
            return await self.ask_number(ctx)
        text = typed(ctx)
        if validation.contains_full_id_or_card(text):
            return replies.digits_question(ctx, number, too_much(ctx.t))
        db, now, cards = ctx.db, ctx.now, self._applications
        who = Guesser(ctx.courier.id, ctx.event.network)
        digits = validation.last_four(text)
        if digits is not None:
            kinds = (FactKind.PHONE,) if ctx.abroad else tuple(FactKind)
            proof = cards.prove(db, who, number, digits, now, kinds)
            return await self._verify(ctx, who, number, proof)
        code = read_code(text)
        if code is not None:
            proof = cards.prove_by_release(db, who, number, code, now)
            return await self._verify(ctx, who, number, proof)
        replies.interrupt_for_other_question(ctx)
        return replies.not_four_digits(ctx, number)

    async def _verify(
        self, ctx: Context, who: Guesser, number: str, proof: Awaitable[int | None]
    ) -> Reply:
        try:
            found = await proof
        except TriesUsedUp as refused:
            return replies.locked(ctx, everybody=refused.everybody)
        if found is not None:
            return await self._show(ctx, found)
        left = await self._applications.tries_left(ctx.db, who, number, ctx.now)
        return replies.no_match(ctx, left) if left else replies.locked(ctx, everybody=False)
