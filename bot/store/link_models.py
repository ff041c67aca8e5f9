"""Tables: One person on several channels, and what a channel must remember."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models import Table
from bot.store.types import Instant


class AllowanceRow(Table):
    """What may still be sent first to one chat, where the platform counts it.

    `heard_event` is the courier's doing that granted it. `place_*` is the last shared place, of
    which a platform may tell twice: by which kind of push, never where.
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


class LinkCodeRow(Table):
    """A courier's one-time code by its blind index only; the newest replaces the one before."""

    __tablename__ = "link_code"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    code_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class LinkTryRow(Table):
    """How many wrong codes a chat has sent since `began_at`."""

    __tablename__ = "link_try"

    chat_id: Mapped[int] = mapped_column(
        ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True
    )
    count: Mapped[int] = mapped_column(SmallInteger)
    began_at: Mapped[datetime] = mapped_column(Instant)
