"""What needs a person today, counted for an operator's role and leagues."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.clock import CHINA
from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.services.appointment_administration import requests as appointments
from bot.services.appointment_administration.requests import Count
from bot.services.card_administration import requests
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.content import listing as contents
from bot.services.conversations import queue as conversations
from bot.services.honours import administration as honours
from bot.services.list_imports import unfinished
from bot.services.notifications.statuses import OutboxStatus
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration import listing, merges
from bot.services.stations.administration.leagues import visible
from bot.services.stations.administration.listing import Check, Query
from bot.services.trainings.operating import listing as trainings
from bot.services.trainings.operating.listing import Soon
from bot.store.literals import all_in_sql, in_sql
from bot.store.models.administration.card_lists import BankPushRow
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import HolidayRow, StationRow

STATION_NOTES: Final = (NoteKind.STATION_PROBLEM, NoteKind.STATION_CHECK)
CARD_NOTES: Final = (
    NoteKind.CARD_LABEL,
    NoteKind.PRE_APPLICATION,
    NoteKind.BANK_PUSH,
    NoteKind.CARD_LOCKED,
)
CHECKS: Final = (Check.BROKEN, Check.UNVERIFIED, Check.NO_HOURS)
"""Duplicates are counted as pairs."""
PIECE: Final = 500
"""Codes of one statement."""
LATE: Final = timedelta(minutes=10)
"""What was due this long ago should have been sent."""
LEASED: Final = (OutboxStatus.CLAIMED, OutboxStatus.SENDING)
AHEAD: Final = timedelta(days=61)
"""From then on a year's public holidays should be known."""


@dataclass(frozen=True, slots=True)
class Today:
    """The numbers of the first page; what the operator may not see to is not counted.

    `overdue`: messages to couriers. `checks` stop counting at `listing.COUNTED` + 1.
    `last_push`: when the bank last sent a batch.
    """

    notes: Mapping[NoteKind, int]
    checks: Mapping[Check, int]
    missing_years: tuple[int, ...]
    last_push: datetime | None
    overdue: int
    people: int
    """Couriers who wait for a person."""
    call_backs: Count
    call_backs_overdue: Count
    content_overdue: int
    """Pieces of content that are served past their review date."""
    nominations: Mapping[str, int]
    """New ones by the code of their campaign."""
    trainings: Soon
    imports_failed: int
    imports_open: int
    """Lists that were uploaded and are not written yet."""
    duplicates: int
    """Pairs of stations that may be one; counted to `merges.COUNTED` + 1."""


async def today(
    db: AsyncSession, places: Places, bundled: Holidays, operator: Operator, now: datetime
) -> Today:
    """Counts everything. Reads only."""
    day = now.astimezone(CHINA).date()
    of_stations = operator.may(Right.STATIONS)
    notes = await _station_notes(db, places, operator) if of_stations else {}
    if operator.may(Right.CARDS):
        notes |= await _card_notes(db, places, operator)
    return Today(
        notes,
        {one: await listing.count(db, places, operator, Query(check=one), day) for one in CHECKS}
        if of_stations
        else {},
        await _missing_years(db, bundled, day) if of_stations else (),
        await db.scalar(select(func.max(BankPushRow.at))) if operator.may(Right.CARDS) else None,
        await _overdue(db, now) if operator.may(Right.ACCOUNTS) else 0,
        await conversations.waiting(db, operator),
        *await appointments.waiting(db, places, operator, now),
        await contents.overdue(db, operator, now),
        await honours.new_nominations(db, operator),
        await trainings.soon(db, operator, now),
        *await unfinished.unfinished(db, operator, now),
        await merges.count(db, places, operator) if of_stations else 0,
    )


async def _station_notes(
    db: AsyncSession, places: Places, operator: Operator
) -> dict[NoteKind, int]:
    """Open reports of stations of the operator's leagues."""
    rows = select(OperatorNoteRow.kind, OperatorNoteRow.params).where(
        OperatorNoteRow.done_at.is_(None), OperatorNoteRow.kind.in_(STATION_NOTES)
    )
    waiting = [(NoteKind(kind), str(params["code"])) for kind, params in await db.execute(rows)]
    theirs: set[str] = set()
    for codes in pieces(sorted({code for _, code in waiting}), PIECE):
        known = select(StationRow.code).where(StationRow.code.in_(codes))
        theirs |= set(await db.scalars(known.where(visible(places, operator))))
    return dict(Counter(kind for kind, code in waiting if code in theirs))


async def _card_notes(db: AsyncSession, places: Places, operator: Operator) -> dict[NoteKind, int]:
    rows = (
        select(OperatorNoteRow.kind, func.count())
        .where(OperatorNoteRow.done_at.is_(None), OperatorNoteRow.kind.in_(CARD_NOTES))
        .group_by(OperatorNoteRow.kind)
    )
    found = {NoteKind(kind): number for kind, number in await db.execute(rows)}
    if operator.leagues:  # the notes are those of all leagues
        waiting = await requests.counts(db, places, operator)
        found[NoteKind.PRE_APPLICATION] = waiting.get(PreApplicationStatus.NEW, 0)
    return found


async def _missing_years(db: AsyncSession, bundled: Holidays, day: date) -> tuple[int, ...]:
    years = sorted({day.year, (day + AHEAD).year})
    first = [date(year, 10, 1) for year in years]  # of every year's list
    known = set(await db.scalars(select(HolidayRow.day).where(HolidayRow.day.in_(first))))
    return tuple(
        year
        for year, october in zip(years, first, strict=True)
        if october not in known and not bundled.knows(year)
    )


async def _overdue(db: AsyncSession, now: datetime) -> int:
    """Notices that nobody sent although they are due, or whose lease has long run out."""
    late = now - LATE
    ready = (OutboxRow.status == in_sql(OutboxStatus.READY)) & (OutboxRow.due_at < late)
    leased = OutboxRow.status.in_(all_in_sql(LEASED))
    stuck = leased & (OutboxRow.lease_until < late)
    total = 0
    for kind in (ready, stuck):  # each along its own index
        counted = select(func.count()).select_from(OutboxRow).where(kind)
        total += await db.scalar(counted) or 0
    return total
