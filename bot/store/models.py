"""The tables. Each class's first line says what one row is."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.store.types import Id, Instant

SEALED = {"sealed": True}
"""Marks a column whose values `Keyring.seal` made, sealed anew when its key is replaced."""


class Table(DeclarativeBase):
    """Named constraints, so that a migration can find them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class CourierRow(Table):
    """One person, however many chats they write from. The lock of a turn is on this row."""

    __tablename__ = "courier"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    locale: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class ChatRow(Table):
    """One address of a courier, and what that conversation waits for.

    `state` is sealed: it may hold a location or what was typed, for as long as the talk lasts.
    """

    __tablename__ = "chat"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(128))
    courier_id: Mapped[int] = mapped_column(ForeignKey("courier.id"), index=True)
    reachable: Mapped[bool] = mapped_column(default=True)
    state: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    state_at: Mapped[datetime] = mapped_column(Instant, index=True)


class InboxRow(Table):
    """One event that was taken: its sealed answer is repeated when the platform repeats it.

    `chat_id` is None while it is being answered, and once its chat was erased.
    """

    __tablename__ = "inbox"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(160), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant, index=True)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    chat_id: Mapped[int | None] = mapped_column(
        ForeignKey("chat.id", ondelete="CASCADE"), index=True
    )


class StationRow(Table):
    """One 爱心驿站. `lat`, `lon` are WGS-84; `raw_*` what the list said, in its own `datum`.

    `hours` is OSM opening_hours; None: unknown, never guessed. `geocoded` marks a place that a
    geocoder found and nobody has confirmed yet.
    """

    __tablename__ = "station"
    __table_args__ = (
        CheckConstraint("status IN ('open','paused','moved','closed')", name="status"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="place"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    host_type: Mapped[str] = mapped_column(String(40), default="")
    owner: Mapped[str] = mapped_column(String(120), default="")
    league: Mapped[str] = mapped_column(String(40), default="")
    banner: Mapped[str] = mapped_column(String(40), default="")
    adcode: Mapped[str] = mapped_column(String(12), default="", index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    raw_lat: Mapped[float]
    raw_lon: Mapped[float]
    datum: Mapped[str] = mapped_column(String(8))
    geocoded: Mapped[bool] = mapped_column(default=False)
    lat: Mapped[float]
    lon: Mapped[float]
    hours: Mapped[str | None] = mapped_column(Text)
    entry: Mapped[str] = mapped_column(String(40), default="")
    door: Mapped[str] = mapped_column(String(200), default="")
    parking: Mapped[str] = mapped_column(String(80), default="")
    toilet: Mapped[str] = mapped_column(String(40), default="")
    star: Mapped[int | None] = mapped_column(SmallInteger)
    verified_at: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(8), default="open")
    is_demo: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class FacilityRow(Table):
    """One facility that a station has, in which state, and when somebody last looked."""

    __tablename__ = "station_facility"
    __table_args__ = (
        CheckConstraint("state IN ('ok','broken','empty','unconfirmed')", name="state"),
    )

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default="ok")
    verified_at: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(120), default="")


class StationChangeRow(Table):
    """Other hours for a range of dates, both ends included; `hours` None: closed."""

    __tablename__ = "station_change"
    __table_args__ = (CheckConstraint("first <= last", name="order"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), index=True
    )
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    hours: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(120), default="")


class FavouriteRow(Table):
    """A station that a courier keeps."""

    __tablename__ = "favourite"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(Instant)


class DemandRow(Table):
    """What was looked for in a coarse cell at some hour, and whether it was there.

    The shared location itself is never kept. `cell` is a 0.05° square (about 5 km); `at` is cut
    to the hour.
    """

    __tablename__ = "demand"
    __table_args__ = (Index("ix_demand_league_at", "league", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(Instant)
    cell: Mapped[str] = mapped_column(String(16))
    league: Mapped[str] = mapped_column(String(12))
    wanted: Mapped[str] = mapped_column(String(120), default="")
    outcome: Mapped[str] = mapped_column(String(16))
    nearest_m: Mapped[int | None] = mapped_column(Integer)


class HolidayRow(Table):
    """A public holiday (`is_off`) or the working day that makes up for one."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    is_off: Mapped[bool]
    source: Mapped[str] = mapped_column(String(200), default="")
    replaces: Mapped[date | None] = mapped_column(Date)
    """The working day whose hours a worked weekend day has."""


class DatasetRow(Table):
    """How often the stations changed: raised with each change, so that replicas notice it."""

    __tablename__ = "dataset"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int]


class OutboxRow(Table):
    """Something to be said later: rendered when it is sent, from ids and never from words.

    `status`: ready → claimed → sending → sent | unknown | dead | expired; `held` waits in the
    courier's 待看箱 and becomes `shown`; `cancelled` was taken back. `chat_id` is where it goes,
    None while no address can be pushed to. `params` holds ids and plain facts, never personal text.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "status IN ('ready','claimed','sending','sent','unknown','dead','expired','held',"
            "'shown','cancelled')",
            name="status",
        ),
        Index(
            "ix_outbox_ready",
            "channel",
            "priority",
            "due_at",
            "id",
            sqlite_where=text("status = 'ready'"),
            postgresql_where=text("status = 'ready'"),
        ),
        Index(
            "ix_outbox_leased",
            "lease_until",
            sqlite_where=text("status IN ('claimed','sending')"),
            postgresql_where=text("status IN ('claimed','sending')"),
        ),
        Index(
            "ix_outbox_held",
            "courier_id",
            sqlite_where=text("status = 'held'"),
            postgresql_where=text("status = 'held'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    chat_id: Mapped[int | None] = mapped_column(
        ForeignKey("chat.id", ondelete="SET NULL"), index=True
    )
    channel: Mapped[str] = mapped_column(String(16), default="")
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    topic: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)
    status: Mapped[str] = mapped_column(String(12), default="ready")
    due_at: Mapped[datetime] = mapped_column(Instant)
    not_after: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    owner: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    reason: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class TopicRow(Table):
    """Whether a courier wants to hear of a topic first; without a row the topic's default holds."""

    __tablename__ = "topic"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(String(16), primary_key=True)
    is_on: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)


class QuietRow(Table):
    """A courier's own quiet hours, in minutes after midnight; may run over midnight."""

    __tablename__ = "quiet"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    begins: Mapped[int] = mapped_column(SmallInteger)
    ends: Mapped[int] = mapped_column(SmallInteger)


class ConsentRow(Table):
    """One yes or no of a courier to one use of their data; never changed, only followed."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(24))
    version: Mapped[str] = mapped_column(String(16))
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)
    channel: Mapped[str] = mapped_column(String(16))
