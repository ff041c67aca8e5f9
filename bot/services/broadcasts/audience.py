"""Whom a broadcast means: queried each time, never kept as a list."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.notifications.queue import Topic
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import TopicRow
from bot.store.models.profiles import ProfileRow

PER_SECOND: Final = 25.0
"""Pushes a second that the platform allows in all, less what is kept free for answers."""


@value
class Audience:
    """Who is meant: those with the topic switched on, in that league (adcode), of that firm."""

    topic: Topic = Topic.TRAINING
    league: str = ""
    firm: str = ""

    @classmethod
    def load(cls, stored: Mapping[str, str]) -> "Audience":
        """The audience that a broadcast's row keeps."""
        return cls(Topic(stored["topic"]), stored.get("league", ""), stored.get("firm", ""))


@value
class Preview:
    """Whom it would reach. `by_channel`: pushes; `waiting`: only shown when they write next,
    as no chat of theirs can be written to now; `switched_off`: meant, but they do not want that
    topic."""

    total: int
    by_channel: Mapping[str, int]
    waiting: int
    switched_off: int

    @property
    def seconds(self) -> float:
        """How long the sending takes, without quiet hours: channels send side by side."""
        return max(self.by_channel.values(), default=0) / PER_SECOND


async def preview(
    db: AsyncSession,
    audience: Audience,
    now: datetime,
    windows: Mapping[str, timedelta] = MappingProxyType({}),
) -> Preview:
    """Counts the audience as it is now; writes nothing.

    `windows`: by channel, how long after their last message a courier can be written to first;
    on the others always.
    """
    chat = best_chat(open_since={channel: now - window for channel, window in windows.items()})
    found = await db.execute(
        select(chat.c.channel, func.count())
        .select_from(CourierRow)
        .join(chat, (chat.c.courier_id == CourierRow.id) & (chat.c.place == 1))
        .where(*meant(audience, now), ~is_off(audience))
        .group_by(chat.c.channel)
    )
    by_channel: dict[str, int] = dict(found.all())
    everybody = select(func.count()).select_from(CourierRow).where(*meant(audience, now))
    total = await db.scalar(everybody.where(~is_off(audience))) or 0
    off = await db.scalar(everybody.where(is_off(audience))) or 0
    return Preview(total, by_channel, total - sum(by_channel.values()), off)


def meant(audience: Audience, now: datetime) -> list[ColumnElement[bool]]:
    """Those who were there by then and have a chat on a channel that can be pushed to."""
    pushable = (ChatRow.courier_id == CourierRow.id) & ChatRow.pushable.is_(True)
    wanted = [CourierRow.created_at <= now, exists().where(pushable)]
    profile = ProfileRow.courier_id == CourierRow.id
    if audience.league:
        wanted.append(exists().where(profile, ProfileRow.league == audience.league))
    if audience.firm:
        wanted.append(exists().where(profile, ProfileRow.firm == audience.firm))
    return wanted


def is_off(audience: Audience) -> ColumnElement[bool]:
    """They switched its topic off; `service` is always on."""
    return exists().where(
        TopicRow.courier_id == CourierRow.id,
        TopicRow.topic == audience.topic,
        TopicRow.is_on.is_(False),
        literal(audience.topic != Topic.SERVICE),
    )


def best_chat(
    between: tuple[int, int] | None = None,
    open_since: Mapping[str, datetime] = MappingProxyType({}),
) -> Any:
    """Each courier's chats that can be pushed to, `place` 1 being the one used last.

    `between`: only couriers with these ids; `open_since`: by channel, chats used before that are
    left out.
    """
    latest = ChatRow.state_at.desc(), ChatRow.id.desc()
    chats = select(
        ChatRow.id,
        ChatRow.courier_id,
        ChatRow.channel,
        func.row_number().over(partition_by=ChatRow.courier_id, order_by=latest).label("place"),
    ).where(ChatRow.reachable.is_(True), ChatRow.pushable.is_(True))
    for channel, since in open_since.items():
        chats = chats.where((ChatRow.channel != channel) | (ChatRow.state_at >= since))
    if between is not None:
        chats = chats.where(ChatRow.courier_id.between(*between))
    return chats.subquery()
