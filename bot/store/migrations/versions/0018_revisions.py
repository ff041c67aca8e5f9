"""Revisions of stations, trainings and holidays: who changed what, and from which file."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revision",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("undoes", Id),
        sa.Column("undone_by", Id),
        sa.CheckConstraint(
            "kind IN ('stations','trainings','holidays')", name=op.f("ck_revision_kind")
        ),
    )
    op.create_index("ix_revision_at", "revision", ["at"])
    op.create_index("ix_revision_kind_at", "revision", ["kind", "at"])
    op.create_table(
        "revision_record",
        sa.Column("revision_id", Id, primary_key=True),
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            ondelete="CASCADE",
            name=op.f("fk_revision_record_revision_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("revision_record")
    op.drop_table("revision")
