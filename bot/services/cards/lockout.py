"""How often a courier may give wrong facts about an application.

Each wrong try is charged to the chats of the courier and to the application number that was tried,
whether or not such a number exists, so that a count tells nothing about it. Tries of new couriers
are also charged to their network, their channel and everybody: new chats of the web page cost
nothing, and what an attacker fills with them locks that network and other new couriers, and nobody
who has written for a day or from two channels. A chat's count outlives the deletion of its courier,
so that starting over gives no new tries.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.cards.errors import TriesUsedUp
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.store.encryption import Keyring
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow

EVERYBODY: Final = b"all"
CHANNEL: Final = b"all:"
"""Followed by a channel's name; of the same scope as `EVERYBODY`."""
DAY: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
NEW_FOR: Final = DAY
"""How long a courier on one channel counts as new."""


class Subject(StrEnum):
    """What is counted; operators are shown the value."""

    CHAT = "chat"
    NUMBER = "number"
    NETWORK = "network"
    CHANNEL = "channel"
    EVERYBODY = "all"


LIMITS: Final = {
    Subject.CHAT: Limit(5, DAY, DAY),
    Subject.NUMBER: Limit(5, DAY, DAY),
    Subject.NETWORK: Limit(30, HOUR, HOUR),
    Subject.CHANNEL: Limit(120, HOUR, HOUR),
    Subject.EVERYBODY: Limit(360, HOUR, HOUR),
}
OWN: Final = frozenset({Scope.CHAT, Scope.NUMBER})


@value
class Guesser:
    """Who tries; `network` as in `Event`, empty where the channel names none."""

    courier_id: int
    network: str = ""


async def admit(
    db: AsyncSession, keys: Keyring, who: Guesser, number: str, now: datetime
) -> list[Counter]:
    """Locks and returns the counters of this try. Raises `TriesUsedUp` where one is full."""
    charged = await _counters(db, keys, who, number, now)
    if full := await counters.admit(db, charged, now):
        raise TriesUsedUp(everybody=not any(one.scope in OWN for one in full))
    return charged


async def count_wrong(
    db: AsyncSession, keys: Keyring, charged: Sequence[Counter], now: datetime
) -> None:
    """Counts a wrong answer on every counter; one that becomes full leaves a note."""
    noted: set[Subject] = set()
    for one in await counters.count_wrong(db, charged, now):
        subject = _subject(one)
        if subject in noted:  # the same under another key
            continue
        noted.add(subject)
        # A lock comes once by itself; the key would say forever who it was.
        once = f"{NoteKind.CARD_LOCKED}:{secrets.token_hex(8)}"
        params = {"scope": subject.value}
        if subject is Subject.CHANNEL:
            params["channel"] = one.key.removeprefix(CHANNEL).decode()
        await notes.write(db, keys, NoteKind.CARD_LOCKED, once, params, now)


async def left(db: AsyncSession, keys: Keyring, who: Guesser, number: str, now: datetime) -> int:
    """How many wrong answers the courier has left for that number, whether or not it exists."""
    charged = await _counters(db, keys, who, number, now)
    own = [one for one in charged if one.scope in OWN]  # others' tries are not theirs
    return await counters.left(db, own, now)


def _subject(counter: Counter) -> Subject:
    match counter.scope:
        case Scope.CHAT:
            return Subject.CHAT
        case Scope.NUMBER:
            return Subject.NUMBER
        case Scope.NETWORK:
            return Subject.NETWORK
        case Scope.ALL:
            return Subject.EVERYBODY if counter.key == EVERYBODY else Subject.CHANNEL


async def _counters(
    db: AsyncSession, keys: Keyring, who: Guesser, number: str, now: datetime
) -> list[Counter]:
    """Those of new couriers, all chats of the courier, the number: always in this order."""
    chats = (
        select(ChatRow.channel, ChatRow.external_id, CourierRow.created_at)
        .join(CourierRow, CourierRow.id == ChatRow.courier_id)
        .where(ChatRow.courier_id == who.courier_id)
    )
    found = (await db.execute(chats)).all()
    channels = {chat.channel for chat in found}
    since = min((chat.created_at for chat in found), default=now)
    shared: list[Counter] = []
    if len(channels) <= 1 and since > now - NEW_FOR:
        shared = _of_new_couriers(keys, channels, who.network)
    own = [
        index
        for chat in found
        for index in keys.indexes(f"{chat.channel}|{chat.external_id}", "attempt.chat")
    ]
    return [
        *shared,
        *(Counter(Scope.CHAT, key, LIMITS[Subject.CHAT]) for key in sorted(own)),
        *counters.of_subject(keys, Scope.NUMBER, number, "attempt.number", LIMITS[Subject.NUMBER]),
    ]


def _of_new_couriers(keys: Keyring, channels: set[str], network: str) -> list[Counter]:
    limit = LIMITS[Subject.CHANNEL]
    shared = [
        Counter(Scope.ALL, EVERYBODY, LIMITS[Subject.EVERYBODY]),
        *(Counter(Scope.ALL, CHANNEL + one.encode(), limit) for one in channels),
    ]
    if network:
        most = LIMITS[Subject.NETWORK]
        shared += counters.of_subject(keys, Scope.NETWORK, network, "attempt.network", most)
    return shared
