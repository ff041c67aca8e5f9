"""Demo couriers who asked for a person: two wait, one was answered yesterday."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.conversations.courier_side import TEXT, PersonConversations
from bot.services.conversations.statuses import Author, ClosedBy, PersonReason, PersonStatus
from bot.services.demo.week_deliveries import Reached
from bot.services.storage import Database, Keys
from bot.store.models.conversations import PersonConversationRow, PersonMessageRow

OPERATOR: Final = "示例值班员"
IDLE: Final = timedelta(minutes=30)


class _Message(NamedTuple):
    minute: int
    author: Author
    text: str


class _Conversation(NamedTuple):
    ago: timedelta
    reason: PersonReason
    league: str
    messages: tuple[_Message, ...]


# Not in the league that the first questions in the chat are about: whoever asks for a person there
# is told how many wait before them.
_WAITING: Final = (
    _Conversation(
        timedelta(minutes=52),
        PersonReason.ASKED,
        "150400",
        (
            _Message(0, Author.COURIER, "示例：卡显示待领取，可支行说还没收到，我该找谁？"),
            _Message(3, Author.COURIER, "示例：我周五才休息，想一趟办完。"),
        ),
    ),
    _Conversation(
        timedelta(minutes=14),
        PersonReason.COMPLAINT,
        "150700",
        (_Message(0, Author.COURIER, "示例：驿站开着门，里面的人说不让外卖员进去歇脚。"),),
    ),
)
_CLOSED: Final = _Conversation(
    timedelta(hours=26),
    PersonReason.ASKED,
    "150600",
    (
        _Message(0, Author.COURIER, "示例：报了急救培训，当天要跑单，能换到下一期吗？"),
        _Message(4, Author.OPERATOR, "示例：您好，可以的。下一期就在本周，回复“培训”就能看到。"),
        _Message(6, Author.COURIER, "示例：找到了，证书还给吗？"),
        _Message(9, Author.OPERATOR, "示例：签到听完就有，和原来那期一样。祝您一路平安。"),
    ),
)
CLOSED_AFTER: Final = timedelta(minutes=15)


async def tell(store: Database, keys: Keys, couriers: Sequence[Reached], now: datetime) -> None:
    """Writes them, each of another courier. They go with their couriers."""
    async with store.writing() as db:
        for one in _WAITING:
            await _opened(db, keys, couriers, one, now)
        closed = await _opened(db, keys, couriers, _CLOSED, now)
        ended = now - _CLOSED.ago + CLOSED_AFTER
        await PersonConversations(keys, IDLE).end(db, closed, ClosedBy.OPERATOR, ended)


async def _opened(
    db: AsyncSession,
    keys: Keys,
    couriers: Sequence[Reached],
    one: _Conversation,
    now: datetime,
) -> int:
    """Opens one with its messages; the id of its courier."""
    conversations, opened_at = PersonConversations(keys, IDLE), now - one.ago
    who = next(courier for courier in couriers if courier.league == one.league)
    await conversations.open(db, who.id, who.channel, one.reason, opened_at)
    # Their last search may lie over the border, and one who never searched has no league.
    mine = PersonConversationRow.courier_id == who.id
    await db.execute(update(PersonConversationRow).where(mine).values(league=one.league))
    for minute, author, text in one.messages:
        at = opened_at + timedelta(minutes=minute)
        current = await conversations.current(db, who.id, at)
        if current is None:
            raise LookupError("the conversation that was just opened is gone")
        if author is Author.COURIER:
            await conversations.write(db, who.id, current, text, at)
        else:
            await _answer(db, keys, who.id, current.id, text, at)
    return who.id


async def _answer(
    db: AsyncSession,
    keys: Keys,
    courier: int,
    conversation: int,
    text: str,
    at: datetime,
) -> None:
    """An operator's answer. `desk` would send it, and enter a person who does not exist into the
    audit log, from which nothing can be removed."""
    values = {
        "conversation_id": conversation,
        "courier_id": courier,
        "author": Author.OPERATOR,
        "at": at,
        "text": keys.seal(text, TEXT),
    }
    await db.execute(insert(PersonMessageRow).values(values))
    mine = PersonConversationRow.id == conversation
    taken = {
        "status": PersonStatus.TAKEN,
        "operator": OPERATOR,
        "since": at,
        "awaits_answer": False,
        "told": True,
    }
    await db.execute(update(PersonConversationRow).where(mine).values(taken))
    first = mine & PersonConversationRow.first_answer_at.is_(None)
    begun = {"taken_at": at - timedelta(minutes=1), "first_answer_at": at}
    await db.execute(update(PersonConversationRow).where(first).values(begun))
