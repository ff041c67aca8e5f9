"""Tables: broadcasts and their parts."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Id, Instant


class BroadcastRow(Table):
    """A message to many couriers. `texts` by locale; `cursor`: the id of the last one queued.

    `counts` by outbox status, as last counted; the notices themselves are in the outbox.
    """

    __tablename__ = "broadcast"
    __table_args__ = (
        CheckConstraint("status IN ('draft','running','paused','done','cancelled')", name="status"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Instant)
    not_after: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    cursor: Mapped[int] = mapped_column(Id, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)


class BroadcastPartRow(Table):
    """A slice of a broadcast's audience that was queued: couriers `first` to `last`."""

    __tablename__ = "broadcast_part"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(
        ForeignKey("broadcast.id", ondelete="CASCADE"), index=True
    )
    first: Mapped[int] = mapped_column(Id)
    last: Mapped[int] = mapped_column(Id)
    written: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)
