"""Stations that were merged into others, pairs that may be one station, stations by place."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "station_merge",
        sa.Column("station_id", Id, nullable=False),
        sa.Column("into_id", Id, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("revision_id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _station("station_merge", "station_id"),
        _station("station_merge", "into_id"),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_station_merge")),
    )
    op.create_index("ix_station_merge_into_id", "station_merge", ["into_id"])
    op.create_index("ix_station_merge_revision_id", "station_merge", ["revision_id"])
    op.create_table(
        "station_merge_move",
        sa.Column("station_id", Id, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("row_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["station_merge.station_id"],
            ondelete="CASCADE",
            name=op.f("fk_station_merge_move_station_id"),
        ),
        sa.PrimaryKeyConstraint("station_id", "kind", "row_id", name=op.f("pk_station_merge_move")),
    )
    op.create_table(
        "possible_duplicate",
        sa.Column("first_id", Id, nullable=False),
        sa.Column("second_id", Id, nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("distinct_at", Instant()),
        sa.Column("distinct_by", sa.String(40), nullable=False),
        _station("possible_duplicate", "first_id"),
        _station("possible_duplicate", "second_id"),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_possible_duplicate")),
    )
    op.create_index("ix_possible_duplicate_second_id", "possible_duplicate", ["second_id"])
    is_open = sa.text("distinct_at IS NULL")
    op.create_index(
        "ix_possible_duplicate_open",
        "possible_duplicate",
        ["first_id", "second_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_station_place", "station", ["lat", "lon"])
    op.add_column("favourite", sa.Column("merged_from", Id))
    op.add_column("favourite", sa.Column("merged_added_at", Instant()))


def _station(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["station.id"], ondelete="CASCADE", name=name)


def downgrade() -> None:
    op.drop_column("favourite", "merged_added_at")
    op.drop_column("favourite", "merged_from")
    op.drop_index("ix_station_place", "station")
    op.drop_table("possible_duplicate")
    op.drop_table("station_merge_move")
    op.drop_table("station_merge")
