"""Tables: lists that operators import in the console, from the file until it is written."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table
from bot.store.types import Id, Instant


class ListImportRow(Table):
    """One list that somebody uploaded, with their answers and what importing it would do.

    `digest`: SHA-256 of the file in hexadecimal digits. `answers` are those of the operator about
    columns, coordinates, doubts and single cells. `effect`: SHA-256 of what the preview would
    write; `summary`: the counts, columns and notes of the preview, as JSON. `revision`: what it was
    written as. `undone`: the revision that took that back.
    """

    __tablename__ = "list_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('planning','asking','ready','refused','failed','applying','applied',"
            "'undoing','undone')",
            name="state",
        ),
        Index("ix_list_import_actor", "actor", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    state: Mapped[str] = mapped_column(String(12))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    effect: Mapped[str] = mapped_column(String(64), default="")
    summary: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    revision: Mapped[int | None] = mapped_column(Id)
    undone: Mapped[int | None] = mapped_column(Id)


class ListImportPageRow(Table):
    """Some rows of one tab of a preview, as JSON; `number` from 0 in the order of the file."""

    __tablename__ = "list_import_page"

    import_id: Mapped[int] = mapped_column(
        ForeignKey("list_import.id", ondelete="CASCADE"), primary_key=True
    )
    tab: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)


class ListFileRow(Table):
    """A part of an uploaded file: lists name contact persons, which only the sender may see.

    Parts are small, so that a key rotation holds few bytes at a time.
    """

    __tablename__ = "list_file"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
