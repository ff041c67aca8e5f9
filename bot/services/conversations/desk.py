"""An operator's side of one conversation: take it, read it, answer, close, reopen.

A conversation of a league belongs to its operators, one of no known league to all. Every change is
written together with its audit row, which never holds what was said.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.conversations import notices
from bot.services.conversations.courier_side import TEXT
from bot.services.conversations.masking import masked
from bot.services.conversations.statuses import (
    Author,
    ClosedBy,
    ConversationConflict,
    ConversationGone,
    PersonReason,
    PersonStatus,
    TextRefused,
)
from bot.services.operators import access_log, audit
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Right
from bot.store.encryption import Keyring
from bot.store.models.conversations import PersonConversationRow, PersonMessageRow

SHOWN: Final = 60
"""Messages of one conversation on the page: the newest."""
ANSWER_LENGTH: Final = 500
"""Characters of an operator's answer: they fit one message of every channel."""
_ROW = PersonConversationRow


@value
class Talk:
    """A conversation as the console shows it. `closed_by` None: it is not closed."""

    id: int
    league: str
    reason: PersonReason
    channel: str
    status: PersonStatus
    opened_at: datetime
    operator: str
    first_answer_at: datetime | None
    since: datetime
    awaits_answer: bool
    closed_at: datetime | None
    closed_by: ClosedBy | None


@value
class Message:
    """What was written; of a courier's words, numbers that may identify somebody are masked."""

    id: int
    author: Author
    at: datetime
    text: str


async def find(db: AsyncSession, operator: Operator, number: int) -> Talk:
    """One conversation. Raises `NotAllowed`, `ConversationGone`."""
    return talk(await _row(db, operator, select(_ROW).where(_ROW.id == number)))


async def messages(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    found: Talk,
    now: datetime,
    *,
    purpose: str = "",
) -> Sequence[Message]:
    """The newest messages, the oldest of them first. What the operator sees for the first time is
    entered in the access log; with `purpose` (why they need it) all is shown unmasked and entered.
    """
    row = PersonMessageRow
    newest = select(row).where(row.conversation_id == found.id)
    rows = list(await db.scalars(newest.order_by(row.id.desc()).limit(SHOWN)))[::-1]
    seen = await db.scalar(select(_ROW.seen_id).where(_ROW.id == found.id)) or 0
    holds = found.operator == operator.name
    new = [
        (TEXT, one.id)
        for one in rows
        if one.author == Author.COURIER and (purpose or not holds or one.id > seen)
    ]
    await access_log.record(
        db, keys, operator.name, AccessAction.READ, new, purpose or "conversation", now
    )
    if holds and rows and rows[-1].id > seen:
        await db.execute(update(_ROW).where(_ROW.id == found.id).values(seen_id=rows[-1].id))
    return [_message(keys, one, clear=bool(purpose)) for one in rows]


async def newest(db: AsyncSession, number: int) -> int:
    """The number of its newest message, 0 without one: whether there is something new."""
    row = PersonMessageRow
    last = select(row.id).where(row.conversation_id == number).order_by(row.id.desc()).limit(1)
    return await db.scalar(last) or 0


async def take(db: AsyncSession, operator: Operator, number: int, now: datetime) -> None:
    """The conversation is this operator's from now on, and the bot is silent in it.

    Raises `NotAllowed`, `ConversationGone`, and `ConversationConflict` where somebody was faster.
    """
    row = await _locked(db, operator, number)
    if row.status != PersonStatus.WAITING:
        raise ConversationConflict(PersonStatus(row.status), row.operator)
    await _change(db, row, status=PersonStatus.TAKEN, operator=operator.name, taken_at=now,
                  since=now, told=False, seen_id=0)  # fmt: skip
    await _record(db, operator, "take", row, now)


async def answer(
    db: AsyncSession, keys: Keyring, operator: Operator, number: int, text: str, now: datetime
) -> None:
    """Sends the courier an answer on their own channel.

    Raises `NotAllowed`, `ConversationGone`, `TextRefused`, and `ConversationConflict` where it is
    no longer this operator's.
    """
    row = await _mine(db, operator, number)
    plain = text.replace("\r\n", "\n").strip()
    if not 0 < len(plain) <= ANSWER_LENGTH:
        raise TextRefused(ANSWER_LENGTH)
    values = {
        "conversation_id": row.id,
        "courier_id": row.courier_id,
        "author": Author.OPERATOR,
        "at": now,
        "text": keys.seal(plain, TEXT),
    }
    added = insert(PersonMessageRow).values(values).returning(PersonMessageRow.id)
    message_id = (await db.execute(added)).scalar_one()
    await _change(
        db, row, first_answer_at=row.first_answer_at or now, since=now, awaits_answer=False
    )
    await notices.send_answer(db, row.courier_id, message_id, now)
    await _record(db, operator, "answer", row, now)


