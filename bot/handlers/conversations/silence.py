"""What becomes of a message while a conversation with a person is open: the bot is silent once a
person has it, except for emergencies, the erasure of one's data, and its end."""

from typing import Final

from bot.conversation.context import Context
from bot.conversation.events import (
    ChatLeft,
    ChatOpened,
    Location,
    Other,
    Press,
    Text,
    Voice,
)
from bot.conversation.replies import Button, Buttons, Part, Say
from bot.conversation.router import EMERGENCY, Attendance, Memory, Route
from bot.handlers.conversations.person import end_label, end_word
from bot.intents import Intent, understand
from bot.services.conversations.courier_side import Current, PersonConversations
from bot.services.conversations.statuses import ClosedBy, PersonStatus

ALWAYS: Final = frozenset({"erase.ask", "erase.do", "human.end"})
"""Actions that the bot carries out whoever has the conversation."""
ERASE: Final = "erase.do"
ERASE_CHOICES: Final = frozenset({"cancel", "card.bound"})
"""What else a courier may pick where the bot has asked whether to erase their data."""
AS_USUAL: Final = Attendance()


class PersonAttendance:
    """Keeps messages for the operator and says whether the bot is silent."""

    def __init__(self, conversations: PersonConversations) -> None:
        self._conversations = conversations

    async def attend(self, ctx: Context, route: Route, memory: Memory) -> Attendance:
        """To be called in the turn of a courier with an open conversation, before the bot answers.

        While nobody has it yet the bot answers as usual, and free text is kept besides.
        """
        content = ctx.event.content
        if isinstance(content, ChatLeft):
            return AS_USUAL
        found = await self._conversations.current(ctx.db, ctx.courier.id, ctx.now)
        if found is None or _is_excepted(ctx, route, memory):
            return AS_USUAL
        if found.is_over:
            return await self._take_over(ctx, found)
        if found.status is PersonStatus.WAITING:
            return await self._waiting(ctx, found, route)
        if route.name == EMERGENCY:
            await self._keep(ctx, found)
            return AS_USUAL
        return await self._taken(ctx, found)

    async def _take_over(self, ctx: Context, found: Current) -> Attendance:
        t = ctx.t
        waited = found.status is PersonStatus.WAITING
        by = ClosedBy.NOBODY if waited else ClosedBy.SILENCE
        await self._conversations.end(ctx.db, ctx.courier.id, by, ctx.now)
        said = t(
            "The conversation with our colleague has rested for a while, so I, the bot, "
            "answer again. Say “human” if you still need a person."
        )
        return Attendance((Say(said),))

    async def _waiting(self, ctx: Context, found: Current, route: Route) -> Attendance:
        if route.name == EMERGENCY:
            await self._keep(ctx, found)
            return AS_USUAL
        if route.name or not isinstance(ctx.event.content, Text):
            return AS_USUAL  # a button, a word for the bot, or an answer to its question
        if understand(ctx.event.content.text).intent is Intent.HUMAN:
            return AS_USUAL  # asks again, and hears how many are in front
        await self._keep(ctx, found)
        return Attendance((Say(ctx.t("(Passed on; a colleague will read it here.)")),))

    async def _taken(self, ctx: Context, found: Current) -> Attendance:
        t, content = ctx.t, ctx.event.content
        parts: list[Part] = []
        match content:
            case Text() | Location():
                await self._keep(ctx, found)
                if not found.told:
                    parts.append(Say(t(
                        "A colleague has your conversation now and answers here; the bot is "
                        "silent. Say “{word}” to have the bot back.",
                        word=end_word(t),
                    )))  # fmt: skip
                    await self._conversations.mark_told(ctx.db, found)
            case ChatOpened(again=True):
                pass
            case Voice() | Other():
                parts.append(Say(t("Our colleague can only read words here. Please type it.")))
            case Press() | ChatOpened() | ChatLeft():
                said = t("You are talking with a colleague. To use the bot, end that first.")
                row = (Button(end_label(t), "human.end"),)
                parts += (Say(said), Buttons((row,), ""))
                await self._conversations.mark_told(ctx.db, found)
        return Attendance(tuple(parts), silent=True)

    async def _keep(self, ctx: Context, found: Current) -> None:
        match ctx.event.content:
            case Text(text):
                pass
            case Location(point):
                text = f"📍 {point.lat:.3f}, {point.lon:.3f}"
            case _:
                return
        if text.strip():
            await self._conversations.write(ctx.db, ctx.courier.id, found, text, ctx.now)


def _is_excepted(ctx: Context, route: Route, memory: Memory) -> bool:
    if route.name in ALWAYS:
        return True
    content = ctx.event.content
    if isinstance(content, ChatOpened) and content.code:
        return True  # a code at a door or a training: somebody stands in front of it
    if route.name in ERASE_CHOICES:
        return any(button.action == ERASE for button in memory.choices)
    if isinstance(content, Text) and route.name != EMERGENCY:
        return understand(content.text).intent is Intent.DELETE_DATA and not route.name
    return False
