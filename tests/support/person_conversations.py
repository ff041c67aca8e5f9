"""An operator at the desk, for stories of conversations with a person."""

from dataclasses import dataclass

from bot.common.clock import Clock
from bot.services.conversations import desk, queue
from bot.services.conversations.desk import Talk
from bot.services.conversations.queue import Query, Tab
from bot.services.operators.roles import Operator, Role
from bot.store.encryption import Keyring
from bot.store.engine import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody on duty, with the database that all replicas share."""

    store: Store
    keys: Keyring
    clock: Clock
    operator: Operator = Operator(1, "duty", Role.DUTY)  # noqa: RUF009 - immutable

    async def listed(self, tab: Tab) -> list[Talk]:
        """What stands under that tab."""
        async with self.store.reading() as db:
            found = await queue.find(db, self.operator, Query(tab), self.clock())
        return list(found.talks)

    async def take(self) -> int:
        """Takes whoever waits longest."""
        number = (await self.listed(Tab.WAITING))[0].id
        async with self.store.writing() as db:
            await desk.take(db, self.operator, number, self.clock())
        return number

    async def answer(self, number: int, text: str) -> None:
        """Writes to the courier."""
        async with self.store.writing() as db:
            await desk.answer(db, self.keys, self.operator, number, text, self.clock())

    async def close(self, number: int) -> None:
        """Ends it."""
        async with self.store.writing() as db:
            await desk.close(db, self.operator, number, self.clock())

    async def reopen(self, number: int) -> None:
        """Takes a closed one up again."""
        async with self.store.writing() as db:
            await desk.reopen(db, self.operator, number, self.clock())

    async def read(self, number: int) -> list[str]:
        """What the courier and the operator wrote, as the operator sees it."""
        async with self.store.writing() as db:
            found = await desk.find(db, self.operator, number)
            shown = await desk.messages(db, self.keys, self.operator, found, self.clock())
        return [one.text for one in shown]
