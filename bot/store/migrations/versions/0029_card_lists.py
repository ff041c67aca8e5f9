"""Uploaded lists of cards, pushes of the bank, chats of operators for tests of messages."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_chat",
        sa.Column("account_id", Id, primary_key=True, autoincrement=False),
        sa.Column("courier_id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["operator_account.id"],
            ondelete="CASCADE",
            name=op.f("fk_operator_chat_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_operator_chat_courier_id"),
        ),
    )
    op.create_index("ix_operator_chat_courier_id", "operator_chat", ["courier_id"])
    op.create_table(
        "card_list",
        sa.Column("id", Id, primary_key=True),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("backwards", sa.Boolean(), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("applied_at", Instant()),
        sa.CheckConstraint(
            "state IN ('ready','faulty','applied','dropped')", name=op.f("ck_card_list_state")
        ),
    )
    op.create_index("ix_card_list_created_at", "card_list", ["created_at"])
    op.create_table(
        "card_list_part",
        sa.Column("list_id", Id, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["card_list.id"],
            ondelete="CASCADE",
            name=op.f("fk_card_list_part_list_id"),
        ),
    )
    op.create_table(
        "bank_push",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
    )
    op.create_index("ix_bank_push_at", "bank_push", ["at"])
    op.create_index("ix_card_request_status_id", "card_request", ["status", "id"])


def downgrade() -> None:
    op.drop_index("ix_card_request_status_id", "card_request")
    op.drop_table("bank_push")
    op.drop_table("card_list_part")
    op.drop_table("card_list")
    op.drop_table("operator_chat")
