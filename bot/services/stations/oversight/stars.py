"""Stars suggested by rules; an operator gives them.

A star fewer for each of `StarReason` but `DOES_WELL`. From one star nothing is left to take: then
it is suggested that the sign comes down. A star more for who does well. A station without stars
gets no suggestion, for the rules say nothing about the first ones.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.common.values import value
from bot.services.operators.notes import NoteKind
from bot.services.stations.reports import StationProblem
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.stations import FacilityRow, StationRow

MOST: Final = 5
BASIC: Final = frozenset(code for code, one in FACILITIES.items() if one.tier == "基本")
LOCKED_DAYS: Final = 2
"""So many days with a report of a locked door, out of `LOCKED_WITHIN`, are no accident."""
LOCKED_WITHIN: Final = timedelta(days=30)
ANSWERED_WITHIN: Final = timedelta(days=7)
STALE: Final = timedelta(days=90)
FRESH: Final = timedelta(days=30)
QUIET: Final = timedelta(days=90)
"""Who does well had no complaint for so long."""


class StarReason(StrEnum):
    """Why a station should have other stars than it has."""

    LOCKED = "locked"
    """Couriers found it locked, or were not let in, on several days."""
    BROKEN = "broken"
    """Equipment is out of order."""
    EMPTY = "empty"
    """Supplies have run out."""
    COMPLAINT = "complaint"
    """A report has waited for over a week."""
    STALE = "stale"
    """Nobody has verified it for 90 days."""
    DOES_WELL = "does_well"
    """All basic facilities work, it was verified this month, and nobody complained for 90 days."""


@value
class StarSuggestion:
    """Other stars for a station. `suggested` 0: from one star, whether the sign comes down."""

    code: str
    name: str
    owner: str
    star: int
    suggested: int
    reasons: tuple[StarReason, ...]


@dataclass(slots=True)
class _Complaints:
    """The reports about a station: days on which it was locked, and the oldest that waits."""

    locked: set[date] = field(default_factory=set)
    latest: datetime | None = None
    waits_since: datetime | None = None


async def suggestions(db: AsyncSession, now: datetime) -> list[StarSuggestion]:
    """The stations whose stars do not fit, the largest difference first."""
    states: defaultdict[int, dict[str, FacilityStatus]] = defaultdict(dict)
    for one in await db.execute(
        select(FacilityRow.station_id, FacilityRow.code, FacilityRow.state)
    ):
        states[one.station_id][one.code] = FacilityStatus(one.state)
    complaints = await _complaints(db, now)
    rated = select(
        StationRow.id,
        StationRow.code,
        StationRow.name,
        StationRow.owner,
        StationRow.star,
        StationRow.verified_at,
    ).where(
        StationRow.star.is_not(None),
        StationRow.status == StationStatus.OPEN,
        StationRow.is_demo.is_(False),
    )
    today = now.astimezone(CHINA).date()
    found = []
    for row in await db.execute(rated):
        of = complaints.get(row.code, _Complaints())
        reasons = tuple(_reasons(states[row.id], of, row.verified_at, today, now))
        suggested = suggested_star(row.star, reasons)
        if suggested != row.star:
            found.append(
                StarSuggestion(row.code, row.name, row.owner, row.star, suggested, reasons)
            )
    return sorted(found, key=lambda one: (one.suggested - one.star, one.owner, one.code))


def suggested_star(star: int, reasons: Sequence[StarReason]) -> int:
    """The stars that the rules suggest; 0: none."""
    if StarReason.DOES_WELL in reasons:
        return min(MOST, star + 1)
    least = 0 if star == 1 else 1
    return max(least, star - len(reasons))


def _reasons(
    states: dict[str, FacilityStatus],
    complaints: _Complaints,
    verified_at: date | None,
    today: date,
    now: datetime,
) -> Iterator[StarReason]:
    wrong = []
    if len(complaints.locked) >= LOCKED_DAYS:
        wrong.append(StarReason.LOCKED)
    if FacilityStatus.BROKEN in states.values():
        wrong.append(StarReason.BROKEN)
    if FacilityStatus.EMPTY in states.values():
        wrong.append(StarReason.EMPTY)
    if complaints.waits_since is not None and complaints.waits_since < now - ANSWERED_WITHIN:
        wrong.append(StarReason.COMPLAINT)
    if verified_at is None or today - verified_at >= STALE:
        wrong.append(StarReason.STALE)
    yield from wrong
    works = {code for code, state in states.items() if state is FacilityStatus.OK}
    is_fresh = verified_at is not None and today - verified_at <= FRESH
    if not wrong and complaints.latest is None and is_fresh and works >= BASIC:
        yield StarReason.DOES_WELL


async def _complaints(db: AsyncSession, now: datetime) -> dict[str, _Complaints]:
    """By code, the reports of the last `QUIET`, and all that wait."""
    recent = OperatorNoteRow.at > now - QUIET
    rows = select(OperatorNoteRow.params, OperatorNoteRow.at, OperatorNoteRow.done_at).where(
        OperatorNoteRow.kind == NoteKind.STATION_PROBLEM,
        recent | OperatorNoteRow.done_at.is_(None),
    )
    found: defaultdict[str, _Complaints] = defaultdict(_Complaints)
    for params, at, done_at in await db.execute(rows):
        of = found[str(params.get("code"))]
        of.latest = at if of.latest is None else max(of.latest, at)
        if done_at is None:
            of.waits_since = at if of.waits_since is None else min(of.waits_since, at)
        if params.get("problem") in _LOCKED and at > now - LOCKED_WITHIN:
            of.locked.add(at.astimezone(CHINA).date())
    return found


_LOCKED: Final = frozenset({StationProblem.CLOSED, StationProblem.REFUSED})
