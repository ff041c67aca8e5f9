"""What couriers and firms do with appointments: ask for one, see their own, cancel."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.appointments import wishes
from bot.services.appointments.statuses import OPEN, AppointmentStatus
from bot.services.appointments.wishes import Wish
from bot.services.couriers.consents import VERSION
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.appointments import AppointmentRow
from bot.store.upsert import upsert

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
LENGTH: Final = 6
MOST_OPEN: Final = 3
"""Open appointments that one courier may have."""


class TooManyOpen(Exception):
    """The courier has as many open appointments as they may have."""


@value
class Draft:
    """What was filled in; `firm` is empty but for financing, `outlet_id` None where typed."""

    topic: str
    name: str
    phone: str
    firm: str
    outlet_id: int | None
    outlet: str
    wanted: Wish


@value
class Appointment:
    """One appointment with masked values."""

    id: int
    number: str
    topic: str
    name: str
    phone: str
    outlet: str
    outlet_id: int | None
    wanted: Wish
    status: AppointmentStatus
    created_at: datetime


class Appointments:
    """Appointments, sealed with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    async def submit(self, db: AsyncSession, courier_id: int, draft: Draft, now: datetime) -> str:
        """Stores it and leaves a note to operators; returns its number, such as `YY-7K3M9P`.

        Raises `TooManyOpen`.
        """
        mine = await self.mine(db, courier_id)
        if sum(one.status in OPEN for one in mine) >= MOST_OPEN:
            raise TooManyOpen
        keys = self._keys
        new_id = None
        while new_id is None:  # a number in use is drawn again
            number = "YY-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            index = keys.index(number, "appointment.number")
            row = upsert(db, AppointmentRow).values(
                number_index=index,
                number=keys.seal(number, "appointment.number"),
                courier_id=courier_id,
                topic=draft.topic,
                name=keys.seal(draft.name, "appointment.name"),
                phone=keys.seal(draft.phone, "appointment.phone"),
                firm=keys.seal(draft.firm, "appointment.firm"),
                outlet_id=draft.outlet_id,
                outlet=keys.seal(draft.outlet, "appointment.outlet"),
                wanted=keys.seal(wishes.written(draft.wanted), "appointment.wanted"),
                consent=VERSION,
                status=AppointmentStatus.NEW,
                created_at=now,
                changed_at=now,
            )
            fresh = row.on_conflict_do_nothing().returning(AppointmentRow.id)
            new_id = (await db.execute(fresh)).scalar_one_or_none()
        params: dict[str, notes.Plain] = {"appointment": new_id, "topic": draft.topic}
        await notes.write(db, keys, NoteKind.APPOINTMENT, _note(new_id), params, now)
        return number

    async def mine(self, db: AsyncSession, courier_id: int) -> list[Appointment]:
        """The courier's own, the latest first."""
        own = select(AppointmentRow).where(AppointmentRow.courier_id == courier_id)
        rows = await db.scalars(own.order_by(AppointmentRow.id.desc()))
        return [self._opened(row) for row in rows]

    async def one(self, db: AsyncSession, courier_id: int, number: int) -> Appointment | None:
        """One of the courier's own by its id."""
        return next((one for one in await self.mine(db, courier_id) if one.id == number), None)

    async def cancel(self, db: AsyncSession, courier_id: int, number: int) -> bool:
        """Deletes one; False if the courier has none of this id."""
        gone = delete(AppointmentRow).where(
            AppointmentRow.courier_id == courier_id, AppointmentRow.id == number
        )
        ids = list(await db.scalars(gone.returning(AppointmentRow.id)))
        await _forget_notes(db, ids)
        return bool(ids)

    def _opened(self, row: AppointmentRow) -> Appointment:
        keys = self._keys
        return Appointment(
            id=row.id,
            number=keys.open(row.number, "appointment.number"),
            topic=row.topic,
            name=mask_name(keys.open(row.name, "appointment.name")),
            phone=mask_phone(keys.open(row.phone, "appointment.phone")),
            outlet=keys.open(row.outlet, "appointment.outlet"),
            outlet_id=row.outlet_id,
            wanted=wishes.read(keys.open(row.wanted, "appointment.wanted")),
            status=AppointmentStatus(row.status),
            created_at=row.created_at,
        )


async def cancel_all(db: AsyncSession, courier_id: int) -> None:
    """Deletes all of a courier's, with the notes to operators about them."""
    gone = delete(AppointmentRow).where(AppointmentRow.courier_id == courier_id)
    await _forget_notes(db, list(await db.scalars(gone.returning(AppointmentRow.id))))


async def with_phone(db: AsyncSession, keys: Keyring, phone: str) -> list[int]:
    """The ids of those with this phone. Opens each of them, for their phones have no index."""
    rows = await db.execute(
        select(AppointmentRow.id, AppointmentRow.phone).order_by(AppointmentRow.id)
    )
    return [row.id for row in rows if keys.open(row.phone, "appointment.phone") == phone]


async def delete_all(db: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these, with the notes to operators about them."""
    await db.execute(delete(AppointmentRow).where(AppointmentRow.id.in_(ids)))
    await _forget_notes(db, ids)


async def _forget_notes(db: AsyncSession, ids: Sequence[int]) -> None:
    about = OperatorNoteRow.dedupe_key.in_([_note(one) for one in ids])
    await db.execute(delete(OperatorNoteRow).where(about))


def _note(number: int) -> str:
    return f"{NoteKind.APPOINTMENT}:{number}"
