"""Erases a phone number wherever it is kept, for people who cannot ask from a chat of their own.

A phone that somebody typed is not proved to be theirs, so in the chat a courier erases their own
rows only. An operator who has identified the owner erases the rest: the phone and name in profiles,
members that leaders named, pre-applications and appointments. In the chats of the couriers of such
rows the half-filled form and the stored answers go, too, for they may repeat both. Other data of
those couriers stay, for whoever claimed the phone may be somebody else. What the bank reported
stays with the bank's applications.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.appointments import requests as appointments
from bot.services.cards import pre_applications
from bot.services.couriers.profiles import Profiles
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.services.trainings import named_members
from bot.services.trainings.seating import Seating
from bot.store.encryption import Keyring
from bot.store.models.appointments import AppointmentRow
from bot.store.models.cards import CardApplicationRow, CardRequestRow
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.profiles import ProfileRow

BATCH: Final = 1000
PURPOSE: Final = "phone"


@value
class PhoneRows:
    """Ids of the rows that hold a phone: by courier in `profiles`.

    `chats`: those of the couriers who claim the phone, where it may have been typed or shown.
    `applications` are the bank's, and are not erased.
    """

    profiles: tuple[int, ...]
    members: tuple[int, ...]
    requests: tuple[int, ...]
    chats: tuple[int, ...] = ()
    applications: tuple[int, ...] = ()
    appointments: tuple[int, ...] = ()

    @property
    def erasable(self) -> int:
        """How many rows would be erased, what chats hold left out."""
        return len(self.profiles) + len(self.members) + len(self.requests) + len(self.appointments)


async def find(db: AsyncSession, keys: Keyring, phone: str) -> PhoneRows:
    """Where a phone is kept; `phone` is normalised by `personal_data.validation`.

    Opens the phone of each pre-application and application, for they have no index.
    """
    profiles = await Profiles(keys).with_phone(db, phone)
    requests = await pre_applications.with_phone(db, keys, phone)
    asked = await appointments.with_phone(db, keys, phone)
    return PhoneRows(
        tuple(profiles),
        tuple(await named_members.named(db, keys, phone)),
        tuple(requests),
        tuple(await _chats(db, profiles, requests, asked)),
        tuple(await _applications(db, keys, phone)),
        tuple(asked),
    )


async def erase_phone(
    db: AsyncSession, keys: Keyring, seating: Seating, phone: str, actor: str, now: datetime
) -> PhoneRows:
    """Erases what `find` finds now, and enters each row in the access log."""
    profiles = await Profiles(keys).with_phone(db, phone)
    requests = await pre_applications.with_phone(db, keys, phone)
    asked = await appointments.with_phone(db, keys, phone)
    # Chats before trainings, in the order in which a turn locks them.
    chats = await _chats(db, profiles, requests, asked)
    await _clear(db, chats)
    members = await named_members.delete_named(db, keys, seating, phone, now)
    blank = {"name": None, "phone": None, "phone_index": None, "updated_at": now}
    await db.execute(update(ProfileRow).where(ProfileRow.courier_id.in_(profiles)).values(blank))
    await pre_applications.delete_all(db, requests)
    await appointments.delete_all(db, asked)
    erased = [
        *(("profile.phone", one) for one in profiles),
        *(("team_member.phone", one) for one in members),
        *(("card_request.phone", one) for one in requests),
        *(("appointment.phone", one) for one in asked),
        *(("chat.state", one) for one in chats),
    ]
    await access_log.record(db, keys, actor, AccessAction.ERASE, erased, PURPOSE, now)
    return PhoneRows(
        tuple(profiles), tuple(members), tuple(requests), tuple(chats), appointments=tuple(asked)
    )


async def _chats(
    db: AsyncSession,
    profiles: Sequence[int],
    requests: Sequence[int],
    asked: Sequence[int],
) -> list[int]:
    """All chats of the couriers of these profiles, pre-applications and appointments."""
    senders = select(CardRequestRow.courier_id).where(CardRequestRow.id.in_(requests))
    asking = select(AppointmentRow.courier_id).where(AppointmentRow.id.in_(asked))
    theirs = (
        ChatRow.courier_id.in_(profiles)
        | ChatRow.courier_id.in_(senders)
        | ChatRow.courier_id.in_(asking)
    )
    return list(await db.scalars(select(ChatRow.id).where(theirs).order_by(ChatRow.id)))


async def _clear(db: AsyncSession, chats: Sequence[int]) -> None:
    """Forgets what these chats wait for and what they were answered.

    The inbox keys stay: a message that comes again is not taken for a new one, and gets no answer.
    Without an answered turn an open page empties itself, too.
    """
    for chat_id in chats:
        blank = {"state": None, "awaits": False, "pushed": None, "pushed_at": None, "turns": 0}
        await db.execute(update(ChatRow).where(ChatRow.id == chat_id).values(blank))
    answered = update(InboxRow).where(InboxRow.chat_id.in_(chats))
    await db.execute(answered.values(answer=None))


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
