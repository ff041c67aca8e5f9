"""Tables: couriers and their consents."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Id, Instant


class CourierRow(Table):
    """A person, with any number of chats. Each turn locks this row.

    `locale` is the language they chose; `spoken` the one they were last answered in, in which
    notices are worded until they choose.
    """

    __tablename__ = "courier"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    locale: Mapped[str | None] = mapped_column(String(16))
    spoken: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class ConsentRow(Table):
    """A courier's yes or no to one use of their data. Rows are added and never changed."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(24))
    version: Mapped[str] = mapped_column(String(16))
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)
    channel: Mapped[str] = mapped_column(String(16))
