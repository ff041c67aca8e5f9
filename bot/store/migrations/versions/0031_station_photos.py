"""Photos of the doors of stations."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "station_photo",
        sa.Column("id", Id, primary_key=True),
        sa.Column("station_id", Id, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("description", sa.String(60), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant()),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["station.id"],
            ondelete="CASCADE",
            name=op.f("fk_station_photo_station_id"),
        ),
        sa.UniqueConstraint("station_id", "name", name=op.f("uq_station_photo_name")),
    )
    op.create_index("ix_station_photo_name", "station_photo", ["name"])
    op.create_index(
        "ix_station_photo_removed_at",
        "station_photo",
        ["removed_at"],
        sqlite_where=sa.text("removed_at IS NOT NULL"),
        postgresql_where=sa.text("removed_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("station_photo")
