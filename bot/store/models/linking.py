"""Tables: one-time codes that link the chats of one person."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Instant


class LinkCodeRow(Table):
    """A courier's one-time link code, as its blind index; a new one replaces it."""

    __tablename__ = "link_code"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    code_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class LinkTryRow(Table):
    """How many wrong codes a chat has sent since `began_at`.

    Nothing here reads or writes it: `AttemptRow` counts them. The version before does both, and
    must run on this schema while processes are replaced one after the other. A migration of the
    release after this one drops the table, and this class goes with it.
    """

    __tablename__ = "link_try"

    chat_id: Mapped[int] = mapped_column(
        ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True
    )
    count: Mapped[int] = mapped_column(SmallInteger)
    began_at: Mapped[datetime] = mapped_column(Instant)
