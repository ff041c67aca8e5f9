"""Lists that operators import in the console."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_import",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("effect", sa.String(64), nullable=False),
        sa.Column("summary", sa.LargeBinary()),
        sa.Column("revision", Id),
        sa.Column("undone", Id),
        sa.CheckConstraint(
            "state IN ('planning','asking','ready','refused','failed','applying','applied',"
            "'undoing','undone')",
            name=op.f("ck_list_import_state"),
        ),
    )
    op.create_index("ix_list_import_actor", "list_import", ["actor", "id"])
    op.create_index("ix_list_import_digest", "list_import", ["digest"])
    op.create_index("ix_list_import_created_at", "list_import", ["created_at"])
    op.create_table(
        "list_import_page",
        sa.Column("import_id", Id, primary_key=True, autoincrement=False),
        sa.Column("tab", sa.String(12), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["list_import.id"],
            ondelete="CASCADE",
            name=op.f("fk_list_import_page_import_id"),
        ),
    )
    op.create_table(
        "list_file",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("list_file")
    op.drop_table("list_import_page")
    op.drop_table("list_import")
