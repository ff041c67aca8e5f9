"""What operators say the labels of a bank stand for."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATUSES = (
    "submitted", "need_docs", "reviewing", "interview", "approved", "making", "made", "shipped",
    "at_branch", "collected", "activated", "rejected", "returned", "cancelled", "unknown",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "card_label",
        sa.Column("label", sa.String(60), primary_key=True),
        sa.Column("text", sa.String(60), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("set_by", sa.String(40), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.CheckConstraint(f"status IN ({','.join(repr(one) for one in STATUSES)})", name="status"),
    )


def downgrade() -> None:
    op.drop_table("card_label")
