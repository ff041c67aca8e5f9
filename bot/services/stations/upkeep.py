"""Stations whose data want looking after: not verified for long, or without opening hours."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.stations.statuses import StationStatus
from bot.store.models.stations import StationRow

LIMITS: Final = (30, 60, 90)
"""Days since a station was verified."""


@value
class Neglected:
    """A station that wants looking after. `days` since it was verified, None: it never was.

    `hours` and `verified_at` as in a list, "": unknown.
    """

    code: str
    name: str
    owner: str
    banner: str
    phone: str
    hours: str
    verified_at: str
    days: int | None


@value
class OwnerCount:
    """How many stations of an owner were not verified for at least each of `LIMITS` days.

    `never`: never verified at all; they are not counted in `over`.
    """

    owner: str
    over: tuple[int, ...]
    never: int


async def stale(db: AsyncSession, today: date) -> list[Neglected]:
    """Stations that were not verified for the least of `LIMITS`, by owner, the longest first."""
    found = await _find(db, today, StationRow.status.in_(_SERVED))
    old = [one for one in found if one.days is None or one.days >= LIMITS[0]]
    return sorted(old, key=lambda one: (one.owner, -_days(one), one.code))


async def missing_hours(db: AsyncSession, today: date) -> list[Neglected]:
    """Stations whose opening hours nobody knows, by owner."""
    unknown = StationRow.status.in_(_SERVED) & StationRow.hours.is_(None)
    found = await _find(db, today, unknown)
    return sorted(found, key=lambda one: (one.owner, one.code))


def by_owner(stations: Iterable[Neglected]) -> list[OwnerCount]:
    """The stale stations counted, the owner with most of them first."""
    owners: dict[str, list[Neglected]] = {}
    for one in stations:
        owners.setdefault(one.owner, []).append(one)
    counted = [
        OwnerCount(
            owner,
            tuple(sum(one.days is not None and one.days >= most for one in of) for most in LIMITS),
            sum(one.days is None for one in of),
        )
        for owner, of in owners.items()
    ]
    return sorted(counted, key=lambda one: (-one.over[0] - one.never, one.owner))


_SERVED: Final = (StationStatus.OPEN, StationStatus.PAUSED)


def _days(one: Neglected) -> int:
    return 1 << 30 if one.days is None else one.days


async def _find(db: AsyncSession, today: date, which: ColumnElement[bool]) -> list[Neglected]:
    rows = await db.execute(
        select(
            StationRow.code,
            StationRow.name,
            StationRow.owner,
            StationRow.banner,
            StationRow.phone,
            StationRow.hours,
            StationRow.verified_at,
        ).where(which, StationRow.is_demo.is_(False))
    )
    return [
        Neglected(
            one.code,
            one.name,
            one.owner,
            one.banner,
            one.phone,
            one.hours or "",
            "" if one.verified_at is None else one.verified_at.isoformat(),
            None if one.verified_at is None else (today - one.verified_at).days,
        )
        for one in rows
    ]
