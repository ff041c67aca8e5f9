"""Pre-applications: who wants a card, for an operator to pass on to the outlet they prefer."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers.consents import VERSION
from bot.services.couriers.firms import firm_of
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.personal_data.masking import mask_name, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardRequestRow
from bot.store.prepared import Prepared
from bot.store.upsert import upsert

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
LENGTH: Final = 6
_REQUEST: Final = cast(Table, CardRequestRow.__table__)
MINE: Final = Prepared(
    select(
        _REQUEST.c.id,
        _REQUEST.c.number,
        _REQUEST.c.name,
        _REQUEST.c.phone,
        _REQUEST.c.firm,
        _REQUEST.c.outlet,
        _REQUEST.c.status,
        _REQUEST.c.created_at,
    )
    .where(_REQUEST.c.courier_id == bindparam("of_courier"))
    .order_by(_REQUEST.c.id.desc())
)


class PreApplicationStatus(StrEnum):
    """The values are stored."""

    NEW = "new"
    PASSED = "passed"
    """An operator passed it on to the outlet."""
    CLOSED = "closed"
    """The courier has what they asked for, or wants it no more."""


@value
class Draft:
    """What a courier filled in; `outlet_id` None where the outlet was typed."""

    name: str
    phone: str
    firm: str
    outlet_id: int | None
    outlet: str


@value
class PreApplication:
    """One pre-application with masked values."""

    id: int
    number: str
    name: str
    phone: str
    firm: str
    outlet: str
    status: PreApplicationStatus
    created_at: datetime


class PreApplications:
    """Pre-applications, sealed with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    async def submit(self, db: AsyncSession, courier_id: int, draft: Draft, now: datetime) -> str:
        """Stores it and leaves a note to operators; returns its number, such as `YQ-7K3M9P`."""
        keys = self._keys
        new_id = None
        while new_id is None:  # a number in use is drawn again
            number = "YQ-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            index = keys.index(number, "card_request.number")
            row = upsert(db, CardRequestRow).values(
                number_index=index,
                number=keys.seal(number, "card_request.number"),
                courier_id=courier_id,
                name=keys.seal(draft.name, "card_request.name"),
                phone=keys.seal(draft.phone, "card_request.phone"),
                firm_code=firm_of(draft.firm),
                firm=keys.seal(draft.firm, "card_request.firm"),
                outlet_id=draft.outlet_id,
                outlet=keys.seal(draft.outlet, "card_request.outlet"),
                consent=VERSION,
                status=PreApplicationStatus.NEW,
                created_at=now,
            )
            fresh = row.on_conflict_do_nothing().returning(CardRequestRow.id)
            new_id = (await db.execute(fresh)).scalar_one_or_none()
        await notes.write(
            db, keys, NoteKind.PRE_APPLICATION, note_key(index), {"request": new_id}, now
        )
        return number

    async def mine(self, db: AsyncSession, courier_id: int) -> list[PreApplication]:
        """The courier's own, the latest first."""
        rows = await MINE.rows(db, {"of_courier": courier_id})
        return [self._opened(*row) for row in rows]

    async def withdraw(self, db: AsyncSession, courier_id: int, request_id: int) -> bool:
        """Deletes one; False if the courier has none of this id."""
        gone = delete(CardRequestRow).where(
            CardRequestRow.courier_id == courier_id, CardRequestRow.id == request_id
        )
        index = (await db.execute(gone.returning(CardRequestRow.number_index))).scalar_one_or_none()
        if index is not None:
            await _forget_notes(db, [index])
        return index is not None

    def _opened(
        self,
        id_: int,
        number: bytes,
        name: bytes,
        phone: bytes,
        firm: bytes,
        outlet: bytes,
        status: str,
        created_at: datetime,
    ) -> PreApplication:
        keys = self._keys
        return PreApplication(
            id=id_,
            number=keys.open(number, "card_request.number"),
            name=mask_name(keys.open(name, "card_request.name")),
            phone=mask_phone(keys.open(phone, "card_request.phone")),
            firm=keys.open(firm, "card_request.firm"),
            outlet=keys.open(outlet, "card_request.outlet"),
            status=PreApplicationStatus(status),
            created_at=created_at,
        )


async def withdraw_all(db: AsyncSession, courier_id: int) -> None:
    """Withdraws all of a courier's, with the notes to operators about them."""
    gone = delete(CardRequestRow).where(CardRequestRow.courier_id == courier_id)
    done = await db.scalars(gone.returning(CardRequestRow.number_index))
    await _forget_notes(db, list(done))


async def with_phone(db: AsyncSession, keys: Keyring, phone: str) -> list[int]:
    """The ids of those with this phone. Opens each of them, for their phones have no index."""
    rows = await db.execute(
        select(CardRequestRow.id, CardRequestRow.phone).order_by(CardRequestRow.id)
    )
    return [row.id for row in rows if keys.open(row.phone, "card_request.phone") == phone]


async def delete_all(db: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these, with the notes to operators about them."""
    gone = delete(CardRequestRow).where(CardRequestRow.id.in_(ids))
    done = await db.scalars(gone.returning(CardRequestRow.number_index))
    await _forget_notes(db, list(done))


async def _forget_notes(db: AsyncSession, indexes: Sequence[bytes]) -> None:
    about = OperatorNoteRow.dedupe_key.in_([note_key(index) for index in indexes])
    await db.execute(delete(OperatorNoteRow).where(about))


def note_key(index: bytes) -> str:
    """The key of the operator note about one, from its number's index."""
    return f"{NoteKind.PRE_APPLICATION}:{index.hex()}"
