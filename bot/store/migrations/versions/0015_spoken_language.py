"""The language that a courier was last answered in."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("courier", sa.Column("spoken", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("courier", "spoken")
