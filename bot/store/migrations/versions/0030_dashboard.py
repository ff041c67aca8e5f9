"""The figures of the operators' dashboard."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dashboard",
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("league", sa.String(12), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("days", "league", name=op.f("pk_dashboard")),
    )


def downgrade() -> None:
    op.drop_table("dashboard")
