"""Erases a phone number wherever it is kept, for people who cannot ask from a chat of their own.

A phone that somebody typed is not proved to be theirs, so in the chat a courier erases their own
rows only. An operator who has identified the owner erases the rest: the phone and name in profiles,
members that leaders named, and pre-applications. Other data of those couriers stay, for whoever
claimed the phone may be somebody else. What the bank reported stays with the bank's applications.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards import pre_applications
from bot.services.couriers.profiles import Profiles
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.services.trainings import named_members
from bot.services.trainings.seating import Seating
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow
from bot.store.models.profiles import ProfileRow

BATCH: Final = 1000
PURPOSE: Final = "phone"


@dataclass(frozen=True, slots=True)
class PhoneRows:
    """Ids of the rows that hold a phone: by courier in `profiles`.

    `applications` are the bank's, and are not erased.
    """

    profiles: tuple[int, ...]
    members: tuple[int, ...]
    requests: tuple[int, ...]
    applications: tuple[int, ...] = ()

    @property
    def erasable(self) -> int:
        """How many rows would be erased."""
        return len(self.profiles) + len(self.members) + len(self.requests)


async def find(db: AsyncSession, keys: Keyring, phone: str) -> PhoneRows:
    """Where a phone is kept; `phone` is normalised by `personal_data.validation`.

    Opens the phone of each pre-application and application, for they have no index.
    """
    return PhoneRows(
        tuple(await Profiles(keys).with_phone(db, phone)),
        tuple(await named_members.named(db, keys, phone)),
        tuple(await pre_applications.with_phone(db, keys, phone)),
        tuple(await _applications(db, keys, phone)),
    )


async def erase_phone(
    db: AsyncSession, keys: Keyring, seating: Seating, phone: str, actor: str, now: datetime
) -> PhoneRows:
    """Erases what `find` finds now, and enters each row in the access log."""
    members = await named_members.delete_named(db, keys, seating, phone, now)
    profiles = await Profiles(keys).with_phone(db, phone)
    blank = {"name": None, "phone": None, "phone_index": None, "updated_at": now}
    await db.execute(update(ProfileRow).where(ProfileRow.courier_id.in_(profiles)).values(blank))
    requests = await pre_applications.with_phone(db, keys, phone)
    await pre_applications.delete_all(db, requests)
    erased = [
        *(("profile.phone", one) for one in profiles),
        *(("team_member.phone", one) for one in members),
        *(("card_request.phone", one) for one in requests),
    ]
    await access_log.record(db, keys, actor, AccessAction.ERASE, erased, PURPOSE, now)
    return PhoneRows(tuple(profiles), tuple(members), tuple(requests))


async def _applications(db: AsyncSession, keys: Keyring, phone: str) -> list[int]:
    row, place = CardApplicationRow, "card_application.phone"
    known: list[int] = []
    last = 0
    while True:
        found = select(row.id, row.phone).where(row.id > last, row.phone.is_not(None))
        rows = (await db.execute(found.order_by(row.id).limit(BATCH))).all()
        if not rows:
            return known
        known += [one.id for one in rows if keys.open(one.phone, place) == phone]
        last = rows[-1].id
