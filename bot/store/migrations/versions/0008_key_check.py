"""What a database knows its keys by, and which weekday a working weekend follows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_check",
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_key_check")),
    )
    op.add_column("holiday", sa.Column("replaces", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("holiday", "replaces")
    op.drop_table("key_check")
