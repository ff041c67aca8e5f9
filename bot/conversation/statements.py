"""The SQL of a turn: see docs/fast-path.md for why it is `Prepared`."""

from functools import cache
from typing import cast

from sqlalchemy import Table, and_, bindparam, exists, insert, or_, select, true, update

from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.statuses import OutboxStatus
from bot.store.literals import in_sql
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.conversations import NOT_CLOSED, PersonConversationRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import LeftOutStationRow
from bot.store.prepared import Prepared
from bot.store.upsert import upsert_for

# Built once: to build a statement takes the processor longer than to run it.
INBOX, CHAT, COURIER, OUTBOX, PERSON, LEFT_OUT = (
    cast(Table, row.__table__)
    for row in (
        InboxRow,
        ChatRow,
        CourierRow,
        OutboxRow,
        PersonConversationRow,
        LeftOutStationRow,
    )
)
THIS_CHAT = (CHAT.c.channel == bindparam("of_channel")) & (
    CHAT.c.external_id == bindparam("of_sender")
)
THIS_EVENT = (
    (INBOX.c.channel == bindparam("of_channel"))
    & (INBOX.c.sender == bindparam("of_sender"))
    & (INBOX.c.event_id == bindparam("of_event"))
)
CHAT_COLUMNS = (
    select(
        CHAT.c.id,
        CHAT.c.courier_id,
        COURIER.c.locale,
        COURIER.c.spoken,
        CHAT.c.state,
        CHAT.c.state_at,
        CHAT.c.awaits,
        CHAT.c.pushed,
        CHAT.c.pushed_at,
        exists()
        .where(
            OUTBOX.c.courier_id == CHAT.c.courier_id,
            or_(
                OUTBOX.c.status == in_sql(OutboxStatus.HELD),
                and_(
                    OUTBOX.c.status == in_sql(OutboxStatus.READY),
                    OUTBOX.c.kind == in_sql(NoticeKind.LATE_ANSWER),
                ),
            ),
        )
        .label("has_pending"),
        exists().where(PERSON.c.courier_id == CHAT.c.courier_id, NOT_CLOSED).label("has_person"),
        exists().where(LEFT_OUT.c.courier_id == CHAT.c.courier_id).label("has_left_out"),
    )
    .join(COURIER, COURIER.c.id == CHAT.c.courier_id)
    .where(THIS_CHAT)
)
FIND_CHAT = Prepared(
    # Others may still reference these rows: a waitlist that moves writes notices to couriers whose
    # own turn waits for that waitlist.
    CHAT_COLUMNS.with_for_update(of=[CHAT, COURIER], key_share=True)
)
FIND_CHAT_AND_EVENT = Prepared(CHAT_COLUMNS.add_columns(exists().where(THIS_EVENT)))
"""Where the transaction excludes all others: whether the event was answered needs no claim."""
STATE = (
    update(CHAT)
    .where(CHAT.c.id == bindparam("of_chat"))
    .values(
        state=bindparam("to_state"),
        state_at=bindparam("to_at"),
        awaits=bindparam("to_await"),
        reachable=bindparam("to_reach"),
        turns=CHAT.c.turns + 1,
        # The courier has written: numbers mean this answer's choices, no longer a notice's.
        pushed=None,
        pushed_at=None,
    )
)
LOCKED_CHAT = CHAT_COLUMNS.with_for_update(of=[CHAT, COURIER], key_share=True).lateral("locked")


@cache
def claim_and_find() -> Prepared:
    """PostgreSQL: takes the event's key, or waits until the copy that has it is answered, and then
    returns nothing. A new chat's row is all None. Only then the chat is locked: the statement that
    reads what the copy stored must be another one, as it sees more."""
    claim = (
        upsert_for(INBOX, is_sqlite=False)
        .values(
            channel=bindparam("of_channel"),
            sender=bindparam("of_sender"),
            event_id=bindparam("of_event"),
            received_at=bindparam("to_at"),
        )
        .on_conflict_do_nothing()
        .returning(INBOX.c.event_id)
        .cte("claim")
    )
    return Prepared(select(LOCKED_CHAT).select_from(claim.outerjoin(LOCKED_CHAT, true())))


FIND_LOCALE = Prepared(
    select(COURIER.c.locale).join(CHAT, CHAT.c.courier_id == COURIER.c.id).where(THIS_CHAT)
)
FIND_ANSWER = Prepared(select(INBOX.c.answer).where(THIS_EVENT))
CHAT_IF_THERE = select(CHAT.c.id).where(CHAT.c.id == bindparam("of_chat")).scalar_subquery()
"""None if this very turn erased the chat."""
ADD_ANSWER = Prepared(
    insert(INBOX).from_select(
        ["channel", "sender", "event_id", "received_at", "answer", "chat_id"],
        select(
            bindparam("of_channel", type_=INBOX.c.channel.type),
            bindparam("of_sender", type_=INBOX.c.sender.type),
            bindparam("of_event", type_=INBOX.c.event_id.type),
            bindparam("to_at", type_=INBOX.c.received_at.type),
            bindparam("to_answer", type_=INBOX.c.answer.type),
            CHAT_IF_THERE,
        ),
        include_defaults=False,
    )
)
SAVE_STATE = Prepared(STATE)
ANSWER_OF_EVENT = (
    update(INBOX).where(THIS_EVENT).values(answer=bindparam("to_answer"), chat_id=CHAT_IF_THERE)
)
SAVE_ANSWER = Prepared(ANSWER_OF_EVENT)
SAVE_STATE_AND_ANSWER = Prepared(ANSWER_OF_EVENT.add_cte(STATE.cte("state")))
