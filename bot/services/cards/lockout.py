"""How often a courier may give wrong facts about an application.

Four counters are charged: of the courier's chats, of the application number that was tried, of
each channel, and of everybody. A channel has its own, for new chats of the web page cost nothing:
an attacker who opens them without end locks that page and nobody else; only three channels
together can lock everybody. Chats and numbers are counted whether or not such a number exists, so
that a count tells nothing about it; and a chat's count outlives the deletion of its courier, so
that starting over gives no new tries.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.errors import TriesUsedUp
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.store.encryption import Keyring
from bot.store.models.conversation import ChatRow

EVERYBODY: Final = b"all"
CHANNEL: Final = b"all:"
"""Followed by a channel's name; of the same scope as `EVERYBODY`."""
DAY: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)


class Subject(StrEnum):
    """What is counted; operators are shown the value."""

    CHAT = "chat"
    NUMBER = "number"
    CHANNEL = "channel"
    EVERYBODY = "all"


LIMITS: Final = {
    Subject.CHAT: Limit(5, DAY, DAY),
    Subject.NUMBER: Limit(5, DAY, DAY),
    Subject.CHANNEL: Limit(120, HOUR, HOUR),
    Subject.EVERYBODY: Limit(360, HOUR, HOUR),
}


async def admit(
    db: AsyncSession, keys: Keyring, courier_id: int, number: str, now: datetime
) -> list[Counter]:
    """Locks and returns the counters of this try. Raises `TriesUsedUp` where one is full."""
    charged = await _counters(db, keys, courier_id, number)
    full = await counters.admit(db, charged, now)
    channels = {one for one in charged if _subject(one) is Subject.CHANNEL}
    if not channels <= full:  # a courier who writes from another channel too may go on there
        full -= channels
    if full:
        raise TriesUsedUp(everybody=all(one.scope is Scope.ALL for one in full))
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


async def left(db: AsyncSession, keys: Keyring, courier_id: int, number: str, now: datetime) -> int:
    """How many wrong answers the courier has left for that number, whether or not it exists."""
    charged = await _counters(db, keys, courier_id, number)
    own = [one for one in charged if one.scope is not Scope.ALL]  # others' tries are not theirs
    return await counters.left(db, own, now)


def _subject(counter: Counter) -> Subject:
    match counter.scope:
        case Scope.CHAT:
            return Subject.CHAT
        case Scope.NUMBER:
            return Subject.NUMBER
        case Scope.ALL:
            return Subject.EVERYBODY if counter.key == EVERYBODY else Subject.CHANNEL


async def _counters(db: AsyncSession, keys: Keyring, courier_id: int, number: str) -> list[Counter]:
    """Everybody, all channels and chats of the courier, the number: always in this order."""
    chats = select(ChatRow.channel, ChatRow.external_id).where(ChatRow.courier_id == courier_id)
    found = (await db.execute(chats)).all()
    channels = sorted({channel for channel, _ in found})
    own = [
        index
        for channel, address in found
        for index in keys.indexes(f"{channel}|{address}", "attempt.chat")
    ]
    limit = LIMITS[Subject.CHANNEL]
    return [
        Counter(Scope.ALL, EVERYBODY, LIMITS[Subject.EVERYBODY]),
        *(Counter(Scope.ALL, CHANNEL + one.encode(), limit) for one in channels),
        *(Counter(Scope.CHAT, key, LIMITS[Subject.CHAT]) for key in sorted(own)),
        *counters.of_subject(keys, Scope.NUMBER, number, "attempt.number", LIMITS[Subject.NUMBER]),
    ]
