"""Tables: couriers' conversations with operators, their messages, and ready answers."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table, partial_index
from bot.store.types import Id, Instant

NOT_CLOSED = text("status <> 'closed'")


class PersonConversationRow(Table):
    """A courier who asked for a person. At most one of a courier is not closed.

    `league`: an adcode, "" where it is not known. `operator`: the account that has or had it.
    `since`: from when the time counts after which the bot takes over; `awaits_answer`: the courier
    wrote last. `told`: the courier knows that a person has it. `seen_id`: the newest message that
    its operator has been shown.
    """

    __tablename__ = "person_conversation"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','taken','closed')", name="status"),
        partial_index(
            "ix_person_conversation_open",
            "courier_id",
            unique=True,
            where=NOT_CLOSED.text,
        ),
        Index("ix_person_conversation_status", "status", "id"),
        Index("ix_person_conversation_league", "status", "league", "id"),
        Index("ix_person_conversation_opened_at", "opened_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    league: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(8))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    operator: Mapped[str] = mapped_column(String(40), default="")
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    first_answer_at: Mapped[datetime | None] = mapped_column(Instant)
    since: Mapped[datetime] = mapped_column(Instant)
    awaits_answer: Mapped[bool] = mapped_column(default=False)
    told: Mapped[bool] = mapped_column(default=False)
    seen_id: Mapped[int] = mapped_column(BigInteger, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    closed_by: Mapped[str] = mapped_column(String(12), default="")


class PersonMessageRow(Table):
    """What a courier or an operator wrote in a conversation, sealed. Kept for 30 days."""

    __tablename__ = "person_message"
    __table_args__ = (
        CheckConstraint("author IN ('courier','operator')", name="author"),
        Index("ix_person_message_conversation_id", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("person_conversation.id", ondelete="CASCADE")
    )
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    author: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    text: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)


class ReadyAnswerRow(Table):
    """An answer that operators keep to use again. It holds nothing of a courier."""

    __tablename__ = "ready_answer"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
