"""Erasure reaches every table, those of tomorrow too."""

from datetime import timedelta

from bot.services.couriers.profiles import Profiles
from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.engine import Store
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow
from bot.store.models.registry import owned
from tests.conftest import ManualClock
from tests.support.cards import KEYS, PHONE
from tests.support.trainings import create_couriers


def test_every_table_about_a_courier_goes_with_the_courier() -> None:
    """A new table that refers to a courier must say what becomes of it."""
    names = {column.table.name for column in owned()}
    assert {"chat", "favourite", "demand", "outbox", "consent", "card_binding"} <= names
    for column in owned():
        (key,) = column.foreign_keys
        # Observations stay, of nobody: couriers rely on them. What a nominee agreed to is theirs,
        # and not the nominator's.
        if column.table.name == "observation" or column.name == "nominator_id":
            assert key.ondelete == "SET NULL"
        elif column.table.name != ChatRow.__tablename__:  # chats are deleted by name
            assert key.ondelete == "CASCADE", column


def test_every_table_about_a_chat_lets_go_of_it() -> None:
    chat = Table.metadata.tables["chat"]
    for table in Table.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is chat:
                assert key.ondelete in {"CASCADE", "SET NULL"}, key.parent


async def test_a_second_claim_of_ones_phone_does_not_keep_ones_profile(
    store: Store, clock: ManualClock
) -> None:
    """Nor does the deletion touch the profile of whoever claimed it."""
    async with store.writing() as db:
        victim, liar = await create_couriers(db, 2, clock())
        for courier in (victim, liar):
            await Profiles(KEYS).remember(db, courier, "王强", PHONE, clock(), "web")
        hooks = (Registrations(Seating(timedelta(hours=2))).forget,)
        await erasure.erase(db, victim, clock(), ErasureReason.REQUESTED, hooks)
        assert await Profiles(KEYS).with_phone(db, PHONE) == [liar]
