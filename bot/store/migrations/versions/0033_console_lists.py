"""Indexes for the lists of the console: the audit log, histories, open notes, conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0030"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_revision_record_code", "revision_record", ["code", "revision_id"])
    op.create_index("ix_audit_league", "audit", ["league", "id"])
    op.create_index(
        "ix_audit_about",
        "audit",
        ["subject", "id"],
        postgresql_ops={"subject": "varchar_pattern_ops"},
    )
    op.create_index("ix_person_conversation_opened_at", "person_conversation", ["opened_at"])
    op.create_index(
        "ix_operator_note_open_kind",
        "operator_note",
        ["kind", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_operator_note_open_kind", "operator_note")
    op.drop_index("ix_person_conversation_opened_at", "person_conversation")
    op.drop_index("ix_audit_about", "audit")
    op.drop_index("ix_audit_league", "audit")
    op.drop_index("ix_revision_record_code", "revision_record")
