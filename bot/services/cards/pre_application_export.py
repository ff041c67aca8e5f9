"""Pre-applications as operators pass them on to outlets: unsealed, with an access log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.cards import CardRequestRow
from bot.store.models.stations import StationRow

FIELDS: Final = ("number", "name", "phone", "firm", "outlet")


@dataclass(frozen=True, slots=True, repr=False)
class ExportedPreApplication:
    """One pre-application, opened. `outlet_code` where a station was picked."""

    id: int
    number: str
    name: str
    phone: str
    firm: str
    outlet: str
    outlet_code: str
    status: PreApplicationStatus
    created_at: datetime

    def masked(self) -> "ExportedPreApplication":
        """The same with the personal values masked."""
        return replace(
            self,
            number=mask_number(self.number),
            name=mask_name(self.name),
            phone=mask_phone(self.phone),
        )


async def export(
    db: AsyncSession,
    keys: Keyring,
    actor: str,
    action: AccessAction,
    now: datetime,
    *,
    statuses: Sequence[PreApplicationStatus] = (PreApplicationStatus.NEW,),
    only: ColumnElement[bool] | None = None,
    newest: int | None = None,
    purpose: str = "pre-applications",
) -> list[ExportedPreApplication]:
    """Those in these states, oldest first; each value that is opened is in the access log.

    `only`: a further condition, which may name the outlet's station; `newest`: so many at most,
    the newest first.
    """
    found = (
        select(CardRequestRow, StationRow.code)
        .outerjoin(StationRow, StationRow.id == CardRequestRow.outlet_id)
        .where(CardRequestRow.status.in_(statuses), true() if only is None else only)
    )
    if newest is None:
        found = found.order_by(CardRequestRow.created_at, CardRequestRow.id)
    else:
        found = found.order_by(CardRequestRow.id.desc()).limit(newest)
    rows = (await db.execute(found)).all()
    seen = [(f"card_request.{field}", row.id) for row, _ in rows for field in FIELDS]
    await access_log.record(db, keys, actor, action, seen, purpose, now)
    return [
        ExportedPreApplication(
            id=row.id,
            outlet_code=code or "",
            status=PreApplicationStatus(row.status),
            created_at=row.created_at,
            **{field: keys.open(getattr(row, field), f"card_request.{field}") for field in FIELDS},
        )
        for row, code in rows
    ]


async def mark_passed(db: AsyncSession, ids: Sequence[int]) -> None:
    """Records that these were passed on to their outlets."""
    change = update(CardRequestRow).where(
        CardRequestRow.id.in_(ids), CardRequestRow.status == PreApplicationStatus.NEW
    )
    await db.execute(change.values(status=PreApplicationStatus.PASSED))
