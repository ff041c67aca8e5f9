"""Tables: appointments and call-backs that couriers and firms asked an outlet for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.cards import INDEXED
from bot.store.models.common import SEALED, Table
from bot.store.types import Id, Instant


class AppointmentRow(Table):
    """A call-back or a visit that was asked for; operators pass it to the outlet.

    `number` is ours (YY-7K3M9P). `topic` is the code of a service. `firm` is sealed and empty
    unless a firm asks for financing. `outlet_id` where one of the list was picked, `outlet` as
    shown or typed. `wanted` is when, as `bot.services.appointments.wishes` writes it.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("status IN ('new','contacted','done','unreached')", name="status"),
        Index("ix_appointment_status_created_at", "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=INDEXED)
    number: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    topic: Mapped[str] = mapped_column(String(16))
    name: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    phone: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    firm: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    outlet_id: Mapped[int | None] = mapped_column(
        ForeignKey("station.id", ondelete="SET NULL"), index=True
    )
    outlet: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    wanted: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    consent: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(12), default="new")
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
