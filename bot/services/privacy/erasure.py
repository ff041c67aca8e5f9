"""The personal data of a courier, exported and erased: found by the tables' own references to the
courier, so that a table added later is covered too."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.appointments import requests as appointments
from bot.services.cards import pre_applications
from bot.services.honours import nominations
from bot.services.operators.access_log import AccessAction
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.services.stations.evidence.left_out import left_out
from bot.store.encryption import Keyring
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.cards import CardApplicationRow, CardBindingRow
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.registry import owned
from bot.store.models.stations import LeftOutStationRow

Row = dict[str, Any]
BeforeErasure = Callable[[AsyncSession, int, datetime], Awaitable[None]]
"""Called before a courier is erased, in that transaction: gives up what others wait for."""
MASKS: Final = {"name": mask_name, "phone": mask_phone, "number": mask_number}
WITHHELD: Final = frozenset({"id_last4", "external_id", "photo"})
OWN_NUMBERS: Final = frozenset({"card_request", "appointment", "nomination"})
"""Tables whose numbers this service issued for the courier: shown whole."""


class ErasureReason(StrEnum):
    """Why a courier was erased; the values are stored in the access log."""

    REQUESTED = "asked"
    LEFT = "left"
    """They left the channel, and leaving there means erasure."""
    IDLE = "idle"
    ARRIVED = "arrived"
    """They opened the chat and did nothing of which anything is kept."""


@value
class DataSummary:
    """How much is stored of a courier, by table, and since when.

    `answers`: replies that are kept to answer redelivered messages.
    """

    since: datetime
    chats: tuple[str, ...]
    rows: dict[str, int]
    answers: int


class Privacy:
    """The personal data of one courier, opened with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    async def summary(self, db: AsyncSession, courier_id: int, now: datetime) -> DataSummary:
        """How much is stored of the courier; what has expired is about to be deleted."""
        courier = (await db.scalars(select(CourierRow).where(CourierRow.id == courier_id))).one()
        chats = list(await db.scalars(select(ChatRow).where(ChatRow.courier_id == courier_id)))
        rows: dict[str, int] = {}
        for column in owned():  # a table may refer to couriers twice
            mine = select(func.count()).select_from(column.table).where(column == courier_id)
            name = column.table.name
            rows[name] = rows.get(name, 0) + (await db.scalar(mine) or 0)
        rows[LeftOutStationRow.__tablename__] = len(await left_out(db, courier_id, now))
        answers = select(func.count()).select_from(InboxRow)
        answers = answers.where(InboxRow.chat_id.in_([chat.id for chat in chats]))
        return DataSummary(
            courier.created_at,
            tuple(sorted(chat.channel for chat in chats)),
            rows,
            await db.scalar(answers) or 0,
        )

    async def export(self, db: AsyncSession, courier_id: int) -> dict[str, list[Row]]:
        """Every row about the courier by table, sealed values opened and masked.

        Masked, for a chat proves an identity less than an outlet's counter does.
        """
        exported = {"courier": await self._rows(db, CourierRow.__table__.c.id, courier_id)}
        for column in owned():
            rows = exported.setdefault(column.table.name, [])
            rows += await self._rows(db, column, courier_id)
        bound = select(CardBindingRow.application_id).where(CardBindingRow.courier_id == courier_id)
        exported["card_application"] = []
        for application in list(await db.scalars(bound)):
            key = CardApplicationRow.__table__.c.id
            exported["card_application"] += await self._rows(db, key, application)
        return exported

    async def _rows(self, db: AsyncSession, column: Any, value: int) -> list[Row]:
        found = await db.execute(select(column.table).where(column == value))
        return [self._masked(column.table, row) for row in found.mappings()]

    def _masked(self, table: Any, row: Any) -> Row:
        values: Row = {}
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
            values[column.name] = value
        return values


async def erase(
    db: AsyncSession,
    courier_id: int,
    now: datetime,
    reason: ErasureReason,
    before_erasure: Sequence[BeforeErasure] = (),
) -> None:
    """Deletes the courier, all chats and everything that refers to either, in this transaction.

    `before_erasure` are called first. What stays is when and why somebody was erased, not who.
    """
    for hook in before_erasure:
        await hook(db, courier_id, now)
    await pre_applications.withdraw_all(db, courier_id)
    await appointments.cancel_all(db, courier_id)
    await nominations.withdraw_unanswered(db, courier_id)
    await db.execute(delete(ChatRow).where(ChatRow.courier_id == courier_id))
    await db.execute(delete(CourierRow).where(CourierRow.id == courier_id))
    await db.execute(
        insert(AccessLogRow).values(
            at=now,
            actor="courier",
            action=AccessAction.ERASE,
            field="*",
            subject=b"",
            purpose=reason,
        )
    )


async def erase_chat(
    db: AsyncSession,
    courier_id: int,
    chat_id: int,
    now: datetime,
    before_erasure: Sequence[BeforeErasure] = (),
) -> None:
    """Erases one chat, and its courier with it unless they still write from another."""
    others = select(func.count()).select_from(ChatRow)
    others = others.where(ChatRow.courier_id == courier_id, ChatRow.id != chat_id)
    if await db.scalar(others):
        await db.execute(delete(ChatRow).where(ChatRow.id == chat_id))
    else:
        await erase(db, courier_id, now, ErasureReason.LEFT, before_erasure)
