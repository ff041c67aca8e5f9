"""How the application is told of a channel: one `ChannelSpec` in each channel's folder.

A channel reads its own settings through a protocol that names just these, and gets what it needs
of the application as `ChannelServices`: it imports neither the configuration nor a service.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiohttp import web

from bot.channels.protocol import Channel, DeliverLater, FindConversations, FollowUps, Turn
from bot.common.clock import Clock
from bot.common.values import value
from bot.conversation.replies import Abilities

if TYPE_CHECKING:
    from bot.channels.wechat.quota import PushQuota

S_contra = TypeVar("S_contra", contravariant=True)


class ChannelMisconfigured(Exception):
    """A setting is missing or wrong; `msgid` with its `values` names the variable."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.values = values


@value
class ChannelServices:
    """What the application gives every channel. `monotonic` in seconds.

    `follow_ups`: of the replicas that wait for a late answer, one sends it; `push_quota(channel)`
    counts what may still be pushed, for platforms that count it; `deliver_later` hands an answer
    that could not be sent to the delivery worker; `saw_date` takes the `Date` header of a
    platform's answer; `find_conversations` is for channels that show what was deleted meanwhile.
    """

    turn: Turn
    clock: Clock
    monotonic: Callable[[], float]
    follow_ups: FollowUps
    push_quota: "Callable[[str], PushQuota]"
    deliver_later: DeliverLater
    saw_date: Callable[[str], None]
    find_conversations: FindConversations


async def _nothing() -> None:
    pass


def _none_waits() -> tuple[int, float]:
    return 0, 0.0


async def _until_stopped(stop: asyncio.Event) -> None:
    await stop.wait()


@value
class ConnectedChannel:
    """A channel with its account, over which nothing has been sent yet.

    `routes` are its HTTP routes. `open` and `close` hold its connection pool; `disconnect` ends
    the clients' open connections when the HTTP server stops. `listen` takes in messages until the
    event is set and returns before that only if it gave up. `refresh`, called every few seconds,
    empties pages whose conversation was deleted, and may raise `Unavailable`. `present`: the
    addresses that can be reached from this process, where others cannot be. `sole_sender` names
    the account if only one process may push for it: a secret, kept nowhere. `waiting`: how many
    messages were taken in and wait for the database, and for how many seconds the first has.
    """

    channel: Channel
    routes: Sequence[web.RouteDef] = ()
    open: Callable[[], Awaitable[None]] = _nothing
    close: Callable[[], Awaitable[None]] = _nothing
    disconnect: Callable[[], Awaitable[None]] = _nothing
    listen: Callable[[asyncio.Event], Coroutine[Any, Any, None]] = _until_stopped
    refresh: Callable[[], Awaitable[None]] = _nothing
    present: Callable[[], Collection[str]] | None = None
    sole_sender: str | None = None
    waiting: Callable[[], tuple[int, float]] = _none_waits


@value
class ChannelSpec(Generic[S_contra]):
    """One channel. `pushes_per_second`: what its platform takes of messages sent first.

    `connect` gives None where its account is not configured, and raises `ChannelMisconfigured`. It
    is None for a channel that is no part of the server.
    """

    name: str
    abilities: Abilities
    connect: Callable[[S_contra, ChannelServices], ConnectedChannel | None] | None = None
    pushes_per_second: float = 30.0
