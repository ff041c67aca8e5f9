"""The notices of one broadcast are found without looking through all there are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_broadcast",
            ["not_after", "status"],
            unique=False,
            sqlite_where=sa.text("kind = 'broadcast'"),
            postgresql_where=sa.text("kind = 'broadcast'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_broadcast",
            sqlite_where=sa.text("kind = 'broadcast'"),
            postgresql_where=sa.text("kind = 'broadcast'"),
        )
