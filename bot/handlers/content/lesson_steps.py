"""A card and a question of a lesson as the chat shows them."""

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers import content_text
from bot.handlers.content import wording
from bot.services.content.catalogue import Item
from bot.services.content.lessons import Lesson


async def card(
    db: Db, t: Translator, item: Item, lesson: Lesson, number: int, public_url: str
) -> Reply:
    """A card, the first with the picture and the source of the lesson."""
    cards = lesson.cards
    head = t("{title} · card {n} of {all}", title=content_text.title(t, item), n=number + 1,
             all=len(cards))  # fmt: skip
    shown: list[Part] = [Say(head)]
    if number == 0:
        shown += await content_text.picture(db, t, item.picture, public_url)
    shown += await content_text.parts(db, t, cards[number], public_url)
    if number == 0:
        shown.append(Say(content_text.remarks(t, item)))
    label = t("Next card") if number + 1 < len(cards) else t("To the questions")
    row = (Button(label, f"lesson.go:{item.code}:{number + 1}"), wording.pause(t))
    return Reply((*shown, Buttons((row,), "")))


async def question(
    db: Db, t: Translator, item: Item, lesson: Lesson, number: int, public_url: str
) -> Reply:
    """A question with its options as buttons."""
    asked = lesson.questions[number]
    head = t("Question {n} of {all}", n=number + 1, all=len(lesson.questions))
    prompt = await content_text.parts(db, t, asked.prompt, public_url)
    rows = tuple(
        (Button(option, f"lesson.answer:{item.code}:{number}:{place}"),)
        for place, option in enumerate(asked.options)
    )
    buttons = Buttons((*rows, (wording.pause(t),)), t("Which one?"))
    return Reply((Say(head), *prompt, buttons))
