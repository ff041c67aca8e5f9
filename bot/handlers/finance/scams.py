"""是不是骗子: red flags in what a courier pastes, why each is one, and what to do.

```mermaid
stateDiagram-v2
    [*] --> shown: a message that says what is wanted of the courier
    [*] --> paste: 是不是骗子
    paste --> shown: anything pasted
    shown --> paste: 再查一条
```

What was pasted is read once and kept nowhere: it is in no state, in no stored answer and in no log,
and no answer repeats it. Nothing is ever called safe.
"""

from typing import Final

from bot.common.i18n import Translator
from bot.conversation.context import Context, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Link, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.form_steps import asks_elsewhere, too_much, typed
from bot.intents.subjects.scams import ScamRule, asks_about_scams, red_flags
from bot.services.personal_data import validation

STEP: Final = "scam.paste"
MOST: Final = 3
"""Flags that are explained; the others are named."""
LONGEST_QUESTION: Final = 20
"""Characters of a message that may ask for something else while one is to be pasted."""


class ScamHandlers:
    """Checks for fraud. `public_url`: where this service's own pages are, empty if nowhere."""

    def __init__(self, public_url: str = "") -> None:
        self._own = public_url.rstrip("/")

    def feature(self) -> Feature:
        """Its button, step and words; `noticed` takes free text."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            spoken = t.p("spoken words", "is it a scam, scam, scam check, /scam")
            return ((spoken, "scam.ask"),)

        return Feature(
            actions={"scam.ask": self.ask},
            steps={STEP: self.receive},
            words=words,
        )

    async def ask(self, ctx: Context) -> Reply:
        """Asks for the message, number or link."""
        t = ctx.t
        text = t(
            "Paste the message, the number or the link here, or say what they want of you. I only "
            "read it and keep it nowhere. Leave out your own card number and codes."
        )
        row = (Button(t("Money matters"), "money"), Button(t("Cancel"), "cancel"))
        return Reply((Say(text), Buttons((row,), "")), Then(STEP, {}))

    async def receive(self, ctx: Context) -> Reply:
        """What was pasted. A short question about something else is answered instead."""
        text = typed(ctx)
        flags = red_flags(text)
        short = len(text) <= LONGEST_QUESTION
        if short and not flags and not asks_about_scams(text) and asks_elsewhere(text):
            raise StepInterruptedError
        return self._checked(ctx, text, flags)

    async def noticed(self, ctx: Context) -> Reply | None:
        """A message that asks about fraud or looks like one; None for all others.

        A place that was shared as a link of a map is none of it.
        """
        text = typed(ctx)
        if getattr(ctx.event.content, "place", None) is not None or not asks_about_scams(text):
            return None
        if self._own and self._own in text:
            return None
        flags = red_flags(text)
        return self._checked(ctx, text, flags) if flags else await self.ask(ctx)

    def _checked(self, ctx: Context, text: str, flags: tuple[ScamRule, ...]) -> Reply:
        t = ctx.t
        lines = [too_much(t)] if validation.contains_full_id_or_card(text) else []
        lines += _flagged(t, flags) if flags else [_unflagged(t)]
        links = (
            Link(t("Call 96110 (fraud advice line)"), "tel:96110"),
            Link(t("Call 110 if money has gone"), "tel:110"),
        )
        rows = (
            (Button(t("Check another one"), "scam.ask"), Button(t("Money matters"), "money")),
            (Button(t("Talk to a person"), "human"),),
        )
        return Reply((Say("\n".join(lines), links), Buttons(rows, "")))


def _flagged(t: Translator, flags: tuple[ScamRule, ...]) -> list[str]:
    side = 0 if t.locale.startswith("zh") else 1
    lines = [t.n("This has a mark of fraud:", "This has {n} marks of fraud:", len(flags))]
    lines += [
        t("【{name}】{why} {todo}", name=one.name[side], why=one.why[side], todo=one.todo[side])
        for one in flags[:MOST]
    ]
    if rest := [flag.name[side] for flag in flags[MOST:]]:
        lines.append(t("Besides: {names}", names=t(", ").join(rest)))
    lines.append(
        t(
            "Do not pay, open nothing, share no screen, give no code. If money has gone: 110 at "
            "once, and have your bank stop the payment. Not sure: 96110."
        )
    )
    lines.append(t("I have not kept what you sent."))
    return lines


def _unflagged(t: Translator) -> str:
    return t(
        "I see none of the tricks that I know, and that does not make it honest. Check three "
        "things: does it want money first? Does it want a code, a password or your screen? Does it "
        "hurry you or ask you to keep quiet? One yes: stop. Ask 96110, your dispatcher on the "
        "number you know, or an outlet's counter, never by the number or link they gave. I have "
        "not kept what you sent."
    )
