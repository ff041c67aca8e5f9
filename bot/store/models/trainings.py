"""Tables: 大讲堂 trainings, teams, registrations and certificates."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.cards import INDEXED
from bot.store.models.common import SEALED, Table, partial_index
from bot.store.types import Id, Instant

LIVE = "status IN ('waitlist','offered','seat')"


class TrainingRow(Table):
    """A training at one date and place. Lock this row before changing its registrations.

    `taken` counts seats, seats offered to the waiting list, and places reserved by teams. `league`
    is where it is held (adcode), empty: online or everywhere; `only_firm`, `only_league` who may
    come, empty: everybody. `sequence` is that of iCalendar: it grows with each
    change that calendars must see.
    """

    __tablename__ = "training"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("status IN ('planned','cancelled','done')", name="status"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="place"),
        Index("ix_training_status_starts_at", "status", "starts_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(40), default="")
    about: Mapped[str] = mapped_column(String(400), default="")
    contact: Mapped[str] = mapped_column(String(80), default="")
    league: Mapped[str] = mapped_column(String(12), default="")
    is_online: Mapped[bool] = mapped_column(default=False)
    link: Mapped[str] = mapped_column(String(300), default="")
    place: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    capacity: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    min_attendance: Mapped[int] = mapped_column(Integer, default=0)
    only_firm: Mapped[str] = mapped_column(String(40), default="")
    only_league: Mapped[str] = mapped_column(String(12), default="")
    status: Mapped[str] = mapped_column(String(12), default="planned")
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    checkin_code: Mapped[str] = mapped_column(String(6), index=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class TeamRow(Table):
    """A group that a leader registers. `reserved`: places kept for members still invited.

    `mode` all: places for everybody or for nobody, reserved at once until `hold_until`; each: who
    accepts registers like anybody else. `code` answers only who was invited by a version in which
    a whole team had one code; members have their own.
    """

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint("mode IN ('all','each')", name="mode"),
        CheckConstraint("reserved >= 0", name="reserved"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    training_id: Mapped[int] = mapped_column(
        ForeignKey("training.id", ondelete="CASCADE"), index=True
    )
    leader_id: Mapped[int] = mapped_column(ForeignKey("courier.id", ondelete="CASCADE"), index=True)
    mode: Mapped[str] = mapped_column(String(4))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    reserved: Mapped[int] = mapped_column(SmallInteger, default=0)
    hold_until: Mapped[datetime] = mapped_column(Instant, index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class TeamMemberRow(Table):
    """A member whom the leader named by phone. `code` is theirs alone, handed over by the leader.

    `courier_id`: who has that code and gave that phone, once they answered.
    """

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("team_id", "phone_index"),
        CheckConstraint("status IN ('invited','accepted','declined','expired')", name="status"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    name: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    phone: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    phone_index: Mapped[bytes] = mapped_column(LargeBinary, index=True, info=INDEXED)
    code: Mapped[str | None] = mapped_column(String(12), index=True, unique=True)
    status: Mapped[str] = mapped_column(String(12), default="invited")
    courier_id: Mapped[int | None] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)


class RegistrationRow(Table):
    """A courier's seat in a training, or place in its waiting list, which is in order of id.

    `status`: waitlist → offered (a seat is held until `hold_until`) → seat; withdrawn by the
    courier, cancelled with the session, passed or expired as an offer.
    """

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint(
            "status IN ('waitlist','offered','seat','withdrawn','cancelled','passed','expired')",
            name="status",
        ),
        CheckConstraint("(status = 'offered') = (hold_until IS NOT NULL)", name="hold"),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score"),
        partial_index(
            "uq_registration_live",
            "training_id",
            "courier_id",
            unique=True,
            where=LIVE,
        ),
        Index("ix_registration_training_id_status_id", "training_id", "status", "id"),
        partial_index(
            "ix_registration_hold_until",
            "hold_until",
            where="status = 'offered'",
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id", ondelete="CASCADE"))
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("team.id", ondelete="SET NULL"), index=True
    )
    status: Mapped[str] = mapped_column(String(12))
    hold_until: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    attended_at: Mapped[datetime | None] = mapped_column(Instant)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CertificateRow(Table):
    """A proof of attendance under a number that anyone can verify, until the courier is erased.

    Of a training, or of a whole `series` of lessons of `minutes` that was finished at `held_at`.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("courier_id", "training_id"),
        UniqueConstraint("courier_id", "series"),
        CheckConstraint("(training_id IS NULL) = (series IS NOT NULL)", name="subject"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    courier_id: Mapped[int | None] = mapped_column(ForeignKey("courier.id", ondelete="CASCADE"))
    training_id: Mapped[int | None] = mapped_column(
        ForeignKey("training.id", ondelete="CASCADE"), index=True
    )
    series: Mapped[str | None] = mapped_column(String(60))
    minutes: Mapped[int | None] = mapped_column(SmallInteger)
    held_at: Mapped[datetime | None] = mapped_column(Instant)
    name: Mapped[bytes] = mapped_column(LargeBinary, info=SEALED)
    issued_at: Mapped[datetime] = mapped_column(Instant)


class WithdrawnCertificateRow(Table):
    """The number of a certificate that was withdrawn, so that whoever checks it learns so.

    Nothing else is kept of it: neither who had it nor for what.
    """

    __tablename__ = "withdrawn_certificate"

    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    withdrawn_at: Mapped[datetime] = mapped_column(Instant)
