"""What is kept of a courier, told and deleted: found by the tables' own references to the person,
so that a table added later is told and deleted too."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards import pre_applications
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardBindingRow
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.operators import AccessLogRow
from bot.store.models.registry import owned

Row = dict[str, Any]
Settle = Callable[[AsyncSession, int, datetime], Awaitable[None]]
"""Gives up what one courier holds and others wait for."""
MASKS: Final = {"name": mask_name, "phone": mask_phone, "number": mask_number}
WITHHELD: Final = frozenset({"id_last4", "external_id"})
OWN_NUMBERS: Final = frozenset({"card_request"})
"""Tables whose numbers are ours and of use to the courier: shown whole."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much there is of each kind: rows by table, and since when."""

    since: datetime
    chats: tuple[str, ...]
    rows: dict[str, int]
    answers: int


class Privacy:
    """The personal data of one courier, opened with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    async def kept(self, db: AsyncSession, courier_id: int) -> Kept:
        """What there is, in numbers."""
        courier = (await db.scalars(select(CourierRow).where(CourierRow.id == courier_id))).one()
        chats = list(await db.scalars(select(ChatRow).where(ChatRow.courier_id == courier_id)))
        rows = {
            column.table.name: await db.scalar(
                select(func.count()).select_from(column.table).where(column == courier_id)
            )
            or 0
            for column in owned()
        }
        answers = select(func.count()).select_from(InboxRow)
        answers = answers.where(InboxRow.chat_id.in_([chat.id for chat in chats]))
        return Kept(
            courier.created_at,
            tuple(sorted(chat.channel for chat in chats)),
            rows,
            await db.scalar(answers) or 0,
        )

    async def export(self, db: AsyncSession, courier_id: int) -> dict[str, list[Row]]:
        """Every row about the courier by table, sealed values opened and masked.

        Masked, for a chat proves less than a counter: the whole values are handed out there.
        """
        told = {"courier": await self._rows(db, CourierRow.__table__.c.id, courier_id)}
        for column in owned():
            told[column.table.name] = await self._rows(db, column, courier_id)
        bound = select(CardBindingRow.application_id).where(CardBindingRow.courier_id == courier_id)
        told["card_application"] = []
        for application in list(await db.scalars(bound)):
            key = CardApplicationRow.__table__.c.id
            told["card_application"] += await self._rows(db, key, application)
        return told

    async def _rows(self, db: AsyncSession, column: Any, value: int) -> list[Row]:
        found = await db.execute(select(column.table).where(column == value))
        return [self._told(column.table, row) for row in found.mappings()]

    def _told(self, table: Any, row: Any) -> Row:
        said: Row = {}
        for column in table.columns:
            value = row[column.name]
            if column.name in WITHHELD or "indexed" in column.info or column.name == "state":
                continue
            if isinstance(value, bytes):
                if "sealed" not in column.info:
                    continue
                value = self._keys.open(value, f"{table.name}.{column.name}")
                mask = MASKS.get(column.name)
                own = column.name == "number" and table.name in OWN_NUMBERS
                value = mask(value) if mask and not own else value
            elif isinstance(value, datetime | date):
                value = value.isoformat()
            said[column.name] = value
        return said


async def erase(
    db: AsyncSession, courier_id: int, now: datetime, reason: str, settle: Sequence[Settle] = ()
) -> None:
    """Deletes the courier, all chats and everything that refers to either, in this transaction.

    `settle` are called first: what others wait for, such as a seat, is given up in order.

    What stays is that somebody was erased, when and why, not who. `reason` is a word of ours.
    """
    for give_up in settle:
        await give_up(db, courier_id, now)
    await pre_applications.withdraw_all(db, courier_id)
    await db.execute(delete(ChatRow).where(ChatRow.courier_id == courier_id))
    await db.execute(delete(CourierRow).where(CourierRow.id == courier_id))
    await db.execute(
        insert(AccessLogRow).values(
            at=now, actor="courier", action="erase", field="*", subject=b"", purpose=reason
        )
    )


async def leave(
    db: AsyncSession, courier_id: int, chat_id: int, now: datetime, settle: Sequence[Settle] = ()
) -> None:
    """Erases one chat, and its courier with it unless they still write from another."""
    others = select(func.count()).select_from(ChatRow)
    others = others.where(ChatRow.courier_id == courier_id, ChatRow.id != chat_id)
    if await db.scalar(others):
        await db.execute(delete(ChatRow).where(ChatRow.id == chat_id))
    else:
        await erase(db, courier_id, now, "left", settle)
