"""大讲堂 sessions, registrations and what comes of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.Column("not_after", sa.DateTime(True), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("cursor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft','running','paused','done','cancelled')",
            name=op.f("ck_broadcast_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    with op.batch_alter_table("broadcast", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcast_status"), ["status"], unique=False)

    op.create_table(
        "training",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("league", sa.String(length=12), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("starts_at", sa.DateTime(True), nullable=False),
        sa.Column("ends_at", sa.DateTime(True), nullable=False),
        sa.Column("deadline", sa.DateTime(True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("min_attendance", sa.Integer(), nullable=False),
        sa.Column("only_firm", sa.String(length=40), nullable=False),
        sa.Column("only_league", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("checkin_code", sa.String(length=6), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned','cancelled','done')", name=op.f("ck_training_status")
        ),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_training_place")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_training_order")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_training_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sa.UniqueConstraint("code", name=op.f("uq_training_code")),
    )
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_training_checkin_code"), ["checkin_code"], unique=False
        )
        batch_op.create_index("ix_training_status_starts_at", ["status", "starts_at"], unique=False)

    op.create_table(
        "broadcast_part",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("first", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"],
            ["broadcast.id"],
            name=op.f("fk_broadcast_part_broadcast_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_part")),
    )
    with op.batch_alter_table("broadcast_part", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_broadcast_part_broadcast_id"), ["broadcast_id"], unique=False
        )

    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "training_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            name=op.f("fk_certificate_courier_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["training.id"],
            name=op.f("fk_certificate_training_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "courier_id", "training_id", name=op.f("uq_certificate_courier_id_training_id")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_training_id"), ["training_id"], unique=False
        )

    op.create_table(
        "profile",
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("firm", sa.String(length=40), nullable=False),
        sa.Column("league", sa.String(length=12), nullable=False),
        sa.Column("updated_at", sa.DateTime(True), nullable=False),
        sa.ForeignKeyConstraint(
            ["courier_id"], ["courier.id"], name=op.f("fk_profile_courier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("courier_id", name=op.f("pk_profile")),
    )
    with op.batch_alter_table("profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_profile_firm"), ["firm"], unique=False)
        batch_op.create_index(batch_op.f("ix_profile_league"), ["league"], unique=False)
        batch_op.create_index(batch_op.f("ix_profile_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "training_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "leader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("mode", sa.String(length=4), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("reserved", sa.SmallInteger(), nullable=False),
        sa.Column("hold_until", sa.DateTime(True), nullable=False),
        sa.Column("created_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint("mode IN ('all','each')", name=op.f("ck_team_mode")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_team_reserved")),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["courier.id"], name=op.f("fk_team_leader_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name=op.f("fk_team_training_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("code", name=op.f("uq_team_code")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_hold_until"), ["hold_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_leader_id"), ["leader_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_training_id"), ["training_id"], unique=False)

    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "training_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("hold_until", sa.DateTime(True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(True), nullable=True),
        sa.Column("attended_at", sa.DateTime(True), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("comment", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(True), nullable=False),
        sa.Column("updated_at", sa.DateTime(True), nullable=False),
        sa.CheckConstraint(
            "(status = 'offered') = (hold_until IS NOT NULL)", name=op.f("ck_registration_hold")
        ),
        sa.CheckConstraint(
            "status IN ('waitlist','offered','seat','withdrawn','cancelled','passed','expired')",
            name=op.f("ck_registration_status"),
        ),
        sa.CheckConstraint(
            "score IS NULL OR score BETWEEN 1 AND 5", name=op.f("ck_registration_score")
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            name=op.f("fk_registration_courier_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_registration_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["training.id"],
            name=op.f("fk_registration_training_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registration_courier_id"), ["courier_id"], unique=False
        )
        batch_op.create_index(
            "ix_registration_hold_until",
            ["hold_until"],
            unique=False,
            sqlite_where=sa.text("status = 'offered'"),
            postgresql_where=sa.text("status = 'offered'"),
        )
        batch_op.create_index(batch_op.f("ix_registration_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            "ix_registration_training_id_status_id", ["training_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            "uq_registration_live",
            ["training_id", "courier_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('waitlist','offered','seat')"),
            postgresql_where=sa.text("status IN ('waitlist','offered','seat')"),
        )

    op.create_table(
        "team_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column(
            "courier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("accepted_at", sa.DateTime(True), nullable=True),
        sa.CheckConstraint(
            "status IN ('invited','accepted','declined','expired')",
            name=op.f("ck_team_member_status"),
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            name=op.f("fk_team_member_courier_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint(
            "team_id", "phone_index", name=op.f("uq_team_member_team_id_phone_index")
        ),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_courier_id"), ["courier_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_team_member_phone_index"), ["phone_index"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_member_phone_index"))
        batch_op.drop_index(batch_op.f("ix_team_member_courier_id"))

    op.drop_table("team_member")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_registration_live",
            sqlite_where=sa.text("status IN ('waitlist','offered','seat')"),
            postgresql_where=sa.text("status IN ('waitlist','offered','seat')"),
        )
        batch_op.drop_index("ix_registration_training_id_status_id")
        batch_op.drop_index(batch_op.f("ix_registration_team_id"))
        batch_op.drop_index(
            "ix_registration_hold_until",
            sqlite_where=sa.text("status = 'offered'"),
            postgresql_where=sa.text("status = 'offered'"),
        )
        batch_op.drop_index(batch_op.f("ix_registration_courier_id"))

    op.drop_table("registration")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_training_id"))
        batch_op.drop_index(batch_op.f("ix_team_leader_id"))
        batch_op.drop_index(batch_op.f("ix_team_hold_until"))

    op.drop_table("team")
    with op.batch_alter_table("profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profile_phone_index"))
        batch_op.drop_index(batch_op.f("ix_profile_league"))
        batch_op.drop_index(batch_op.f("ix_profile_firm"))

    op.drop_table("profile")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_training_id"))

    op.drop_table("certificate")
    with op.batch_alter_table("broadcast_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_broadcast_part_broadcast_id"))

    op.drop_table("broadcast_part")
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.drop_index("ix_training_status_starts_at")
        batch_op.drop_index(batch_op.f("ix_training_checkin_code"))

    op.drop_table("training")
    with op.batch_alter_table("broadcast", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_broadcast_status"))

    op.drop_table("broadcast")
