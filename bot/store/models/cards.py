"""Tables: 奋斗卡 applications, bindings and pre-applications.

Names, phones, application numbers and every free text that a bank wrote are sealed. What must be
found again has a blind index beside it (`Keyring.index`): an HMAC that also names its key, so that
a rotation can tell which rows to index again. Columns marked `SEALED` or `INDEXED` are what a
rotation walks through.
"""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table, partial_index
from bot.store.types import Id, Instant

INDEXED = {"indexed": True}
"""Marks a column that holds a blind index, which a key rotation computes again."""

CODES = (
    "submitted",
    "need_docs",
    "reviewing",
    "interview",
    "approved",
    "making",
    "made",
    "shipped",
    "at_branch",
    "collected",
    "activated",
    "rejected",
    "returned",
    "cancelled",
    "unknown",
)
"""Every status an application can have; `unknown` is a label of the bank that has no mapping."""

KNOWN_CODE = f"({','.join(repr(code) for code in CODES)})"


class CardApplicationRow(Table):
    """An application for a card, as the bank last reported it.

    `phone` is whole or its last digits, as reported. `outlet_code` is the code of a station.
    `backwards`: the bank went back a step, and an operator accepted it. `settled_at`: when it
    reached a final status; the time to its erasure counts from there.
    """

    __tablename__ = "card_application"
    __table_args__ = (
        CheckConstraint(f"status IN {KNOWN_CODE}", name="status"),
        Index(
            "ix_card_application_late", "status", "stage_at", "outlet_code", "outlet_name"
        ),  # holds all that late ones are counted by
        Index("ix_card_application_outlet", "outlet_code", "status", "stage_at"),
        partial_index(
            "ix_card_application_settled_at",
            "settled_at",
            where="settled_at IS NOT NULL",
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=INDEXED)
    number: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    name: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    id_last4: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    firm: Mapped[str] = mapped_column(String(40), default="")
    outlet_code: Mapped[str] = mapped_column(String(64), default="")
    outlet_name: Mapped[str] = mapped_column(String(120), default="")
    status: Mapped[str] = mapped_column(String(12))
    label: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    stage_at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str] = mapped_column(String(80), default="")
    as_of: Mapped[datetime] = mapped_column(Instant)
    seal_by: Mapped[date | None] = mapped_column(Date)
    missing_docs: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    parcel: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    reject_reason: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    backwards: Mapped[bool] = mapped_column(default=False)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CardFactRow(Table):
    """A proof of ownership: an application's number and four digits, hashed together.

    Alone the digits, ten thousand of them, could be found by trying all.
    """

    __tablename__ = "card_fact"
    __table_args__ = (CheckConstraint("kind IN ('phone','id')", name="kind"),)

    application_id: Mapped[int] = mapped_column(
        ForeignKey("card_application.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    fact_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=INDEXED)


class CardStageRow(Table):
    """A status that an application reached: one entry of its history, which changes only where an
    operator says what its label stands for.

    `source` is where it was reported: `import` or `api`. A `backwards` stage counts in no
    statistics.
    """

    __tablename__ = "card_stage"
    __table_args__ = (
        CheckConstraint(f"code IN {KNOWN_CODE}", name="code"),
        UniqueConstraint("application_id", "at", "code"),
        Index("ix_card_stage_code_at", "code", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("card_application.id", ondelete="CASCADE")
    )
    code: Mapped[str] = mapped_column(String(12))
    label: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str] = mapped_column(String(80), default="")
    source: Mapped[str] = mapped_column(String(12))
    backwards: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class CardBindingRow(Table):
    """A courier who proved to own an application, and is notified of it until they unbind."""

    __tablename__ = "card_binding"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    application_id: Mapped[int] = mapped_column(
        ForeignKey("card_application.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(Instant)


class CardReleaseRow(Table):
    """A one-time code that an operator issued for an application, as a blind index.

    It binds in place of the second fact, also while look-ups are locked; a new one replaces it.
    """

    __tablename__ = "card_release"

    application_id: Mapped[int] = mapped_column(
        ForeignKey("card_application.id", ondelete="CASCADE"), primary_key=True
    )
    code_index: Mapped[bytes] = mapped_column(LargeBinary)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class CardRequestRow(Table):
    """A pre-application from the chat, which an operator passes to the outlet.

    `number` is ours (YQ-7K3M9P). `firm_code` and `outlet_id` where one of the list was picked;
    `firm` and `outlet` as typed.
    """

    __tablename__ = "card_request"
    __table_args__ = (
        CheckConstraint("status IN ('new','passed','closed')", name="status"),
        Index("ix_card_request_status_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=INDEXED)
    number: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    phone: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    firm_code: Mapped[str] = mapped_column(String(24), default="")
    firm: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    outlet_id: Mapped[int | None] = mapped_column(
        ForeignKey("station.id", ondelete="SET NULL"), index=True
    )
    outlet: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    consent: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(8), default="new", index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class CardLabelRow(Table):
    """What an operator says a label of the bank stands for, in place of what is usual.

    `label` without blanks and case, by which it is found; `text` as it was written. `unknown`:
    a usual label that means something else here.
    """

    __tablename__ = "card_label"
    __table_args__ = (CheckConstraint(f"status IN {KNOWN_CODE}", name="status"),)

    label: Mapped[str] = mapped_column(String(60), primary_key=True)
    text: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(12))
    set_by: Mapped[str] = mapped_column(String(40))
    set_at: Mapped[datetime] = mapped_column(Instant)
