"""Appointments and call-backs that couriers and firms ask an outlet for."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", Id, primary_key=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("courier_id", Id, nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("firm", sa.LargeBinary(), nullable=False),
        sa.Column("outlet_id", Id),
        sa.Column("outlet", sa.LargeBinary(), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('new','contacted','done','unreached')", name=op.f("ck_appointment_status")
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_appointment_courier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["station.id"],
            ondelete="SET NULL",
            name=op.f("fk_appointment_outlet_id"),
        ),
        sa.UniqueConstraint("number_index", name=op.f("uq_appointment_number_index")),
    )
    op.create_index("ix_appointment_courier_id", "appointment", ["courier_id"])
    op.create_index("ix_appointment_outlet_id", "appointment", ["outlet_id"])
    op.create_index("ix_appointment_status_created_at", "appointment", ["status", "created_at"])


def downgrade() -> None:
    op.drop_table("appointment")
