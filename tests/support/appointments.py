"""Appointments with outlets that are stored as if couriers had asked for them."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.appointments.requests import Appointments, Draft
from bot.services.appointments.wishes import CallWish, Part
from tests.support.cards import KEYS, PHONE

DRAFT: Final = Draft("loan", "王强", PHONE, "", None, "新城支行", CallWish(Part.MORNING))


async def ask(db: AsyncSession, courier_id: int, now: datetime, draft: Draft = DRAFT) -> str:
    """The number of a new appointment."""
    return await Appointments(KEYS).submit(db, courier_id, draft, now)
