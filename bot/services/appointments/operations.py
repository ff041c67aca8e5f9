"""What operators do with appointments: list and export them, and set their states.

Whatever is opened is entered in the access log; a courier is told of each change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.appointments import wishes
from bot.services.appointments.statuses import FOLLOWING, AppointmentStatus
from bot.services.appointments.wishes import Wish
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.appointments import AppointmentRow
from bot.store.models.stations import StationRow

FIELDS: Final = ("number", "name", "phone", "firm", "outlet", "wanted")
RELEVANCE: Final = timedelta(days=3)
"""How long after a change the courier is still told of it."""


class AppointmentUnknown(Exception):
    """No appointment has this number."""


class ChangeRefused(Exception):
    """The wanted state does not follow the present one, which is `status`."""

    def __init__(self, status: AppointmentStatus) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True, repr=False)
class ListedAppointment:
    """One appointment, opened. `outlet_code` where a station was picked."""

    id: int
    number: str
    topic: str
    name: str
    phone: str
    firm: str
    outlet: str
    outlet_code: str
    wanted: Wish
    status: AppointmentStatus
    created_at: datetime

    def masked(self) -> "ListedAppointment":
        """The same with the personal values masked; the number stays, for states are set by it."""
        return replace(self, name=mask_name(self.name), phone=mask_phone(self.phone))


async def listed(
    db: AsyncSession,
    keys: Keyring,
    actor: str,
    action: AccessAction,
    now: datetime,
    *,
    statuses: Sequence[AppointmentStatus],
    only: ColumnElement[bool] | None = None,
    most: int | None = None,
    purpose: str = "appointments",
) -> list[ListedAppointment]:
    """Those in these states, oldest first; each value that is opened is in the access log.

    `only`: a further condition, which may name the outlet's station; `most`: so many at most.
    """
    found = (
        select(AppointmentRow, StationRow.code)
        .outerjoin(StationRow, StationRow.id == AppointmentRow.outlet_id)
        .where(AppointmentRow.status.in_(statuses))
        .order_by(AppointmentRow.created_at, AppointmentRow.id)
        .limit(most)
    )
    if only is not None:
        found = found.where(only)
    rows = (await db.execute(found)).all()
    seen = [(f"appointment.{field}", row.id) for row, _ in rows for field in FIELDS]
    await access_log.record(db, keys, actor, action, seen, purpose, now)
    return [_opened(keys, row, code or "") for row, code in rows]


async def set_status(
    db: AsyncSession, keys: Keyring, number: str, status: AppointmentStatus, now: datetime
) -> bool:
    """Changes the state and tells the courier; False if it had that state already.

    `number` as in YY-7K3M9P. Raises `AppointmentUnknown` and `ChangeRefused`.
    """
    index = keys.index(number.strip().upper(), "appointment.number")
    found = select(AppointmentRow).where(AppointmentRow.number_index == index).with_for_update()
    row = (await db.scalars(found)).one_or_none()
    if row is None:
        raise AppointmentUnknown
    before = AppointmentStatus(row.status)
    if before is status:
        return False
    await change(db, row.id, before, status, now)
    return True


async def change(
    db: AsyncSession, number: int, before: AppointmentStatus, status: AppointmentStatus,
    now: datetime,
) -> None:  # fmt: skip
    """Changes the state of that row from `before`, and tells the courier.

    Raises `ChangeRefused` where it is in another state now, or the new one does not follow, and
    `AppointmentUnknown`.
    """
    found = select(AppointmentRow).where(AppointmentRow.id == number).with_for_update()
    row = (await db.scalars(found.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise AppointmentUnknown
    if row.status != before or status not in FOLLOWING[before]:
        raise ChangeRefused(AppointmentStatus(row.status))
    await db.execute(
        update(AppointmentRow)
        .where(AppointmentRow.id == row.id)
        .values(status=status, changed_at=now)
    )
    await queue.enqueue(
        db,
        Notice(
            kind=NoticeKind.APPOINTMENT_CHANGED,
            courier_id=row.courier_id,
            params={"appointment": row.id, "status": status.value},
            topic=Topic.SERVICE,
            dedupe_key=f"{NoticeKind.APPOINTMENT_CHANGED}:{row.id}:{status}:{now.timestamp():.0f}",
            due_at=now,
            not_after=now + RELEVANCE,
        ),
        now,
    )


def _opened(keys: Keyring, row: AppointmentRow, outlet_code: str) -> ListedAppointment:
    values = {field: keys.open(getattr(row, field), f"appointment.{field}") for field in FIELDS}
    return ListedAppointment(
        id=row.id,
        number=values["number"],
        topic=row.topic,
        name=values["name"],
        phone=values["phone"],
        firm=values["firm"],
        outlet=values["outlet"],
        outlet_code=outlet_code,
        wanted=wishes.read(values["wanted"]),
        status=AppointmentStatus(row.status),
        created_at=row.created_at,
    )
