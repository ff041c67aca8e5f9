"""The quota of pushed messages, as the channel asks for it; stored where all replicas see it."""

from typing import Protocol

from bot.common.push_quota import Grant


class PushQuota(Protocol):
    """Customer messages left for a courier: 5 in 48 h after their message, 3 in a minute after a
    click, a follow or a scan. `to` is the openid. The turn fills it, as its `Event` says.

    How the two grants combine is not documented: the short one is spent first, neither adds to
    the other, and what the platform says counts.
    https://developers.weixin.qq.com/doc/service/guide/product/message/Service_Center_messages.html
    """

    async def take(self, to: str) -> Grant | None:
        """Takes one message; None where none is left."""
        ...

    async def give_back(self, to: str, grant: Grant) -> None:
        """Returns a message that was surely not sent."""
        ...

    async def close(self, to: str) -> None:
        """Sets the quota to none, as the platform says, until the courier does something."""
        ...
