"""Names and phones, sealed."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.cards import INDEXED
from bot.store.models.common import SEALED, Table
from bot.store.types import Instant


class ProfileRow(Table):
    """Name and phone of a courier, sealed, kept with their consent; `firm` and `league` plain."""

    __tablename__ = "profile"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True, info=INDEXED)
    firm: Mapped[str] = mapped_column(String(40), default="", index=True)
    league: Mapped[str] = mapped_column(String(12), default="", index=True)
    updated_at: Mapped[datetime] = mapped_column(Instant)
