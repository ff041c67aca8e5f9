"""Name and phone of a courier, given once for all trainings: sealed, with consent on record."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers import consents
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.profiles import ProfileRow
from bot.store.upsert import upsert

NAME, PHONE = "profile.name", "profile.phone"
PHONE_INDEX = "phone"


@value
class Profile:
    """What a courier gave of themselves; `name` and `phone` are empty until then."""

    name: str
    phone: str
    firm: str
    league: str

    @property
    def masked(self) -> str:
        """`王*，138****5678`: enough to recognise oneself by."""
        return f"{mask_name(self.name)} {mask_phone(self.phone)}"


@value
class Profiles:
    """The profiles, under these keys."""

    keys: Keyring

    async def read(self, db: AsyncSession, courier_id: int) -> Profile:
        """The profile; without one, an empty one."""
        row = await _row(db, courier_id)
        if row is None:
            return Profile("", "", "", "")
        name = self.keys.open(row.name, NAME) if row.name else ""
        phone = self.keys.open(row.phone, PHONE) if row.phone else ""
        return Profile(name, phone, row.firm, row.league)

    async def remember(
        self, db: AsyncSession, courier_id: int, name: str, phone: str, now: datetime, channel: str
    ) -> None:
        """Stores name and phone, and the consent to that."""
        await self._write(
            db,
            courier_id,
            now,
            name=self.keys.seal(name, NAME),
            phone=self.keys.seal(phone, PHONE),
            phone_index=self.keys.index(phone, PHONE_INDEX),
        )
        await consents.record(db, courier_id, consents.Purpose.TRAINING, channel, now, yes=True)

    async def remember_name(
        self, db: AsyncSession, courier_id: int, name: str, now: datetime, channel: str
    ) -> None:
        """Stores the name alone, and the consent to that."""
        await self._write(db, courier_id, now, name=self.keys.seal(name, NAME))
        await consents.record(db, courier_id, consents.Purpose.TRAINING, channel, now, yes=True)

    async def belong(
        self,
        db: AsyncSession,
        courier_id: int,
        now: datetime,
        *,
        firm: str | None = None,
        league: str | None = None,
    ) -> None:
        """Stores the firm that a courier works for, or the league they work in."""
        values = {"firm": firm, "league": league}
        await self._write(db, courier_id, now, **{k: v for k, v in values.items() if v is not None})

    async def with_phone(self, db: AsyncSession, phone: str) -> list[int]:
        """The couriers who gave this phone as theirs."""
        found = select(ProfileRow.courier_id).where(
            ProfileRow.phone_index.in_(self.keys.indexes(phone, PHONE_INDEX))
        )
        return list(await db.scalars(found.order_by(ProfileRow.courier_id)))

    async def _write(
        self, db: AsyncSession, courier_id: int, now: datetime, **values: str | bytes
    ) -> None:
        fresh = {"firm": "", "league": "", **values}
        row = upsert(db, ProfileRow).values(courier_id=courier_id, updated_at=now, **fresh)
        await db.execute(
            row.on_conflict_do_update(
                index_elements=[ProfileRow.courier_id], set_={"updated_at": now, **values}
            )
        )


async def _row(db: AsyncSession, courier_id: int) -> ProfileRow | None:
    found = select(ProfileRow).where(ProfileRow.courier_id == courier_id)
    return (await db.scalars(found.execution_options(populate_existing=True))).one_or_none()
