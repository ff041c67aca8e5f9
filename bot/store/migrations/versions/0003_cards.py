"""奋斗卡 applications, bindings, the records of who looked; and which chat an answer was for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_at"), ["at"], unique=False)

    op.create_table(
        "api_request",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_request")),
    )
    with op.batch_alter_table("api_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_request_at"), ["at"], unique=False)

    op.create_table(
        "api_signature",
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_api_signature")),
    )
    with op.batch_alter_table("api_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_signature_at"), ["at"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(True), nullable=False),
        sa.Column("locked_until", sa.DateTime(True), nullable=True),
        sa.CheckConstraint("scope IN ('chat','number','all')", name=op.f("ck_attempt_scope")),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_began_at"), ["began_at"], unique=False)

    op.create_table(
        "card_application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("id_last4", sa.LargeBinary(), nullable=True),
        sa.Column("firm", sa.String(length=40), nullable=False),
        sa.Column("outlet_code", sa.String(length=64), nullable=False),
        sa.Column("outlet_name", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("stage_at", sa.DateTime(True), nullable=False),
        sa.Column("office", sa.String(length=80), nullable=False),
        sa.Column("as_of", sa.DateTime(True), nullable=False),
        sa.Column("seal_by", sa.Date(), nullable=True),
        sa.Column("missing_docs", sa.LargeBinary(), nullable=True),
        sa.Column("parcel", sa.LargeBinary(), nullable=True),
        sa.Column("reject_reason", sa.LargeBinary(), nullable=True),
        sa.Column("backwards", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(True), nullable=True),
        sa.Column("updated_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint(
            "status IN ('submitted','need_docs','reviewing','interview','approved','making','made','shipped','at_branch','collected','activated','rejected','returned','cancelled','unknown')",
            name=op.f("ck_card_application_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_application")),
        sa.UniqueConstraint("number_index", name=op.f("uq_card_application_number_index")),
    )
    with op.batch_alter_table("card_application", schema=None) as batch_op:
        batch_op.create_index(
            "ix_card_application_settled_at",
            ["settled_at"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NOT NULL"),
            postgresql_where=sa.text("settled_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_card_application_status_stage_at", ["status", "stage_at"], unique=False
        )

    op.create_table(
        "operator_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.Column("done_at", sa.DateTime(True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_note")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_operator_note_dedupe_key")),
    )
    with op.batch_alter_table("operator_note", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operator_note_open",
            ["at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "card_binding",
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["card_application.id"],
            name=op.f("fk_card_binding_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            name=op.f("fk_card_binding_courier_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("courier_id", "application_id", name=op.f("pk_card_binding")),
    )
    with op.batch_alter_table("card_binding", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_card_binding_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "card_fact",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("fact_index", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('phone','id')", name=op.f("ck_card_fact_kind")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["card_application.id"],
            name=op.f("fk_card_fact_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "kind", name=op.f("pk_card_fact")),
        sa.UniqueConstraint("fact_index", name=op.f("uq_card_fact_fact_index")),
    )
    op.create_table(
        "card_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("firm_code", sa.String(length=24), nullable=False),
        sa.Column("firm", sa.LargeBinary(), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outlet", sa.LargeBinary(), nullable=False),
        sa.Column("consent", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint(
            "status IN ('new','passed','closed')", name=op.f("ck_card_request_status")
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            name=op.f("fk_card_request_courier_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["station.id"],
            name=op.f("fk_card_request_outlet_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_request")),
        sa.UniqueConstraint("number_index", name=op.f("uq_card_request_number_index")),
    )
    with op.batch_alter_table("card_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_card_request_courier_id"), ["courier_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_card_request_outlet_id"), ["outlet_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_card_request_status"), ["status"], unique=False)

    op.create_table(
        "card_stage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.Column("office", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("backwards", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint(
            "code IN ('submitted','need_docs','reviewing','interview','approved','making','made','shipped','at_branch','collected','activated','rejected','returned','cancelled','unknown')",
            name=op.f("ck_card_stage_code"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["card_application.id"],
            name=op.f("fk_card_stage_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_stage")),
        sa.UniqueConstraint(
            "application_id", "at", "code", name=op.f("uq_card_stage_application_id_at_code")
        ),
    )
    with op.batch_alter_table("card_stage", schema=None) as batch_op:
        batch_op.create_index("ix_card_stage_code_at", ["code", "at"], unique=False)

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_index(batch_op.f("ix_inbox_chat_id"), ["chat_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_inbox_chat_id"), "chat", ["chat_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_inbox_chat_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_inbox_chat_id"))
        batch_op.drop_column("chat_id")

    with op.batch_alter_table("card_stage", schema=None) as batch_op:
        batch_op.drop_index("ix_card_stage_code_at")

    op.drop_table("card_stage")
    with op.batch_alter_table("card_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_request_status"))
        batch_op.drop_index(batch_op.f("ix_card_request_outlet_id"))
        batch_op.drop_index(batch_op.f("ix_card_request_courier_id"))

    op.drop_table("card_request")
    op.drop_table("card_fact")
    with op.batch_alter_table("card_binding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_binding_application_id"))

    op.drop_table("card_binding")
    with op.batch_alter_table("operator_note", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_operator_note_open",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.drop_table("operator_note")
    with op.batch_alter_table("card_application", schema=None) as batch_op:
        batch_op.drop_index("ix_card_application_status_stage_at")
        batch_op.drop_index(
            "ix_card_application_settled_at",
            sqlite_where=sa.text("settled_at IS NOT NULL"),
            postgresql_where=sa.text("settled_at IS NOT NULL"),
        )

    op.drop_table("card_application")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_began_at"))

    op.drop_table("attempt")
    with op.batch_alter_table("api_signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_signature_at"))

    op.drop_table("api_signature")
    with op.batch_alter_table("api_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_request_at"))

    op.drop_table("api_request")
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_log_at"))

    op.drop_table("access_log")
