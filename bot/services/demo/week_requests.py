"""Pre-applications and appointments of demo couriers, in several states."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.appointments import requests as appointments
from bot.services.appointments.requests import Appointments
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.appointments.wishes import CallWish, Part, VisitWish
from bot.services.cards import pre_applications
from bot.services.cards.pre_applications import PreApplications, PreApplicationStatus, note_key
from bot.services.demo.cards import OUTLET
from bot.services.demo.week_stations import Courier
from bot.services.operators import notes
from bot.services.storage import Database, Keys
from bot.store.models.appointments import AppointmentRow
from bot.store.models.cards import CardRequestRow
from bot.store.models.stations import StationRow

PHONE: Final = "13800138000"
"""A service number of a telephone company: no courier has it."""
FIRM: Final = "示例快递"
TYPED_OUTLET: Final = "示例网点"
_ASKED: Final = (
    ("示例·赵师傅", timedelta(hours=3), True, PreApplicationStatus.NEW),
    ("示例·乌师傅", timedelta(days=2), False, PreApplicationStatus.PASSED),
    ("示例·孙师傅", timedelta(days=5), True, PreApplicationStatus.CLOSED),
)
"""A name, how long ago, whether an outlet of the list was picked, and the state."""


async def tell(store: Database, keys: Keys, couriers: Sequence[Courier], now: datetime) -> None:
    """Writes them as if the couriers had just filled them in; nobody is told of a state."""
    async with store.writing() as db:
        picked = select(StationRow.id, StationRow.name).where(StationRow.code == OUTLET)
        station = (await db.execute(picked)).one_or_none()
        outlet_id, outlet = (station.id, station.name) if station else (None, TYPED_OUTLET)
        for who, (name, ago, is_picked, status) in zip(couriers, _ASKED, strict=False):
            where = (outlet_id, outlet) if is_picked else (None, TYPED_OUTLET)
            draft = pre_applications.Draft(name, PHONE, FIRM, *where)
            await _pre_application(db, keys, who, draft, status, now - ago)
        await _appointments(db, keys, couriers[len(_ASKED) :], (outlet_id, outlet), now)


async def remove(db: AsyncSession, couriers: Sequence[int]) -> None:
    """Removes those of these couriers (ids), with the notes to operators about them."""
    asked = select(CardRequestRow.id).where(CardRequestRow.courier_id.in_(couriers))
    await pre_applications.delete_all(db, list(await db.scalars(asked)))
    booked = select(AppointmentRow.id).where(AppointmentRow.courier_id.in_(couriers))
    await appointments.delete_all(db, list(await db.scalars(booked)))


async def _pre_application(
    db: AsyncSession,
    keys: Keys,
    who: Courier,
    draft: pre_applications.Draft,
    status: PreApplicationStatus,
    at: datetime,
) -> None:
    """The state is written here, for what operators do is in the audit log, which stays."""
    number = await PreApplications(keys).submit(db, who.id, draft, at)
    if status is PreApplicationStatus.NEW:
        return
    index = keys.index(number, "card_request.number")
    mine = CardRequestRow.number_index == index
    await db.execute(update(CardRequestRow).where(mine).values(status=status))
    await notes.close_marked(db, [note_key(index)], at + timedelta(hours=4))


async def _appointments(
    db: AsyncSession,
    keys: Keys,
    couriers: Sequence[Courier],
    outlet: tuple[int | None, str],
    now: datetime,
) -> None:
    """Two call-backs that are new, one of them overdue, and a visit of which the outlet has been in
    touch."""
    caller, visitor, waiting = couriers[0], couriers[1], couriers[2]
    late = appointments.Draft(
        "insurance", "示例·吴师傅", PHONE, "", *outlet, CallWish(Part.AFTERNOON)
    )
    await Appointments(keys).submit(db, waiting.id, late, now - timedelta(hours=28))
    call = appointments.Draft(
        "payroll", "示例·钱师傅", PHONE, "", None, TYPED_OUTLET, CallWish(Part.MORNING)
    )
    await Appointments(keys).submit(db, caller.id, call, now - timedelta(hours=5))
    day = now.astimezone(CHINA).date() + timedelta(days=2)
    wanted = VisitWish(day, Part.AFTERNOON)
    visit = appointments.Draft("saving", "示例·萨师傅", PHONE, "", *outlet, wanted)
    number = await Appointments(keys).submit(db, visitor.id, visit, now - timedelta(days=1))
    mine = AppointmentRow.number_index == keys.index(number, "appointment.number")
    values = {"status": AppointmentStatus.CONTACTED, "changed_at": now - timedelta(hours=20)}
    await db.execute(update(AppointmentRow).where(mine).values(values))
