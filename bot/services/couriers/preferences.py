"""What a courier chose about themselves."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.couriers import CourierRow


async def set_locale(db: AsyncSession, courier_id: int, locale: str) -> None:
    """Remembers the language, for every channel of this person."""
    await db.execute(update(CourierRow).where(CourierRow.id == courier_id).values(locale=locale))
