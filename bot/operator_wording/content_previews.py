"""One piece of content as couriers get it, made by the functions that make what is sent."""

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Reply
from bot.handlers.content import articles, lesson_steps
from bot.operator_wording.message_previews import ChannelPreview, alike, previews
from bot.services.content.catalogue import ContentKind, Item
from bot.services.content.lessons import lesson_of

Shown = list[tuple[list[ChannelPreview], tuple[str, ...]]]
"""Channels that show the same together, with their messages."""


async def in_chats(db: Db, t: Translator, item: Item, public_url: str) -> list[Shown]:
    """Each reply, of a lesson each card and question, on every channel."""
    return [alike(previews(t, one)) for one in await _replies(db, t, item, public_url)]


async def _replies(db: Db, t: Translator, item: Item, public_url: str) -> list[Reply]:
    if item.kind is not ContentKind.LESSON:
        return [await articles.article(db, t, item, public_url)]
    lesson = lesson_of(item.text)
    cards = [
        await lesson_steps.card(db, t, item, lesson, number, public_url)
        for number in range(len(lesson.cards))
    ]
    questions = [
        await lesson_steps.question(db, t, item, lesson, number, public_url)
        for number in range(len(lesson.questions))
    ]
    return [*cards, *questions]
