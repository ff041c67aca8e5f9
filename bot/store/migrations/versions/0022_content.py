"""Content of the operators, its pictures, lessons of couriers, and certificates of a series."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content",
        sa.Column("id", Id, primary_key=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(40), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("review_on", sa.Date()),
        sa.Column("league", sa.String(12), nullable=False),
        sa.Column("tags", sa.String(200), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("series", sa.String(60), nullable=False),
        sa.Column("series_en", sa.String(120), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.UniqueConstraint("code", name=op.f("uq_content_code")),
    )
    op.create_index("ix_content_kind", "content", ["kind", "position"])
    op.create_table(
        "content_picture",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("media_type", sa.String(16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
    )
    op.create_table(
        "lesson_progress",
        sa.Column("courier_id", Id, primary_key=True),
        sa.Column("lesson", sa.String(32), primary_key=True),
        sa.Column("shown", sa.SmallInteger(), nullable=False),
        sa.Column("answered", sa.SmallInteger(), nullable=False),
        sa.Column("missed", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_lesson_progress_courier_id"),
        ),
    )
    op.create_index("ix_lesson_progress_lesson", "lesson_progress", ["lesson"])
    op.create_table(
        "lesson_answers",
        sa.Column("lesson", sa.String(32), primary_key=True),
        sa.Column("question", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.alter_column("training_id", existing_type=Id, nullable=True)
        batch_op.add_column(sa.Column("series", sa.String(60)))
        batch_op.add_column(sa.Column("minutes", sa.SmallInteger()))
        batch_op.add_column(sa.Column("held_at", Instant()))
        batch_op.create_unique_constraint(
            op.f("uq_certificate_courier_id_series"), ["courier_id", "series"]
        )
        batch_op.create_check_constraint(
            op.f("ck_certificate_subject"), "(training_id IS NULL) = (series IS NOT NULL)"
        )
    _allow_kinds("'stations','trainings','holidays','content'")


def downgrade() -> None:
    op.execute(
        "DELETE FROM revision_record WHERE revision_id IN "
        "(SELECT id FROM revision WHERE kind = 'content')"
    )
    op.execute("DELETE FROM revision WHERE kind = 'content'")
    _allow_kinds("'stations','trainings','holidays'")
    op.execute("DELETE FROM certificate WHERE training_id IS NULL")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_certificate_subject"), type_="check")
        batch_op.drop_constraint(op.f("uq_certificate_courier_id_series"), type_="unique")
        batch_op.drop_column("held_at")
        batch_op.drop_column("minutes")
        batch_op.drop_column("series")
        batch_op.alter_column("training_id", existing_type=Id, nullable=False)
    for name in ("lesson_answers", "lesson_progress", "content_picture", "content"):
        op.drop_table(name)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_revision_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_revision_kind"), f"kind IN ({kinds})")
