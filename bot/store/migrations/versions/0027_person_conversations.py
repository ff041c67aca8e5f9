"""Conversations of couriers with operators, their sealed messages, and ready answers."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_conversation",
        sa.Column("id", Id, primary_key=True),
        sa.Column("courier_id", Id, nullable=False),
        sa.Column("league", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("taken_at", Instant()),
        sa.Column("first_answer_at", Instant()),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("awaits_answer", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("seen_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.Column("closed_by", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_person_conversation_courier_id"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting','taken','closed')", name=op.f("ck_person_conversation_status")
        ),
    )
    table = "person_conversation"
    open_ones = sa.text("status <> 'closed'")
    op.create_index(
        "ix_person_conversation_open",
        table,
        ["courier_id"],
        unique=True,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    op.create_index("ix_person_conversation_courier_id", table, ["courier_id"])
    op.create_index("ix_person_conversation_closed_at", table, ["closed_at"])
    op.create_index("ix_person_conversation_status", table, ["status", "id"])
    op.create_index("ix_person_conversation_league", table, ["status", "league", "id"])
    op.create_table(
        "person_message",
        sa.Column("id", Id, primary_key=True),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("courier_id", Id, nullable=False),
        sa.Column("author", sa.String(8), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["person_conversation.id"],
            ondelete="CASCADE",
            name=op.f("fk_person_message_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_person_message_courier_id"),
        ),
        sa.CheckConstraint(
            "author IN ('courier','operator')", name=op.f("ck_person_message_author")
        ),
    )
    op.create_index(
        "ix_person_message_conversation_id", "person_message", ["conversation_id", "id"]
    )
    op.create_index("ix_person_message_courier_id", "person_message", ["courier_id"])
    op.create_index("ix_person_message_at", "person_message", ["at"])
    op.create_table(
        "ready_answer",
        sa.Column("id", Id, primary_key=True),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("removed_at", Instant()),
    )


def downgrade() -> None:
    op.drop_table("ready_answer")
    op.drop_table("person_message")
    op.drop_table("person_conversation")
