"""Accounts of operators, their sessions, an append-only audit log, indexes for lists of stations."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

REFUSAL = "the audit log is append-only"


def upgrade() -> None:
    op.create_table(
        "operator_account",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("leagues", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("signed_in_at", Instant()),
        sa.Column("disabled_at", Instant()),
        sa.UniqueConstraint("name", name=op.f("uq_operator_account_name")),
        sa.CheckConstraint(
            "role IN ('administrator','editor','cards','trainer','duty','reader')",
            name=op.f("ck_operator_account_role"),
        ),
    )
    op.create_table(
        "operator_session",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["operator_account.id"],
            ondelete="CASCADE",
            name=op.f("fk_operator_session_account_id"),
        ),
    )
    op.create_index("ix_operator_session_account_id", "operator_session", ["account_id"])
    op.create_index("ix_operator_session_seen_at", "operator_session", ["seen_at"])
    op.create_table(
        "audit",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("league", sa.String(12), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_actor", "audit", ["actor", "id"])
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject", "id"])
    op.create_index("ix_audit_action", "audit", ["action", "id"])
    op.create_index("ix_station_status", "station", ["status", "code"])
    op.create_index("ix_station_verified_at", "station", ["verified_at"])
    _partial("ix_station_no_hours", "station", "code", "hours IS NULL")
    op.create_index("ix_station_facility_code", "station_facility", ["code", "station_id"])
    wrong = "state IN ('broken','empty')"
    _partial("ix_station_facility_wrong", "station_facility", "station_id", wrong)
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )


def _partial(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_station_facility_wrong", "station_facility")
    op.drop_index("ix_station_facility_code", "station_facility")
    op.drop_index("ix_station_no_hours", "station")
    op.drop_index("ix_station_verified_at", "station")
    op.drop_index("ix_station_status", "station")
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_refuse()")
    op.drop_table("operator_session")
    op.drop_table("operator_account")
