"""How much may be sent first, as the channel asks about it; kept where all replicas see it."""

from datetime import datetime
from typing import Literal, Protocol

Taken = Literal["clicks", "messages"]
"""From which of the two grants one was taken."""

Half = Literal["first", "second", "stranger"]
"""A place to answer, one that was told already, or one from a chat that is not known yet."""


class Budget(Protocol):
    """Customer messages left for a courier: 5 in 48 h after their message, 3 in a minute after a
    click, a follow or a scan. `to` is the openid, `event_id` and `at` those of the event.

    How the two grants combine is not documented: the short one is spent first, neither adds to
    the other, and what the platform says counts.
    https://developers.weixin.qq.com/doc/service/guide/product/message/Service_Center_messages.html
    """

    async def heard(self, to: str, event_id: str, at: datetime, *, click: bool) -> None:
        """The courier did something: the grant is whole again. A repeated event changes nothing."""
        ...

    async def take(self, to: str) -> Taken | None:
        """One less, or None where nothing is left."""
        ...

    async def give_back(self, to: str, taken: Taken) -> None:
        """What was taken was surely not sent."""
        ...

    async def close(self, to: str) -> None:
        """The platform says that nothing is left until the courier does something."""
        ...

    async def place(
        self, to: str, kind: str, event_id: str, at: datetime, *, message: bool
    ) -> Half:
        """Which half of a pair it is: the menu's 发送位置 sends a place twice, as
        `location_select` and as `location`, within seconds and in any order.

        What a `message` grants is granted by the way, save to a stranger.
        """
        ...
