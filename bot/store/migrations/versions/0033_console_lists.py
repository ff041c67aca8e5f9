"""Indexes for the lists of the console: the audit log, histories, open notes, conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL")
HELD = sa.text("hold <> '' AND review = ''")


PAIRED = "name || E'\\n' || code || E'\\n' || address || E'\\n' || owner"
PAIRS = {
    "sqlite": (
        "CREATE INDEX ix_station_lists ON station "
        "(code, adcode, league, status, verified_at, lat, lon, name, address, owner)",
    ),
    "postgresql": (
        "CREATE FUNCTION station_pairs(text) RETURNS text[] "
        "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS "
        "$$ SELECT coalesce(array_agg(DISTINCT c[i] || c[i + 1]), '{}') "
        "FROM (SELECT string_to_array($1, NULL) AS c) AS split, "
        "generate_series(1, cardinality(c) - 1) AS i $$",
        f"CREATE INDEX ix_station_pairs ON station USING gin (station_pairs({PAIRED}))",
    ),
}


def upgrade() -> None:
    op.create_index("ix_revision_record_code", "revision_record", ["code", "revision_id"])
    op.create_index("ix_audit_league", "audit", ["league", "id"])
    op.create_index(
        "ix_audit_about",
        "audit",
        ["subject", "id"],
        postgresql_ops={"subject": "varchar_pattern_ops"},
    )
    op.create_index("ix_person_conversation_opened_at", "person_conversation", ["opened_at"])
    op.create_index(
        "ix_operator_note_open_kind",
        "operator_note",
        ["kind", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_honour_vote_held",
        "honour_vote",
        ["campaign_id", "nomination_id"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )

    for statement in PAIRS[op.get_bind().dialect.name]:
        op.execute(statement)
    late = ["status", "stage_at", "outlet_code", "outlet_name"]
    op.create_index("ix_card_application_late", "card_application", late)
    outlet = ["outlet_code", "status", "stage_at"]
    op.create_index("ix_card_application_outlet", "card_application", outlet)
    op.drop_index("ix_card_application_status_stage_at", "card_application")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_station_lists", "station")
    else:
        op.drop_index("ix_station_pairs", "station")
        op.execute("DROP FUNCTION station_pairs(text)")
    op.create_index(
        "ix_card_application_status_stage_at", "card_application", ["status", "stage_at"]
    )
    op.drop_index("ix_card_application_outlet", "card_application")
    op.drop_index("ix_card_application_late", "card_application")
    op.drop_index("ix_honour_vote_held", "honour_vote")
    op.drop_index("ix_operator_note_open_kind", "operator_note")
    op.drop_index("ix_person_conversation_opened_at", "person_conversation")
    op.drop_index("ix_audit_about", "audit")
    op.drop_index("ix_audit_league", "audit")
    op.drop_index("ix_revision_record_code", "revision_record")
