"""Quiet hours without the usual night, and whole quiet days of the week."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "quiet", sa.Column("at_night", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column("quiet", sa.Column("days", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("quiet", "days")
    op.drop_column("quiet", "at_night")
