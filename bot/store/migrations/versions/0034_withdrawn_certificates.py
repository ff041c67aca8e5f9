"""The numbers of certificates that were withdrawn."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = "0034"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawn_certificate",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_withdrawn_certificate")),
    )


def downgrade() -> None:
    op.drop_table("withdrawn_certificate")
