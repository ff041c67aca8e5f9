"""The sender is part of an event's key: platforms give two senders the same message number."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SENDER_OF_CHAT = """
UPDATE inbox SET sender = (SELECT external_id FROM chat WHERE chat.id = inbox.chat_id)
WHERE chat_id IS NOT NULL
"""
ONE_PER_EVENT = """
DELETE FROM inbox WHERE EXISTS (
    SELECT 1 FROM inbox AS other WHERE other.channel = inbox.channel
    AND other.event_id = inbox.event_id AND other.sender > inbox.sender
)
"""


def upgrade() -> None:
    # With a default, so that replicas of the version before can still claim an event.
    sender = sa.Column(
        "sender", sa.String(length=128), server_default=sa.text("''"), nullable=False
    )
    with op.batch_alter_table("inbox") as inbox:
        inbox.add_column(sender)
        _set_key(inbox, ["channel", "sender", "event_id"])
    op.execute(SENDER_OF_CHAT)


def downgrade() -> None:
    op.execute(ONE_PER_EVENT)
    with op.batch_alter_table("inbox") as inbox:
        _set_key(inbox, ["channel", "event_id"])
        inbox.drop_column("sender")


def _set_key(inbox: BatchOperations, columns: list[str]) -> None:
    inbox.drop_constraint(op.f("pk_inbox"), type_="primary")
    inbox.create_primary_key(op.f("pk_inbox"), columns)
