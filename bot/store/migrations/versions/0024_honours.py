"""Campaigns of the honour 最美快递员, nominations with photos, and votes."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import Id, Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "honour_campaign",
        sa.Column("id", Id, primary_key=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("rules_en", sa.Text(), nullable=False),
        sa.Column("leagues", sa.String(100), nullable=False),
        sa.Column("nominate_from", sa.Date(), nullable=False),
        sa.Column("nominate_until", sa.Date(), nullable=False),
        sa.Column("vote_from", sa.Date(), nullable=False),
        sa.Column("vote_until", sa.Date(), nullable=False),
        sa.Column("winners", sa.SmallInteger(), nullable=False),
        sa.Column("published_at", Instant()),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.UniqueConstraint("code", name=op.f("uq_honour_campaign_code")),
    )
    op.create_table(
        "nomination",
        sa.Column("id", Id, primary_key=True),
        sa.Column("campaign_id", Id, nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("courier_id", Id),
        sa.Column("nominator_id", Id),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("firm", sa.LargeBinary(), nullable=False),
        sa.Column("league", sa.String(12), nullable=False),
        sa.Column("story", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("place", sa.SmallInteger()),
        sa.Column("certificate", sa.String(24)),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["honour_campaign.id"],
            ondelete="CASCADE",
            name=op.f("fk_nomination_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_nomination_courier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["nominator_id"],
            ["courier.id"],
            ondelete="SET NULL",
            name=op.f("fk_nomination_nominator_id"),
        ),
        sa.UniqueConstraint("number_index", name=op.f("uq_nomination_number_index")),
        sa.UniqueConstraint("certificate", name=op.f("uq_nomination_certificate")),
        sa.CheckConstraint(
            "status IN ('asked','new','approved','declined','shortlisted','winner')",
            name=op.f("ck_nomination_status"),
        ),
    )
    op.create_index("ix_nomination_campaign_status", "nomination", ["campaign_id", "status"])
    op.create_index("ix_nomination_courier_id", "nomination", ["courier_id"])
    op.create_index("ix_nomination_nominator_id", "nomination", ["nominator_id"])
    op.create_table(
        "nomination_photo",
        sa.Column("nomination_id", Id, primary_key=True, autoincrement=False),
        sa.Column("courier_id", Id, nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["nomination_id"],
            ["nomination.id"],
            ondelete="CASCADE",
            name=op.f("fk_nomination_photo_nomination_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_nomination_photo_courier_id"),
        ),
    )
    op.create_index("ix_nomination_photo_courier_id", "nomination_photo", ["courier_id"])
    op.create_table(
        "honour_vote",
        sa.Column("campaign_id", Id, primary_key=True, autoincrement=False),
        sa.Column("courier_id", Id, primary_key=True, autoincrement=False),
        sa.Column("nomination_id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("firm", sa.String(40), nullable=False),
        sa.Column("network", sa.LargeBinary()),
        sa.Column("is_fresh", sa.Boolean(), nullable=False),
        sa.Column("hold", sa.String(8), nullable=False),
        sa.Column("review", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["honour_campaign.id"],
            ondelete="CASCADE",
            name=op.f("fk_honour_vote_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["courier_id"],
            ["courier.id"],
            ondelete="CASCADE",
            name=op.f("fk_honour_vote_courier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["nomination_id"],
            ["nomination.id"],
            ondelete="CASCADE",
            name=op.f("fk_honour_vote_nomination_id"),
        ),
        sa.CheckConstraint(
            "hold IN ('','network','firm','fresh')", name=op.f("ck_honour_vote_hold")
        ),
        sa.CheckConstraint(
            "review IN ('','counted','dropped')", name=op.f("ck_honour_vote_review")
        ),
    )
    op.create_index("ix_honour_vote_nomination_at", "honour_vote", ["nomination_id", "at"])
    _allow_kinds("'stations','trainings','holidays','content','honours'")


def downgrade() -> None:
    op.execute(
        "DELETE FROM revision_record WHERE revision_id IN "
        "(SELECT id FROM revision WHERE kind = 'honours')"
    )
    op.execute("DELETE FROM revision WHERE kind = 'honours'")
    _allow_kinds("'stations','trainings','holidays','content'")
    for name in ("honour_vote", "nomination_photo", "nomination", "honour_campaign"):
        op.drop_table(name)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_revision_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_revision_kind"), f"kind IN ({kinds})")
