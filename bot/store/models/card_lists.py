"""Tables: lists of cards between upload and import, and what the bank pushed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table
from bot.store.types import Id, Instant


class CardListRow(Table):
    """A bank's list that an operator uploaded. `answers`: heading → field, None: left out.
    `as_of`: the moment that it describes.

    `summary`: what importing it would do, as JSON; it holds no value of a person.
    """

    __tablename__ = "card_list"
    __table_args__ = (
        CheckConstraint("state IN ('ready','faulty','applied','dropped')", name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    actor: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    backwards: Mapped[bool] = mapped_column(default=False)
    as_of: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8))
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)


class CardListPartRow(Table):
    """A part of an uploaded file; deleted once it was imported or dropped, at last after a day."""

    __tablename__ = "card_list_part"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("card_list.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)


class BankPushRow(Table):
    """A batch that the bank pushed and that was taken: how many records, by outcome."""

    __tablename__ = "bank_push"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    records: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
