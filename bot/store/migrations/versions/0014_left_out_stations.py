"""Stations that a courier reported and is not sent to for the rest of the day."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "left_out_station",
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("until", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            name=op.f("fk_left_out_station_courier_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["station.id"],
            name=op.f("fk_left_out_station_station_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("courier_id", "station_id", name=op.f("pk_left_out_station")),
    )
    op.create_index("ix_left_out_station_station_id", "left_out_station", ["station_id"])


def downgrade() -> None:
    op.drop_index("ix_left_out_station_station_id", table_name="left_out_station")
    op.drop_table("left_out_station")
