"""What the steps of every form share: navigation, typed text, cancelling and interrupting."""

from collections.abc import Mapping
from typing import Final

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.conversation.context import Context, Handler, StepInterruptedError
from bot.conversation.events import Text
from bot.conversation.replies import (
    AskLocation,
    Button,
    Buttons,
    Json,
    Part,
    Reply,
    Say,
    Then,
)
from bot.intents import Intent, understand
from bot.intents.contacts import gives_up
from bot.intents.subjects.money import money_topic
from bot.intents.subjects.scams import asks_about_scams
from bot.services.personal_data import validation

Rows = tuple[tuple[Button, ...], ...]

NON_INTERRUPTING_INTENTS: Final = frozenset(
    {Intent.GREETING, Intent.THANKS, Intent.SMALLTALK, Intent.OTHER, Intent.CARD_APPLY}
)
"""Intents that leave no form: what is recognised as one may be an answer after all."""

GIVING_UP_IS_AN_ANSWER: Final = frozenset({"card.consent", "remind.hours", "training.comment"})
"""Steps whose own answer to 算了 is better: no consent, hours as they were, no comment."""

LINK_CODE: Final = LazyPattern("[2-9A-Za-z]{4}-[2-9A-Za-z]{4}")
"""A linking code as it is shown: it may be pasted at any time, and no form takes it."""

YES_WORDS = (
    "同意 好 好的 好嘞 可以 行 嗯 是 是的 对 对的 没错 没问题 确认 确定 要 要了 "
    "ok okay yes y confirm hao xing tongyi"
)
NO_WORDS = "不同意 不 不行 不要 不用 不可以 不是 不对 否 算了 no n buyao"
YES, NO = frozenset(YES_WORDS.split()), frozenset(NO_WORDS.split())


def navigation_buttons(ctx: Context, back: str, *, first: Rows = (), prompt: str = "") -> Buttons:
    """`first`, then 返回 to the action `back` and 取消."""
    t = ctx.t
    last = (Button(t("Back"), back), Button(t("Cancel"), "cancel"))
    return Buttons((*first, last), prompt)


@value
class FormQuestion:
    """One step of a form: what is asked, where 返回 leads, the choices.

    `ask` asks for a location too. `wrong` says what was wrong with the last answer.
    `unsure_answer` is that answer where it is taken when it comes again.
    """

    step: str
    back: str
    message: str
    wrong: str = ""
    rows: Rows = ()
    prompt: str = ""
    ask: AskLocation | None = None
    unsure_answer: str = ""

    def about(self, ctx: Context, subject: str, answers: dict[str, Json]) -> Reply:
        """The question, which waits for words; the answers so far are kept as `subject`."""
        text = f"{self.wrong}\n{self.message}" if self.wrong else self.message
        asked: tuple[Part, ...] = (Say(text), self.ask) if self.ask else (Say(text),)
        buttons = navigation_buttons(ctx, self.back, first=self.rows, prompt=self.prompt)
        data: dict[str, Json] = {subject: answers, "doubt": self.unsure_answer}
        return Reply((*asked, buttons), Then(self.step, data))


def says_it_again(ctx: Context) -> bool:
    """Whether what looked wrong was typed once more, and so is meant."""
    return bool(typed(ctx)) and ctx.data.get("doubt") == typed(ctx)


def too_much(t: Translator) -> str:
    """The answer to a whole ID or card number."""
    return t(
        "That looks like a whole ID or card number. I have forgotten it already; please never "
        "type it in a chat, and delete your message if you can."
    )


def typed(ctx: Context) -> str:
    """What was typed; empty for anything else."""
    return ctx.event.content.text if isinstance(ctx.event.content, Text) else ""


def reject_sensitive_input(steps: Mapping[str, Handler]) -> dict[str, Handler]:
    """Wraps steps: a whole ID or card number is answered with a warning; the step waits on."""

    def guarded(name: str, step: Handler) -> Handler:
        async def answer(ctx: Context) -> Reply:
            if not validation.contains_full_id_or_card(typed(ctx)):
                return await step(ctx)
            out = ((Button(ctx.t("Cancel"), "cancel"),),)
            return Reply((Buttons(out, too_much(ctx.t)),), Then(name, dict(ctx.data)))

        return answer

    return {name: guarded(name, step) for name, step in steps.items()}


def says_yes(ctx: Context) -> bool:
    """Whether the whole text is a yes."""
    return _word(ctx) in YES


def says_no(ctx: Context) -> bool:
    """Whether the whole text is a no."""
    return _word(ctx) in NO


def no_name(t: Translator) -> str:
    """The answer to what does not look like a name."""
    return t(
        "That does not look like a name. Just the name, for example: 王强. If it is your name, "
        "send it once more; to stop, say “cancel”."
    )


def left_in_words(ctx: Context, fits: frozenset[str] = frozenset()) -> Reply | None:
    """The reply to a courier who cancels the form in words; None where they do not.

    Raises `StepInterruptedError` where the text surely asks for something else: that is answered,
    and the form goes on. `fits`: intents and facilities that may be an answer to this step.
    """
    text = typed(ctx)
    if gives_up(text):
        return farewell(ctx.t)
    interrupt_for_linking_code(ctx)
    if asks_elsewhere(text, fits):
        raise StepInterruptedError(data=ctx.data)
    return None


def interrupt_for_linking_code(ctx: Context) -> None:
    """Raises `StepInterruptedError` for a linking code: no form takes it."""
    if LINK_CODE.fullmatch(typed(ctx).strip()):
        raise StepInterruptedError(data=ctx.data)


def farewell(t: Translator) -> Reply:
    """The reply to a courier who gives a form up."""
    text = t("All right, we leave it there; nothing of the form is kept.")
    row = (Button(t("Stations near me"), "locate"), Button(t("Trainings"), "training.list"))
    return Reply((Say(text), Buttons((row,), "")))


def hear_giving_up(steps: Mapping[str, Handler]) -> dict[str, Handler]:
    """Wraps steps: 算了 不办了, 我要退 end the form, whatever it asked."""

    def guarded(step: Handler) -> Handler:
        async def answer(ctx: Context) -> Reply:
            return farewell(ctx.t) if gives_up(typed(ctx)) else await step(ctx)

        return answer

    own = {name: step for name, step in steps.items() if name in GIVING_UP_IS_AN_ANSWER}
    return {name: guarded(step) for name, step in steps.items()} | own


def asks_elsewhere(text: str, fits: frozenset[str] = frozenset()) -> bool:
    """Whether a text is surely about something other than the form's question."""
    if not any(one.isalpha() for one in text):
        return False  # the model has an opinion about numbers too
    found = understand(text)
    about_money = money_topic(text) is not None or asks_about_scams(text)
    if found.facilities - fits or about_money:
        return True
    return found.sure and found.intent not in NON_INTERRUPTING_INTENTS | fits


def _word(ctx: Context) -> str:
    return typed(ctx).strip().strip("。.!！").casefold()
