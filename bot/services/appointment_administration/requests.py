"""Appointments in the console: masked, revealed for a reason, their states set, exported.

An operator of single leagues works on those for whose outlet a station of these was picked; those
with a typed outlet belong to whoever sees the whole region.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services.appointments import operations
from bot.services.appointments.operations import ListedAppointment
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.operators import audit
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Right
from bot.services.stations.administration.leagues import visible
from bot.store.encryption import Keyring
from bot.store.models.appointments import AppointmentRow
from bot.store.models.stations import StationRow

PAGE: Final = 30
COUNTED: Final = 1000
"""More than these are not counted."""
LOOKED_AT: Final = 10_000
"""Of one state, for those of an operator's leagues."""
DUE_AFTER: Final = timedelta(days=1)
"""A request that nobody has answered for so long is overdue."""
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


@value
class Count:
    """How many there are; `is_least`: there are more, which were not counted."""

    number: int
    is_least: bool = False


async def counts(
    db: AsyncSession, places: Places, operator: Operator
) -> dict[AppointmentStatus, Count]:
    """How many there are by state; no more than a bounded number is looked at.

    Raises `NotAllowed`.
    """
    operator.require(Right.APPOINTMENTS)
    return {one: await _count(db, places, operator, one) for one in AppointmentStatus}


async def waiting(
    db: AsyncSession, places: Places, operator: Operator, now: datetime
) -> tuple[Count, Count]:
    """New requests, and those of them that are overdue; none without the right."""
    if not operator.may(Right.APPOINTMENTS):
        return Count(0), Count(0)
    new = AppointmentStatus.NEW
    overdue = await _count(db, places, operator, new, asked_before=now - DUE_AFTER)
    return await _count(db, places, operator, new), overdue


async def _count(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    status: AppointmentStatus,
    *,
    asked_before: datetime | None = None,
) -> Count:
    """Those of a state. The newest of them are looked at, along the index of state and time."""
    most = LOOKED_AT if operator.leagues else COUNTED
    asked = AppointmentRow.created_at
    some = select(AppointmentRow.outlet_id).where(AppointmentRow.status == status)
    if asked_before is not None:
        some = some.where(asked < asked_before)
    seen = some.order_by(asked.desc()).limit(most + 1).subquery()
    found = select(func.count()).select_from(seen)
    in_all = await db.scalar(found) or 0
    if not operator.leagues:
        return Count(min(in_all, most), in_all > most)
    theirs = found.join(StationRow, StationRow.id == seen.c.outlet_id)
    number = await db.scalar(theirs.where(visible(places, operator))) or 0
    return Count(number, in_all > most)


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
        await _require_theirs(db, places, operator, number)
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
    await _require_theirs(db, places, operator, number)
    await operations.change(db, number, before, after, now)
    await audit.record(
        db, operator.name, "appointment.set", SubjectKind.APPOINTMENT, str(number), now,
        before={"state": before.value}, after={"state": after.value},
    )  # fmt: skip


async def _require_theirs(
    db: AsyncSession, places: Places, operator: Operator, number: int
) -> None:
    """Raises `NotAllowed` where there is one of that number which the operator does not see."""
    rows = select(AppointmentRow.id).where(AppointmentRow.id == number)
    seen = rows.outerjoin(StationRow, StationRow.id == AppointmentRow.outlet_id)
    seen = seen.where(visible(places, operator))
    if await db.scalar(rows) is not None and await db.scalar(seen) is None:
        raise NotAllowed(Right.APPOINTMENTS)


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
