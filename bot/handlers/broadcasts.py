"""A message from an operator to many, as one courier reads it."""

from bot.common.i18n import Translator
from bot.conversation.notifications import NoticeContext, NotNow
from bot.conversation.replies import Reply, Say
from bot.handlers.feature import Feature
from bot.services.broadcasts import campaigns
from bot.services.broadcasts.errors import BroadcastRefused
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Topic


class BroadcastHandlers:
    """Renders broadcasts: the operator's own text, and how to unsubscribe."""

    def feature(self) -> Feature:
        """Nothing but the notice: one cannot ask for a broadcast."""
        return Feature(renderers={NoticeKind.BROADCAST: self.render})

    async def render(self, context: NoticeContext) -> Reply | None:
        """In the courier's language, else in Chinese; None once it was called off.

        Raises `NotNow` while it is paused: a worker may have had this one in its hands already.
        """
        broadcast_id = int(context.params["broadcast"] or 0)
        try:
            found = await campaigns.text_of(context.db, broadcast_id, context.t.locale)
        except BroadcastRefused:
            raise NotNow from None
        if found is None:
            return None
        return reply(context.t, *found)


def reply(t: Translator, text: str, topic: Topic) -> Reply:
    """The operator's text, and how to unsubscribe from its topic."""
    parts = [Say(text)]
    if word := _stop_word(t, topic):
        parts.append(Say(t("Say “{word}” to hear no more of these.", word=word)))
    return Reply(tuple(parts))


def _stop_word(t: Translator, topic: Topic) -> str:
    match topic:
        case Topic.CARD:
            return t("stop cards")
        case Topic.TRAINING:
            return t("stop trainings")
        case Topic.STATION:
            return t("stop stations")
        case Topic.LESSON:
            return t("stop lessons")
        case Topic.WARNING:
            return t("stop warnings")
        case Topic.SERVICE:
            return ""
