"""The consent to look an application up: asked once, kept until it is taken back."""

from bot.conversation.context import Context, Handler
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.cards.facts import CardFacts, known_facts, read_facts, remember
from bot.handlers.cards.short_answers import answer_to_question
from bot.handlers.cards.verification_replies import CARD_INTENTS
from bot.handlers.feature import Feature
from bot.handlers.form_steps import (
    interrupt_for_linking_code,
    left_in_words,
    says_no,
    says_yes,
    typed,
)
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose


class CardConsent:
    """The question and its answers; `agreed` handles what comes after a yes."""

    def __init__(self, agreed: Handler) -> None:
        self._agreed = agreed

    def feature(self) -> Feature:
        """Its buttons and its step."""
        return Feature(
            actions={"card.agree": self.agree, "card.refuse": self.refuse},
            steps={"card.consent": self.receive},
            resumes={"card.consent": self.ask_again},
        )

    async def given(self, ctx: Context) -> bool:
        """Whether the courier agreed, for the kind of channel that this one is."""
        return await consents.given(ctx.db, ctx.courier.id, _purpose(ctx))

    def ask(self, ctx: Context, known: CardFacts, first: str = "") -> Reply:
        """What the data are for, and where they pass through; `first` goes before that.

        `known`: facts that were typed already; they are used after a yes only.
        """
        t = ctx.t
        if ctx.abroad:
            text = t(
                "To find your application I need its number and the last 4 digits of the phone on "
                "the form. May I use them, only to tell you how it stands? What you write here "
                "passes through servers outside mainland China; I never ask for your name or a "
                "whole number here. “Delete my data” takes it all back."
            )
        else:
            text = t(
                "To find your application I need its number and the last 4 digits of the phone or "
                "ID card on the form. May I use them, only to tell you how it stands? “Delete my "
                "data” takes it all back."
            )
        yes_no = (Button(t("I agree"), "card.agree"), Button(t("No"), "card.refuse"))
        said = f"{first}\n{text}" if first else text
        return Reply((Say(said), Buttons((yes_no,), "")), remember("card.consent", known))

    async def receive(self, ctx: Context) -> Reply:
        """A yes or no in words; anything else is asked again."""
        if says_yes(ctx):
            return await self.agree(ctx)
        if says_no(ctx):
            return await self.refuse(ctx)
        interrupt_for_linking_code(ctx)
        known, said = known_facts(ctx), read_facts(typed(ctx))
        if said.number or said.digits:
            return self.ask(ctx, CardFacts(said.number or known.number, said.digits))
        if (answer := answer_to_question(ctx.t, typed(ctx))) is not None:
            return self.ask(ctx, known, answer)
        if (left := left_in_words(ctx, fits=CARD_INTENTS)) is not None:
            return left
        return self.ask(ctx, known)

    async def ask_again(self, ctx: Context) -> Reply:
        """The question again, with what was typed so far."""
        return self.ask(ctx, known_facts(ctx))

    async def agree(self, ctx: Context) -> Reply:
        """Records the yes, and goes on."""
        await self._record(ctx, yes=True)
        return await self._agreed(ctx)

    async def refuse(self, ctx: Context) -> Reply:
        """Records the no, and says what works without it."""
        await self._record(ctx, yes=False)
        t = ctx.t
        text = t("All right, I look nothing up. The outlet tells you at the counter.")
        row = (Button(t("How to get a card"), "card.apply"), Button(t("Talk to a person"), "human"))
        return Reply((Say(text), Buttons((row,), "")))

    async def _record(self, ctx: Context, *, yes: bool) -> None:
        channel = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, _purpose(ctx), channel, ctx.now, yes=yes)


def _purpose(ctx: Context) -> Purpose:
    return Purpose.CARD_OVERSEAS if ctx.abroad else Purpose.CARD
