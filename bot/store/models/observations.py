"""Tables: visits, what was observed at stations, and the beliefs that follow from it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Id, Instant


class VisitRow(Table):
    """A courier chose a station and is expected there at `arrives_at`. Kept for two days.

    `planned_at` is when they first chose it, `chosen_at` when they last did. `done_at`: they were
    asked what they found, or told it by themselves.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_courier_station", "courier_id", "station_id"),
        Index("ix_visit_arrives_at", "arrives_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    courier_id: Mapped[int] = mapped_column(ForeignKey("courier.id", ondelete="CASCADE"))
    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), index=True
    )
    planned_at: Mapped[datetime] = mapped_column(Instant)
    chosen_at: Mapped[datetime] = mapped_column(Instant)
    arrives_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class ObservationRow(Table):
    """What somebody found at a station: whether `fact` holds.

    `at` is cut to the hour, `cell` is a 0.05° square (about 5 km). `courier_id` is forgotten after
    30 days. `weight`, from 0 to 1, is what it counted for when it was made. `resolved_at`: its
    courier was told that the fact was put right.
    """

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint("source IN ('courier','keeper','list')", name="source"),
        CheckConstraint("weight BETWEEN 0 AND 1", name="weight"),
        Index("ix_observation_station_fact_at", "station_id", "fact", "at"),
        Index("ix_observation_at", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id", ondelete="CASCADE"))
    fact: Mapped[str] = mapped_column(String(16))
    positive: Mapped[bool]
    source: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    cell: Mapped[str] = mapped_column(String(16))
    weight: Mapped[float]
    courier_id: Mapped[int | None] = mapped_column(
        ForeignKey("courier.id", ondelete="SET NULL"), index=True
    )
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)


class BeliefRow(Table):
    """The belief of one component of a fact at a station, as its observations make it.

    `logit` is the evidence as of `at`. The component that bears the name of the fact also has what
    was observed last: `positive` at `observed_at`, by that many `people` or by the keeper, None
    where it is contradictory; and until when it waits for a check. `version` is that of the beliefs
    when the row last changed.
    """

    __tablename__ = "belief"

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
    )
    component: Mapped[str] = mapped_column(String(24), primary_key=True)
    logit: Mapped[float]
    at: Mapped[datetime] = mapped_column(Instant)
    positive: Mapped[bool | None]
    people: Mapped[int] = mapped_column(default=0)
    by_keeper: Mapped[bool] = mapped_column(default=False)
    observed_at: Mapped[datetime | None] = mapped_column(Instant)
    doubted_until: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(index=True)