async def close(db: AsyncSession, operator: Operator, number: int, now: datetime) -> None:
    """The bot answers again, and tells the courier so. Raises as `answer` does."""
    row = await _mine(db, operator, number)
    await _change(
        db,
        row,
        status=PersonStatus.CLOSED,
        closed_at=now,
        closed_by=ClosedBy.OPERATOR,
        awaits_answer=False,
    )
    await notices.tell_state(db, row.courier_id, row.id, PersonStatus.CLOSED, now)
    await _record(db, operator, "close", row, now)


async def reopen(db: AsyncSession, operator: Operator, number: int, now: datetime) -> None:
    """A closed conversation is this operator's; the courier is told that a person is there again.

    Raises `NotAllowed`, `ConversationGone`, and `ConversationConflict` where it is open, or the
    courier has another one open.
    """
    row = await _locked(db, operator, number)
    if row.status != PersonStatus.CLOSED:
        raise ConversationConflict(PersonStatus(row.status), row.operator)
    other = select(_ROW).where(
        _ROW.courier_id == row.courier_id, _ROW.status != PersonStatus.CLOSED
    )
    if (open_one := (await db.scalars(other)).one_or_none()) is not None:
        raise ConversationConflict(PersonStatus(open_one.status), open_one.operator)
    try:
        async with db.begin_nested():
            await _change(db, row, status=PersonStatus.TAKEN, operator=operator.name, taken_at=now,
                          since=now, told=True, closed_at=None, closed_by="")  # fmt: skip
    except IntegrityError:  # the courier asked again at this moment
        raise ConversationConflict(PersonStatus.WAITING, "") from None
    await notices.tell_state(db, row.courier_id, row.id, PersonStatus.TAKEN, now)
    await _record(db, operator, "reopen", row, now)


def visible(operator: Operator) -> ColumnElement[bool]:
    """The condition for conversations of the operator's leagues, and of no known league."""
    if not operator.leagues:
        return true()
    return or_(_ROW.league.in_(sorted(operator.leagues)), _ROW.league == "")


def talk(row: PersonConversationRow) -> Talk:
    """A row as the console shows it."""
    return Talk(
        row.id,
        row.league,
        PersonReason(row.reason),
        row.channel,
        PersonStatus(row.status),
        row.opened_at,
        row.operator,
        row.first_answer_at,
        row.since,
        row.awaits_answer,
        row.closed_at,
        ClosedBy(row.closed_by) if row.closed_by else None,
    )


def _message(keys: Keyring, row: PersonMessageRow, *, clear: bool) -> Message:
    author, text = Author(row.author), keys.open(row.text, TEXT)
    shown = text if clear or author is Author.OPERATOR else masked(text)
    return Message(row.id, author, row.at, shown)


async def _row(
    db: AsyncSession, operator: Operator, query: Select[PersonConversationRow]
) -> PersonConversationRow:
    operator.require(Right.CONVERSATIONS)
    row = (await db.scalars(query)).one_or_none()
    if row is None:
        raise ConversationGone
    if row.league and not operator.covers(row.league):
        raise NotAllowed(Right.CONVERSATIONS, row.league)
    return row


async def _locked(db: AsyncSession, operator: Operator, number: int) -> PersonConversationRow:
    return await _row(db, operator, select(_ROW).where(_ROW.id == number).with_for_update())


async def _mine(db: AsyncSession, operator: Operator, number: int) -> PersonConversationRow:
    row = await _locked(db, operator, number)
    if row.status != PersonStatus.TAKEN or row.operator != operator.name:
        raise ConversationConflict(PersonStatus(row.status), row.operator)
    return row


async def _change(db: AsyncSession, row: PersonConversationRow, **values: object) -> None:
    await db.execute(update(_ROW).where(_ROW.id == row.id).values(values))


async def _record(
    db: AsyncSession, operator: Operator, verb: str, row: PersonConversationRow, now: datetime
) -> None:
    await audit.record(
        db,
        operator.name,
        f"conversation.{verb}",
        SubjectKind.CONVERSATION,
        str(row.id),
        now,
        league=row.league,
    )
