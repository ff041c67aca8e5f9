"""What needs a person today, counted for an operator's role and leagues."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, join, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.services import bounded
from bot.services.appointment_administration import requests as appointments
from bot.services.appointment_administration.requests import Count
from bot.services.card_administration import requests
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.content import listing as contents
from bot.services.conversations import queue as conversations
from bot.services.honours import administration as honours
from bot.services.list_imports import unfinished
from bot.services.notifications.statuses import OutboxStatus, Priority
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
LATE: Final = timedelta(minutes=10)
"""What was due this long ago should have been sent."""
LEASED: Final = (OutboxStatus.CLAIMED, OutboxStatus.SENDING)
AHEAD: Final = timedelta(days=61)
"""From then on a year's public holidays should be known."""


@value
class Today:
    """The numbers of the first page; what the operator may not see to is not counted.

    `overdue`: messages to couriers. Counting stops at `COUNTED` + 1. `last_push`: when the bank
    last sent a batch.
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
    code = OperatorNoteRow.params["code"].as_string()
    of_stations = join(OperatorNoteRow, StationRow, StationRow.code == code)
    return {
        kind: number
        for kind in STATION_NOTES
        if (
            number := await bounded.count(
                db, of_stations, *open_of(kind), visible(places, operator)
            )
        )
    }


async def _card_notes(db: AsyncSession, places: Places, operator: Operator) -> dict[NoteKind, int]:
    found = {kind: await bounded.count(db, OperatorNoteRow, *open_of(kind)) for kind in CARD_NOTES}
    if operator.leagues:  # the notes are those of all leagues
        waiting = await requests.counts(db, places, operator)
        found[NoteKind.PRE_APPLICATION] = waiting.get(PreApplicationStatus.NEW, 0)
    return {kind: number for kind, number in found.items() if number}


def open_of(kind: NoteKind) -> tuple[ColumnElement[bool], ...]:
    """The conditions for notes of a kind that nobody has dealt with."""
    return OperatorNoteRow.done_at.is_(None), OperatorNoteRow.kind == kind


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
    leased = OutboxRow.status.in_(all_in_sql((OutboxStatus.CLAIMED, OutboxStatus.SENDING)))
    stuck = await bounded.count(db, OutboxRow, leased, OutboxRow.lease_until < now - LATE)
    ready = OutboxRow.status == in_sql(OutboxStatus.READY)
    late = 0
    # Those of one channel and priority are in the order of their moments; of all together, what
    # is due in a week would be read, too, and that may be a broadcast to everybody.
    channel = await db.scalar(select(func.min(OutboxRow.channel)).where(ready))
    while channel is not None:
        for priority in Priority:
            of_both = (OutboxRow.channel == channel) & (OutboxRow.priority == priority)
            due = OutboxRow.due_at < now - LATE
            late += await bounded.count(db, OutboxRow, ready, of_both, due)
        following = select(func.min(OutboxRow.channel)).where(ready, OutboxRow.channel > channel)
        channel = await db.scalar(following)
    return stuck + late
