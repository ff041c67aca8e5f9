"""Tables: the outbox, what couriers have set for it, and push quotas."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    SmallInteger,
    String,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table, partial_index
from bot.store.types import Id, Instant


class OutboxRow(Table):
    """A notice to deliver: rendered when it is sent, from ids and never from stored text.

    `status`: ready → claimed → sending → sent | unknown | dead | expired; `held` waits in the
    courier's 待看箱 and becomes `shown`; `cancelled` was withdrawn. `chat_id` is its destination,
    None while no chat can be pushed to. `params` holds ids and plain facts, never personal text.
    `subject`: what it tells the change of, None for all other notices.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "status IN ('ready','claimed','sending','sent','unknown','dead','expired','held',"
            "'shown','cancelled')",
            name="status",
        ),
        partial_index(
            "ix_outbox_ready",
            "channel",
            "priority",
            "due_at",
            "id",
            where="status = 'ready'",
        ),
        partial_index(
            "ix_outbox_leased",
            "lease_until",
            where="status IN ('claimed','sending')",
        ),
        partial_index(
            "ix_outbox_held",
            "courier_id",
            where="status = 'held'",
        ),
        partial_index(
            "ix_outbox_subject",
            "courier_id",
            "subject",
            where="subject IS NOT NULL",
        ),
        # All notices of a broadcast share their last moment, and few broadcasts share one.
        partial_index(
            "ix_outbox_broadcast",
            "not_after",
            "status",
            where="kind = 'broadcast'",
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    chat_id: Mapped[int | None] = mapped_column(
        ForeignKey("chat.id", ondelete="SET NULL"), index=True
    )
    channel: Mapped[str] = mapped_column(String(16), default="")
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    subject: Mapped[str | None] = mapped_column(String(80))
    topic: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)
    status: Mapped[str] = mapped_column(String(12), default="ready")
    due_at: Mapped[datetime] = mapped_column(Instant)
    not_after: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    owner: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    reason: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class TopicRow(Table):
    """A courier's switch for one topic of notices; without a row the topic's default holds."""

    __tablename__ = "topic"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(String(16), primary_key=True)
    is_on: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)


class QuietRow(Table):
    """A courier's own quiet hours, in minutes after midnight; may run over midnight.

    `begins` = `ends`: none. `at_night`: whether the usual night is quiet too. `days`: whole quiet
    days, a bit for each day of the week from Monday on.
    """

    __tablename__ = "quiet"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    begins: Mapped[int] = mapped_column(SmallInteger)
    ends: Mapped[int] = mapped_column(SmallInteger)
    at_night: Mapped[bool] = mapped_column(default=True, server_default=true())
    days: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class AllowanceRow(Table):
    """The push quota of one chat, on platforms that limit messages nobody asked for.

    `heard_event` is the courier's event that granted it. `place_*` is the last shared location,
    which a platform may report twice: by which kind of push and when, never where.
    """

    __tablename__ = "allowance"

    chat_id: Mapped[int] = mapped_column(
        ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True
    )
    heard_event: Mapped[str] = mapped_column(String(160), default="")
    heard_at: Mapped[datetime | None] = mapped_column(Instant)
    messages_left: Mapped[int] = mapped_column(SmallInteger, default=0)
    messages_until: Mapped[datetime | None] = mapped_column(Instant)
    clicks_left: Mapped[int] = mapped_column(SmallInteger, default=0)
    clicks_until: Mapped[datetime | None] = mapped_column(Instant)
    place_kind: Mapped[str] = mapped_column(String(16), default="")
    place_at: Mapped[datetime | None] = mapped_column(Instant)
