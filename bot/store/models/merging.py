"""Tables: stations that were merged into others, and pairs that may be one station."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table, partial_index
from bot.store.types import Id, Instant


class StationMergeRow(Table):
    """A station that was entered twice: its id and code lead to `into_id`.

    Its own row stays, closed, so that codes and old buttons are known and an undo brings it back
    with `status`. `revision_id`: the revision that merged it.
    """

    __tablename__ = "station_merge"

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
    )
    into_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(8))
    revision_id: Mapped[int] = mapped_column(Id, index=True)
    at: Mapped[datetime] = mapped_column(Instant)


class StationMergeMoveRow(Table):
    """A row that a merge moved from one station to the other: an undo moves it back."""

    __tablename__ = "station_merge_move"

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station_merge.station_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    row_id: Mapped[int] = mapped_column(Id, primary_key=True)


class PossibleDuplicateRow(Table):
    """Two stations near each other with like names; `first_id` is the smaller id.

    `distinct_at`, `distinct_by`: an operator said that they are two stations.
    """

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        partial_index(
            "ix_possible_duplicate_open",
            "first_id",
            "second_id",
            where="distinct_at IS NULL",
        ),
    )

    first_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
    )
    second_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    metres: Mapped[int] = mapped_column(Integer)
    distinct_at: Mapped[datetime | None] = mapped_column(Instant)
    distinct_by: Mapped[str] = mapped_column(String(40), default="")
