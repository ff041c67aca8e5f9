"""The numbers of withdrawn certificates, and indexes of the console's first page and lists."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Instant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawn_certificate",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_withdrawn_certificate")),
    )
    op.create_index("ix_content_review_on", "content", ["review_on"])
    op.create_index(
        "ix_nomination_campaign_status_id", "nomination", ["campaign_id", "status", "id"]
    )
    op.drop_index("ix_nomination_campaign_status", "nomination")


def downgrade() -> None:
    op.create_index("ix_nomination_campaign_status", "nomination", ["campaign_id", "status"])
    op.drop_index("ix_nomination_campaign_status_id", "nomination")
    op.drop_index("ix_content_review_on", "content")
    op.drop_table("withdrawn_certificate")
