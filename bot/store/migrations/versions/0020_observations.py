"""Visits, observations at stations, and beliefs."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "courier_id", Id, sa.ForeignKey("courier.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column(
            "station_id", Id, sa.ForeignKey("station.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("chosen_at", Instant(), nullable=False),
        sa.Column("arrives_at", Instant(), nullable=False),
        sa.Column("done_at", Instant()),
    )
    op.create_index("ix_visit_courier_station", "visit", ["courier_id", "station_id"])
    op.create_index("ix_visit_station_id", "visit", ["station_id"])
    op.create_index("ix_visit_arrives_at", "visit", ["arrives_at"])
    op.create_table(
        "observation",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "station_id", Id, sa.ForeignKey("station.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("fact", sa.String(16), nullable=False),
        sa.Column("positive", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("cell", sa.String(16), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("courier_id", Id, sa.ForeignKey("courier.id", ondelete="SET NULL")),
        sa.Column("resolved_at", Instant()),
        sa.CheckConstraint(
            "source IN ('courier','keeper','list')", name=op.f("ck_observation_source")
        ),
        sa.CheckConstraint("weight BETWEEN 0 AND 1", name=op.f("ck_observation_weight")),
    )
    op.create_index("ix_observation_station_fact_at", "observation", ["station_id", "fact", "at"])
    op.create_index("ix_observation_at", "observation", ["at"])
    op.create_index("ix_observation_courier_id", "observation", ["courier_id"])
    op.create_table(
        "belief",
        sa.Column(
            "station_id", Id, sa.ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("component", sa.String(24), primary_key=True),
        sa.Column("logit", sa.Double(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("positive", sa.Boolean()),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("by_keeper", sa.Boolean(), nullable=False),
        sa.Column("observed_at", Instant()),
        sa.Column("doubted_until", Instant()),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_belief_version", "belief", ["version"])


def downgrade() -> None:
    op.drop_table("belief")
    op.drop_table("observation")
    op.drop_table("visit")
