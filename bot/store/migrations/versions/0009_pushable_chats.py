"""Which chats can be written to first."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "chat", sa.Column("pushable", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.execute("UPDATE chat SET pushable = false WHERE channel = 'terminal'")


def downgrade() -> None:
    op.drop_column("chat", "pushable")
