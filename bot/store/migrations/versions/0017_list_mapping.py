"""What operators answered about the headings of imported lists."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_mapping",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("fingerprint", sa.String(32), primary_key=True),
        sa.Column("heading", sa.String(200), primary_key=True),
        sa.Column("field", sa.String(40)),
        sa.Column("at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("list_mapping")
