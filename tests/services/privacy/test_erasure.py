"""Erasure reaches every table, those of tomorrow too."""

from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow
from bot.store.models.registry import owned


def test_every_table_about_a_courier_goes_with_the_courier() -> None:
    """A new table that refers to a courier must say what becomes of it."""
    names = {column.table.name for column in owned()}
    assert {"chat", "favourite", "demand", "outbox", "consent", "card_binding"} <= names
    for column in owned():
        (key,) = column.foreign_keys
        if column.table.name != ChatRow.__tablename__:  # chats are deleted by name
            assert key.ondelete == "CASCADE", column


def test_every_table_about_a_chat_lets_go_of_it() -> None:
    chat = Table.metadata.tables["chat"]
    for table in Table.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is chat:
                assert key.ondelete in {"CASCADE", "SET NULL"}, key.parent
