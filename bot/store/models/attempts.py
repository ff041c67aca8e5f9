"""Tables: counters of failed verifications."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Instant


class AttemptRow(Table):
    """The failed attempts of one chat, from one network, on one application number, or of all.

    `key` is a blind index of the chat's address, of the network or the typed number:
    it outlives the courier's own data for a day, so that erasing it gives no new attempts.
    """

    __tablename__ = "attempt"
    __table_args__ = (CheckConstraint("scope IN ('chat','number','network','all')", name="scope"),)

    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int] = mapped_column(SmallInteger)
    began_at: Mapped[datetime] = mapped_column(Instant, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
