"""Preferences of a courier."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.couriers import CourierRow


async def set_locale(db: AsyncSession, courier_id: int, locale: str) -> None:
    """Stores the language, for all chats of this courier."""
    await db.execute(update(CourierRow).where(CourierRow.id == courier_id).values(locale=locale))
