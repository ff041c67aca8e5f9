"""What the core asks of a channel, and the few ways in which a delivery can fail."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from enum import Enum
from typing import ClassVar, Protocol

from bot.conversation.events import Event
from bot.conversation.events import Unavailable as Unavailable
from bot.conversation.replies import Abilities, Answer

Turn = Callable[[Event], Awaitable[Answer]]
"""One event in, the answer out, already committed; a repeated event repeats the answer.

Raises `Unavailable` when the database cannot be reached: the platform should try again."""


class Conversation(Enum):
    """What is stored of the conversation with an address that may have been answered before."""

    ANSWERED = "answered"
    """Messages were answered there, and it was not deleted since."""
    CLEARED = "cleared"
    """The chat is known, and nothing of what was said is: deleted, or not begun."""
    NONE = "none"
    """Nobody is known at that address: all data was deleted, or nobody ever wrote."""


FindConversations = Callable[[str, Collection[str]], Awaitable[Mapping[str, Conversation]]]
"""What is stored for these addresses of a channel; those not known are left out. Raises
`Unavailable`."""


async def conversations_unknown(
    _channel: str, _addresses: Collection[str]
) -> Mapping[str, Conversation]:
    """Finds conversations where nothing is stored that could be compared."""
    return {}


def ignore_date(_header: str) -> None:
    """Takes a `Date` header where nobody compares clocks."""


class DeliverLater(Protocol):
    """Keeps an answer that did not surely arrive, for the delivery worker and for the courier's
    next message, whichever comes first. False if nobody is known at that address.
    """

    async def __call__(
        self,
        channel: str,
        to: str,
        event_id: str,
        *,
        first: int,
        after: timedelta,
        uncertain: bool,
    ) -> bool:
        """`first`: number of the first message to send, from 0; those before it have arrived.

        `after`: how long to wait before that; `uncertain`: that message may have arrived.
        """
        ...


class FollowUps(Protocol):
    """Answers that came too late for a reply and go out as messages of their own: of all replicas
    that wait for the same answer, one sends it.
    """

    async def begin(self, channel: str, to: str, event_id: str) -> bool:
        """Whether the caller is the one to send the answer to that event. If it dies before `end`,
        the delivery worker sends the answer."""
        ...

    async def end(self, channel: str, to: str, event_id: str, *, sent: bool) -> None:
        """What was begun is over. Not `sent`: it waits for the courier's next message."""
        ...


class DeliveryFailed(Exception):
    """A message did not surely arrive. `retryable`: trying again may help; `loggable`: tell us.

    `delivered`: how many earlier messages of the same answer did arrive, so that only those after
    them are to be sent again.
    """

    retryable: ClassVar[bool] = False
    loggable: ClassVar[bool] = True
    delivered = 0


class Throttled(DeliveryFailed):
    """The platform asks to wait; nothing was sent."""

    retryable = True
    loggable = False

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"the platform asks to wait {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class Unreachable(DeliveryFailed):
    """The platform could not be reached; the message surely was not sent."""

    retryable = True


class Uncertain(DeliveryFailed):
    """The platform may or may not have taken the message; sending again may double it."""


class Refused(DeliveryFailed):
    """The platform calls the message itself wrong; repeating it changes nothing."""


class Gone(DeliveryFailed):
    """The courier blocked us or left; this address is closed until they write again."""

    loggable = False


class Away(Gone):
    """Nobody is looking just now; the address itself is good."""


class Channel(Protocol):
    """A way to reach couriers. `deliver` sends first; answers go back through the turn."""

    @property
    def name(self) -> str: ...

    @property
    def abilities(self) -> Abilities: ...

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        """Sends to the channel's own identifier. Raises a `DeliveryFailed`.

        `kind` is the notice's, for platforms that want a template of their own for it.
        """
        ...
