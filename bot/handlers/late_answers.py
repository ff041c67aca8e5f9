"""An answer that came too late or could not be sent: with the next answer, or sent on its own."""

from bot.conversation.codec import load_answer
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import (
    Article,
    AskLocation,
    Buttons,
    Choices,
    Document,
    Part,
    Pin,
    Reply,
    Say,
    Venue,
    Words,
)
from bot.handlers.feature import Feature
from bot.services.notifications import late_answers
from bot.services.notifications.kinds import NoticeKind


class LateAnswerHandlers:
    """Renders the notice `answer.late`."""

    def __init__(self, answers: late_answers.LateAnswers) -> None:
        self._answers = answers

    def feature(self) -> Feature:
        """Its renderer."""
        return Feature(
            renderers={NoticeKind.LATE_ANSWER: self.render},
            repeats=frozenset({NoticeKind.LATE_ANSWER}),
        )

    async def render(self, context: NoticeContext) -> Reply | None:
        """The same words and choices, of the messages that have not arrived; None where the answer
        is no longer there."""
        channel, event = context.params.get("channel"), context.params.get("event")
        stored = await self._answers.read(context.db, context.courier_id, str(channel), str(event))
        if stored is None:
            return None
        parts: list[Part] = []
        first = int(context.params.get(late_answers.FIRST) or 0)
        for message in load_answer(stored).messages[first:]:
            match message:
                case Words(paragraphs, hung, ask_location):
                    parts += _words(paragraphs, hung)
                    parts += _location_request(ask_location)
                case Venue(point, title, address, hung, mark, more):
                    parts.append(Pin(point, title, address, mark=mark, more=more))
                    parts += _buttons(hung)
                case Article() | Document():
                    parts.append(message)
        return Reply(tuple(parts))


def _words(paragraphs: tuple[Say, ...], hung: Choices | None) -> list[Part]:
    """The last paragraph as the prompt of its buttons, so that they stay one message."""
    if hung is None or hung.numbered or not paragraphs or paragraphs[-1].links:
        return [*paragraphs, *_buttons(hung)]
    return [*paragraphs[:-1], Buttons(hung.rows, paragraphs[-1].text)]


def _buttons(choices: Choices | None) -> list[Part]:
    """As choices of their own: the numbers of the whole answer are counted anew."""
    return [Buttons(choices.rows, "")] if choices is not None else []


def _location_request(label: str) -> list[Part]:
    """As the button it was; on a channel without one its label says what to send."""
    return [AskLocation(label, {"menu": label, "typed": label})] if label else []
