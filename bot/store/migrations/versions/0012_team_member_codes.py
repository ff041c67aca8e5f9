"""A code of one's own for each member of a team."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("team_member", sa.Column("code", sa.String(length=12), nullable=True))
    op.create_index("ix_team_member_code", "team_member", ["code"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_team_member_code", table_name="team_member")
    op.drop_column("team_member", "code")
