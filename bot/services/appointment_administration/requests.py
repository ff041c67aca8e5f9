"""Appointments in the console: masked, revealed for a reason, their states set, exported.

An operator of single leagues works on those for whose outlet a station of these was picked; those
with a typed outlet belong to whoever sees the whole region.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import FromClause, join, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services import bounded
from bot.services.appointments import operations
from bot.services.appointments.operations import AppointmentUnknown, ListedAppointment
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.operators import audit
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.leagues import visible
from bot.store.encryption import Keyring
from bot.store.models.appointments import AppointmentRow
from bot.store.models.stations import StationRow

PAGE: Final = 30
EVERY: Final = tuple(AppointmentStatus)


class RevealReason(StrEnum):
    """Why somebody needs the whole values; stored in the audit log. No free text, which could
    hold such values itself."""

    CALL = "call"
    """The courier is called now."""
    VISIT = "visit"
    """The courier stands at the counter."""
    OUTLET = "outlet"
    """The outlet asks."""
    COMPLAINT = "complaint"


async def counts(
    db: AsyncSession, places: Places, operator: Operator
) -> dict[AppointmentStatus, int]:
    """How many there are by state, each counted to `COUNTED` + 1. Raises `NotAllowed`."""
    operator.require(Right.APPOINTMENTS)
    rows: FromClause = AppointmentRow.__table__
    if operator.leagues:
        rows = join(AppointmentRow, StationRow, StationRow.id == AppointmentRow.outlet_id)
    counted = {
        one: await bounded.count(db, rows, AppointmentRow.status == one, visible(places, operator))
        for one in AppointmentStatus
    }
    return {one: number for one, number in counted.items() if number}


async def page(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    status: AppointmentStatus,
    after: int | None,
    now: datetime,
) -> list[ListedAppointment]:
    """A page, who waits longest first, values masked; each that was opened for it is in the
    access log. `after`: the last row of the page before. Raises `NotAllowed`."""
    operator.require(Right.APPOINTMENTS)
    only = visible(places, operator)
    if after is not None:
        last = select(AppointmentRow.created_at).where(AppointmentRow.id == after)
        since = last.scalar_subquery()
        only &= (AppointmentRow.created_at > since) | (
            (AppointmentRow.created_at == since) & (AppointmentRow.id > after)
        )
    found = await operations.listed(
        db, keys, operator.name, AccessAction.READ, now, statuses=(status,), only=only, most=PAGE
    )
    return [one.masked() for one in found]


async def reveal(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    number: int,
    reason: RevealReason,
    now: datetime,
) -> ListedAppointment | None:
    """One with its whole values; None if there is none. The audit log says who and why, never
    what was seen. Raises `NotAllowed`."""
    operator.require(Right.APPOINTMENTS)
    only = visible(places, operator) & (AppointmentRow.id == number)
    found = await operations.listed(
        db, keys, operator.name, AccessAction.READ, now, statuses=EVERY, only=only,
        purpose=f"reveal:{reason}",
    )  # fmt: skip
    if not found:
        return None
    await audit.record(
        db, operator.name, "appointment.reveal", SubjectKind.APPOINTMENT, str(number), now,
        after={"reason": reason.value},
    )  # fmt: skip
    return found[0]


async def set_status(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    number: int,
    before: AppointmentStatus,
    after: AppointmentStatus,
    now: datetime,
) -> None:
    """Changes the state from `before`; the courier is told.

    Raises `AppointmentUnknown`, `ChangeRefused` where it is in another state now or the new one
    does not follow, and `NotAllowed`.
    """
    operator.require(Right.APPOINTMENTS)
    mine = select(AppointmentRow.id).where(AppointmentRow.id == number)
    if operator.leagues:
        mine = mine.join(StationRow, StationRow.id == AppointmentRow.outlet_id)
        mine = mine.where(visible(places, operator))
    if await db.scalar(mine) is None:
        raise AppointmentUnknown
    await operations.change(db, number, before, after, now)
    await audit.record(
        db, operator.name, "appointment.set", SubjectKind.APPOINTMENT, str(number), now,
        before={"state": before.value}, after={"state": after.value},
    )  # fmt: skip


async def export(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    status: AppointmentStatus,
    now: datetime,
) -> list[ListedAppointment]:
    """All in that state, whole, for a file. Raises `NotAllowed`."""
    operator.require(Right.APPOINTMENTS)
    found = await operations.listed(
        db, keys, operator.name, AccessAction.EXPORT, now,
        statuses=(status,), only=visible(places, operator),
    )  # fmt: skip
    await audit.record(
        db, operator.name, "appointment.export", SubjectKind.APPOINTMENT, "", now,
        after={"rows": len(found), "state": status.value},
    )  # fmt: skip
    return found
