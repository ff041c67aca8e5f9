"""Release codes of card applications, and counters of wrong guesses by network."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_release",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["card_application.id"],
            name=op.f("fk_card_release_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_card_release")),
    )
    _allow_scopes("'chat','number','network','all'")


def downgrade() -> None:
    op.execute("DELETE FROM attempt WHERE scope = 'network'")
    _allow_scopes("'chat','number','all'")
    op.drop_table("card_release")


def _allow_scopes(scopes: str) -> None:
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_attempt_scope"), type_="check")
        batch_op.create_check_constraint(op.f("ck_attempt_scope"), f"scope IN ({scopes})")
