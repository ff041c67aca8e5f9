"""An answer that came too late to be shown, repeated with the next answer."""

from bot.conversation.codec import load_answer
from bot.conversation.notifications import NotificationContext
from bot.conversation.replies import (
    Article,
    Buttons,
    Choices,
    Document,
    Part,
    Pin,
    Reply,
    Venue,
    Words,
)
from bot.handlers.feature import Feature
from bot.services.notifications import late_answers


class LateAnswerHandlers:
    """Renders the notice `answer.late`."""

    def __init__(self, answers: late_answers.LateAnswers) -> None:
        self._answers = answers

    def feature(self) -> Feature:
        """Its renderer."""
        return Feature(renderers={late_answers.KIND: self.render})

    async def render(self, context: NotificationContext) -> Reply | None:
        """The same words and choices; None where the answer is no longer there."""
        channel, event = context.params.get("channel"), context.params.get("event")
        stored = await self._answers.read(context.db, context.courier_id, str(channel), str(event))
        if stored is None:
            return None
        parts: list[Part] = []
        for message in load_answer(stored).messages:
            match message:
                case Words(paragraphs, hung):
                    parts += paragraphs
                    parts += _buttons(hung)
                case Venue(point, title, address, hung, mark, more):
                    parts.append(Pin(point, title, address, mark=mark, more=more))
                    parts += _buttons(hung)
                case Article() | Document():
                    parts.append(message)
        return Reply(tuple(parts))


def _buttons(choices: Choices | None) -> list[Part]:
    """As choices of their own: the numbers of the whole answer are counted anew."""
    return [Buttons(choices.rows, "")] if choices is not None else []
