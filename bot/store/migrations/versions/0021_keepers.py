"""Links by which keepers confirm their stations, and the weather modes of leagues."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keeper_link",
        sa.Column("station_id", Id, primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant()),
        sa.Column("saved_at", Instant()),
        sa.Column("last_form", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["station.id"],
            ondelete="CASCADE",
            name=op.f("fk_keeper_link_station_id"),
        ),
    )
    op.create_index("ix_keeper_link_token_hash", "keeper_link", ["token_hash"], unique=True)
    op.create_table(
        "weather_mode",
        sa.Column("id", Id, primary_key=True),
        sa.Column("league", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.CheckConstraint("kind IN ('cold','dust','heat')", name=op.f("ck_weather_mode_kind")),
    )
    op.create_index("ix_weather_mode_until", "weather_mode", ["until"])


def downgrade() -> None:
    op.drop_table("weather_mode")
    op.drop_table("keeper_link")
