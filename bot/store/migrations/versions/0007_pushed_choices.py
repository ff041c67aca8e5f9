"""A pushed notice's choices stay with its chat until the courier has spoken."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = ("pushed_at", "pushed", "awaits", "turns")


def upgrade() -> None:
    # With defaults, so that replicas of the version before can still add a chat.
    op.add_column("chat", sa.Column("turns", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "chat", sa.Column("awaits", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("chat", sa.Column("pushed", sa.LargeBinary(), nullable=True))
    op.add_column("chat", sa.Column("pushed_at", sa.DateTime(True), nullable=True))


def downgrade() -> None:
    # Column by column: to rebuild the table would delete it once, and what refers to it.
    for name in COLUMNS:
        op.drop_column("chat", name)
