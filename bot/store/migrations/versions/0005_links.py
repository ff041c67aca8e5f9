"""One person on several channels, and what a channel must remember."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("heard_event", sa.String(length=160), nullable=False),
        sa.Column("heard_at", sa.DateTime(True), nullable=True),
        sa.Column("messages_left", sa.SmallInteger(), nullable=False),
        sa.Column("messages_until", sa.DateTime(True), nullable=True),
        sa.Column("clicks_left", sa.SmallInteger(), nullable=False),
        sa.Column("clicks_until", sa.DateTime(True), nullable=True),
        sa.Column("place_kind", sa.String(length=16), nullable=False),
        sa.Column("place_at", sa.DateTime(True), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_allowance_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_allowance")),
    )
    op.create_table(
        "link_code",
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["courier_id"], ["courier.id"], name=op.f("fk_link_code_courier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("courier_id", name=op.f("pk_link_code")),
        sa.UniqueConstraint("code_index", name=op.f("uq_link_code_code_index")),
    )
    op.create_table(
        "link_try",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_link_try_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_link_try")),
    )


def downgrade() -> None:
    op.drop_table("link_try")
    op.drop_table("link_code")
    op.drop_table("allowance")
