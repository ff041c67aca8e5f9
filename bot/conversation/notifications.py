"""What wording a notice needs, and when a notice has nothing to say."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Reply
from bot.services.notifications.queue import Plain


class NotNow(Exception):
    """It is held back for now and may be said later."""


@dataclass(frozen=True, slots=True)
class NotificationContext:
    """What a notice is worded from. `params` are the ids that the outbox row holds."""

    db: Db
    courier_id: int
    t: Translator
    now: datetime
    params: Mapping[str, Plain]


Renderer = Callable[[NotificationContext], Awaitable[Reply | None]]
"""The message as things stand now; None when there is nothing left to say. Raises `NotNow`."""
