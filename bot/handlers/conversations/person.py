"""转人工: asking for a person, ending it, and what an operator's side sends."""

import re
from typing import Final

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Context
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.intents import Intent
from bot.services.conversations.courier_side import PersonConversations
from bot.services.conversations.duty import DutyHours
from bot.services.conversations.statuses import ClosedBy, PersonReason, PersonStatus
from bot.services.notifications.kinds import NoticeKind

_COMPLAINT: Final = re.compile(r"投诉|举报|\bcomplain", re.IGNORECASE)


@value
class PersonHandlers:
    """The courier's side of conversations with operators, who are there in the hours of `duty`.

    `contact`: the operator's own line about whom to call.
    """

    conversations: PersonConversations
    duty: DutyHours
    contact: str

    def feature(self) -> Feature:
        """What the buttons and words about a person do, and the notices of a conversation."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "human, agent, person"), "human"),
                (t.p("spoken words", "end the conversation, back to the bot"), "human.end"),
            )

        return Feature(
            actions={"human": self.ask, "human.leave": self.leave_message, "human.end": self.end},
            words=words,
            intent_handlers={Intent.HUMAN: self.ask},
            renderers={
                NoticeKind.PERSON_ANSWER: self.render_answer,
                NoticeKind.PERSON_STATE: self.render_state,
            },
            repeats=frozenset({NoticeKind.PERSON_ANSWER}),
        )

    async def ask(self, ctx: Context) -> Reply:
        """Puts the courier into the queue in the hours of duty; else tells whom to call."""
        reason = PersonReason.ASKED
        if _COMPLAINT.search(typed(ctx)):
            reason = PersonReason.COMPLAINT
        if self.duty.is_on(ctx.now):
            return await self._open(ctx, reason)
        t = ctx.t
        said = t(
            "Nobody is on duty now (hours: {hours}). You can leave a message, or call:",
            hours=self.duty.text,
        )
        rows = (
            (Button(t("Leave a message"), "human.leave"), Button(t("Stations near me"), "locate")),
        )
        return Reply((Say("\n".join([said, *self._phones(t)])), Buttons(rows, "")))

    async def leave_message(self, ctx: Context) -> Reply:
        """The same outside the hours: somebody reads it later."""
        return await self._open(ctx, PersonReason.MESSAGE)

    async def end(self, ctx: Context) -> Reply:
        """The courier wants the bot back."""
        t = ctx.t
        before = await self.conversations.end(ctx.db, ctx.courier.id, ClosedBy.COURIER, ctx.now)
        if before is None:
            said = t("There is no conversation with a person; I am the bot, ask me.")
        elif before is PersonStatus.WAITING:
            said = t("All right, you no longer wait for a person. I am the bot, ask me.")
        else:
            said = t("The conversation with our colleague is over. I am the bot again, ask me.")
        return Reply((Say(said), _next(t)))

    async def render_answer(self, context: NoticeContext) -> Reply | None:
        """What an operator wrote, marked as a person's words; None once it is deleted."""
        number = int(context.params["message"] or 0)
        text = await self.conversations.text(context.db, context.courier_id, number)
        if text is None:
            return None
        return Reply((Say(answer_text(context.t, text)),))

    async def render_state(self, context: NoticeContext) -> Reply | None:
        """Who answers from now on, as things stand; None once that is deleted."""
        t, number = context.t, int(context.params["conversation"] or 0)
        found = await self.conversations.state(context.db, context.courier_id, number)
        if found is None:
            return None
        status, by = found
        if status is not PersonStatus.CLOSED:
            said = t(
                "Our colleague talks with you again: write here. Say “{word}” to have the bot "
                "back.",
                word=end_word(t),
            )
            return Reply((Say(said),))
        match by:
            case ClosedBy.OPERATOR:
                said = t("Our colleague has closed the conversation. I am the bot again, ask me.")
            case ClosedBy.NOBODY:
                said = t("Sorry, nobody could answer you. These people you can call:")
                said = "\n".join([said, *self._phones(t)])
            case _:
                said = t(
                    "The conversation with our colleague has rested for a while, so I, the bot, "
                    "answer again. Say “human” if you still need a person."
                )
        return Reply((Say(said),))

    async def _open(self, ctx: Context, reason: PersonReason) -> Reply:
        t = ctx.t
        channel = ctx.event.sender.channel
        opened = await self.conversations.open(ctx.db, ctx.courier.id, channel, reason, ctx.now)
        said = []
        if reason is PersonReason.MESSAGE:
            said.append(t("Write your message now; a colleague answers in the hours of duty."))
        elif opened.ahead:
            said.append(t("I have called a colleague; {n} are in front of you.", n=opened.ahead))
        else:
            said.append(t("I have called a colleague, who answers here as soon as they can."))
        said.append(
            t(
                "What is it about? From now on what you write here is kept for our colleagues, "
                "encrypted, for 30 days. Please no passwords or whole card numbers."
            )
        )
        phones = "\n".join([t("If it is urgent, call:"), *self._phones(t)])
        row = (Button(end_label(t), "human.end"),)
        return Reply((Say("\n".join(said)), Say(phones), Buttons((row,), "")))

    def _phones(self, t: Translator) -> list[str]:
        own = [self.contact] if self.contact else []
        return [*own, t("Union hotline: 12351")]


def answer_text(t: Translator, text: str) -> str:
    """What an operator wrote, as the courier reads it."""
    return t("Colleague on duty: {text}", text=text)


def end_word(t: Translator) -> str:
    """What a courier says to end it: the first of the words."""
    words = t.p("spoken words", "end the conversation, back to the bot")
    return words.replace("，", ",").split(",")[0].strip()


def end_label(t: Translator) -> str:
    """The button that ends it."""
    return t("End, back to the bot")


def _next(t: Translator) -> Buttons:
    row = (Button(t("Stations near me"), "locate"), Button(t("Help"), "help"))
    return Buttons((row,), "")
