"""Pre-applications that couriers left in the chat, as operators hand them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.cards import CardRequestRow
from bot.store.models.stations import StationRow

FIELDS: Final = ("number", "name", "phone", "firm", "outlet")
HEADINGS: Final = ("预约编号", "姓名", "手机号", "公司", "网点", "网点编号", "状态", "提交时间")
NAMES: Final = {"new": "待处理", "passed": "已转网点", "closed": "已关闭"}


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One pre-application, opened. `outlet_code` where a station was picked."""

    id: int
    number: str
    name: str
    phone: str
    firm: str
    outlet: str
    outlet_code: str
    status: str
    created_at: datetime

    def masked(self) -> tuple[str, ...]:
        """A row for the screen."""
        return self._row(mask_number(self.number), mask_name(self.name), mask_phone(self.phone))

    def whole(self) -> tuple[str, ...]:
        """A row for the outlet."""
        return self._row(self.number, self.name, self.phone)

    def _row(self, *who: str) -> tuple[str, ...]:
        at = self.created_at.astimezone(CHINA)
        return (
            *who, self.firm, self.outlet, self.outlet_code, NAMES[self.status],
            f"{at:%Y-%m-%d %H:%M}",
        )  # fmt: skip


async def requests(
    db: AsyncSession,
    keys: Keyring,
    actor: str,
    action: AccessAction,
    now: datetime,
    *,
    statuses: Sequence[str] = ("new",),
) -> list[Request]:
    """Those in these states, oldest first; each value that is opened is in the access log."""
    found = (
        select(CardRequestRow, StationRow.code)
        .outerjoin(StationRow, StationRow.id == CardRequestRow.outlet_id)
        .where(CardRequestRow.status.in_(statuses))
        .order_by(CardRequestRow.created_at, CardRequestRow.id)
    )
    rows = (await db.execute(found)).all()
    seen = [(f"card_request.{field}", row.id) for row, _ in rows for field in FIELDS]
    await access_log.record(db, keys, actor, action, seen, "pre-applications", now)
    return [
        Request(
            id=row.id,
            outlet_code=code or "",
            status=row.status,
            created_at=row.created_at,
            **{field: keys.open(getattr(row, field), f"card_request.{field}") for field in FIELDS},
        )
        for row, code in rows
    ]


async def mark_passed(db: AsyncSession, ids: Sequence[int]) -> None:
    """They were handed to their outlets."""
    change = update(CardRequestRow).where(
        CardRequestRow.id.in_(ids), CardRequestRow.status == "new"
    )
    await db.execute(change.values(status="passed"))
