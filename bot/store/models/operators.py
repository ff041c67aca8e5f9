"""Tables: notes for operators, and the access log of personal data."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table
from bot.store.types import Id, Instant


class OperatorNoteRow(Table):
    """Something that an operator should look at; `dedupe_key` keeps it from being noted twice.

    `params` holds ids and plain facts; `detail` what may be personal, such as a bank's own text.
    """

    __tablename__ = "operator_note"
    __table_args__ = (
        Index(
            "ix_operator_note_open",
            "at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    detail: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class AccessLogRow(Table):
    """One reading, export or erasure of personal data. Rows are added and never changed.

    `subject` is a hash of whose data it was, empty where even that would be too much.
    """

    __tablename__ = "access_log"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(80))
    subject: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str] = mapped_column(String(80), default="")
