"""What rendering a notice needs, and how a renderer holds one back."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Db
from bot.conversation.replies import Reply
from bot.services.notifications.queue import Plain


class NotNow(Exception):
    """The notice is held back for now and may be sent later."""


@value
class NoticeContext:
    """What a notice is rendered from. `params` are the ids that the outbox row holds."""

    db: Db
    courier_id: int
    t: Translator
    now: datetime
    params: Mapping[str, Plain]


Renderer = Callable[[NoticeContext], Awaitable[Reply | None]]
"""The message as things stand now; None when there is nothing left to say. Raises `NotNow`."""
