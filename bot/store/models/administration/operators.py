"""Tables: notes for operators, the access log of personal data, and revisions of lists."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table, partial_index
from bot.store.types import Id, Instant


class OperatorNoteRow(Table):
    """Something that an operator should look at; `dedupe_key` keeps it from being noted twice.

    `params` holds ids and plain facts; `detail` what may be personal, such as a bank's own text.
    """

    __tablename__ = "operator_note"
    __table_args__ = (
        partial_index(
            "ix_operator_note_open",
            "at",
            where="done_at IS NULL",
        ),
        partial_index(
            "ix_operator_note_open_kind",
            "kind",
            "id",
            where="done_at IS NULL",
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


class RevisionRow(Table):
    """One import or one change by hand of stations, trainings, holidays, content or honours.

    `source`: the file it came from, or the reason that was given. `version`: of the data set after
    it, 0 where that has none. `undoes`: the revision that this one took back; `undone_by`: the one
    that took this back.
    """

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('stations','trainings','holidays','content','honours')", name="kind"
        ),
        Index("ix_revision_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    action: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=0)
    undoes: Mapped[int | None] = mapped_column(Id)
    undone_by: Mapped[int | None] = mapped_column(Id)


class RevisionRecordRow(Table):
    """A station, training, day or piece of content that a revision changed: old and new fields.

    `before` NULL: the revision added it; `after` NULL: the revision removed it.
    """

    __tablename__ = "revision_record"
    __table_args__ = (Index("ix_revision_record_code", "code", "revision_id"),)

    revision_id: Mapped[int] = mapped_column(
        ForeignKey("revision.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
