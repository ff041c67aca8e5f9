"""Table: photos of the doors of stations."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Id, Instant


class StationPhotoRow(Table):
    """A photo that operators added, encoded by us as JPEG without metadata.

    `name` is the hash of `data`, `small` the same picture for a chat. `position` orders those of a
    station, from 1. `removed_at`: couriers do not see it any more, and it can be restored still.
    """

    __tablename__ = "station_photo"
    __table_args__ = (
        UniqueConstraint("station_id", "name", name="uq_station_photo_name"),
        Index("ix_station_photo_name", "name"),
        Index(
            "ix_station_photo_removed_at",
            "removed_at",
            sqlite_where=text("removed_at IS NOT NULL"),
            postgresql_where=text("removed_at IS NOT NULL"),
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
