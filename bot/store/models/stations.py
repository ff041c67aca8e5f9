"""Tables: stations, their opening hours, favourites, and what couriers searched for."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table, partial_index
from bot.store.types import Id, Instant

PAIRED: Final = "name || E'\\n' || code || E'\\n' || address || E'\\n' || owner"
"""Where texts are looked for in a station, as PostgreSQL indexes it."""
TEXT_INDEXES: Final = {
    "sqlite": (
        "CREATE INDEX ix_station_lists ON station "
        "(code, adcode, league, status, verified_at, lat, lon, name, address, owner)",
    ),
    "postgresql": (
        "CREATE FUNCTION station_pairs(text) RETURNS text[] "
        "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS "
        "$$ SELECT coalesce(array_agg(DISTINCT c[i] || c[i + 1]), '{}') "
        "FROM (SELECT string_to_array($1, NULL) AS c) AS split, "
        "generate_series(1, cardinality(c) - 1) AS i $$",
        f"CREATE INDEX ix_station_pairs ON station USING gin (station_pairs({PAIRED}))",
    ),
}
"""By dialect, what texts are looked for by: on PostgreSQL all pairs of neighbouring characters;
SQLite reads an index that holds all that lists are filtered by. Alembic cannot
compare them; migration 0033 says the same."""
TEXT_INDEX_NAMES: Final = frozenset({"ix_station_lists", "ix_station_pairs"})


class StationRow(Table):
    """One 爱心驿站. `lat`, `lon` are WGS-84; `raw_*` as in the imported list, in its own `datum`.

    `hours` is OSM opening_hours; None: unknown, never guessed. `geocoded` marks a place that a
    geocoder found and nobody has confirmed yet.
    """

    __tablename__ = "station"
    __table_args__ = (
        CheckConstraint("status IN ('open','paused','moved','closed')", name="status"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="place"),
        Index("ix_station_status", "status", "code"),
        Index("ix_station_verified_at", "verified_at"),
        Index("ix_station_place", "lat", "lon"),
        partial_index(
            "ix_station_no_hours",
            "code",
            where="hours IS NULL",
        ),
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


def _index_texts(_table: object, connection: Connection, **_: object) -> None:
    for statement in TEXT_INDEXES[connection.dialect.name]:
        connection.execute(text(statement))


event.listen(StationRow.__table__, "after_create", _index_texts)


class FacilityRow(Table):
    """A facility of a station, its state, and when that was last verified."""

    __tablename__ = "station_facility"
    __table_args__ = (
        CheckConstraint("state IN ('ok','broken','empty','unconfirmed')", name="state"),
        Index("ix_station_facility_code", "code", "station_id"),
        partial_index(
            "ix_station_facility_wrong",
            "station_id",
            where="state IN ('broken','empty')",
        ),
    )

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default="ok")
    verified_at: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(120), default="")


class StationChangeRow(Table):
    """Other hours of a station from `first` to `last`, both included; `hours` None: closed."""

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
    """A station that a courier saved.

    `merged_from`: the id of the station that they had saved, which was merged into this one;
    `merged_added_at`: since when, where they had saved both.
    """

    __tablename__ = "favourite"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(Instant)
    merged_from: Mapped[int | None] = mapped_column(Id)
    merged_added_at: Mapped[datetime | None] = mapped_column(Instant)


class LeftOutStationRow(Table):
    """A station that a courier reported as wrong, and until when they are not sent there."""

    __tablename__ = "left_out_station"

    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), primary_key=True
    )
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    until: Mapped[datetime] = mapped_column(Instant)


class DemandRow(Table):
    """A search: what was wanted, in which coarse cell and hour, and whether it was found.

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


class StationPhotoRow(Table):
    """A photo that operators added, encoded by us as JPEG without metadata.

    `name` is the hash of `data`, `small` the same picture for a chat. `position` orders those of a
    station, from 1. `removed_at`: couriers do not see it any more, and it can be restored still.
    """

    __tablename__ = "station_photo"
    __table_args__ = (
        UniqueConstraint("station_id", "name", name="uq_station_photo_name"),
        Index("ix_station_photo_name", "name"),
        partial_index(
            "ix_station_photo_removed_at",
            "removed_at",
            where="removed_at IS NOT NULL",
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(32))
    description: Mapped[str] = mapped_column(String(60), default="")
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
