"""Tables: chats with their state, and the inbox of events that were answered."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table
from bot.store.types import Id, Instant


class ChatRow(Table):
    """A courier's address on a channel, and the state of that conversation.

    `state` is sealed: it may hold a location or what was typed, until the conversation ends.
    `awaits`: the next message is the answer to a question; `turns` counts the events answered
    since it was added or cleared. `pushed`, sealed too, holds the choices of the newest notice
    sent there since the last of them. `pushable`: its channel can be written to first;
    `reachable`: the courier has not blocked us.
    """

    __tablename__ = "chat"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(128))
    courier_id: Mapped[int] = mapped_column(ForeignKey("courier.id"), index=True)
    reachable: Mapped[bool] = mapped_column(default=True)
    pushable: Mapped[bool] = mapped_column(default=True, server_default=true())
    state: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    state_at: Mapped[datetime] = mapped_column(Instant, index=True)
    awaits: Mapped[bool] = mapped_column(default=False, server_default=false())
    turns: Mapped[int] = mapped_column(default=0, server_default="0")
    pushed: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    pushed_at: Mapped[datetime | None] = mapped_column(Instant)


class InboxRow(Table):
    """An event that was received, with the sealed answer to repeat when it is delivered again.

    `sender` is the channel's identifier of who caused it: platforms number events for each sender,
    and two may get the same number. Rows of versions before that knew no sender have ''.
    `chat_id` is None while it is being answered, and once its chat was erased.
    """

    __tablename__ = "inbox"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    sender: Mapped[str] = mapped_column(String(128), primary_key=True, server_default=text("''"))
    event_id: Mapped[str] = mapped_column(String(160), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant, index=True)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    chat_id: Mapped[int | None] = mapped_column(
        ForeignKey("chat.id", ondelete="CASCADE"), index=True
    )
