"""When a courier may be written to first: not at night, not while the lunch and dinner rush rolls.

The code that plans a notice and the code that sends it both use `next_allowed_time`: after an
outage a notice planned for the evening may come up at two in the morning. Minutes count from
midnight in China's time zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.store.models.notifications import QuietRow
from bot.store.upsert import upsert

DAY = 24 * 60
NIGHT = (21 * 60 + 30, 7 * 60 + 30)
PEAKS = ((11 * 60, 13 * 60), (17 * 60, 19 * 60 + 30))
Hours = tuple[int, int]
"""From and to, in minutes after midnight: from counts, to does not; may run over midnight."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which nothing is pushed."""

    hours: tuple[Hours, ...]

    def covers(self, moment: datetime) -> bool:
        """Whether it is quiet then."""
        return next(self._around(moment), None) is not None

    def _around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The begin and end of each quiet time that holds the moment."""
        local = moment.astimezone(CHINA)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for begins, ends in self.hours:
            length = timedelta(minutes=(ends - begins) % DAY)
            for day in (-1, 0):
                start = midnight + timedelta(days=day, minutes=begins)
                if start <= local < start + length:
                    yield start, start + length

    def next_gap(self, moment: datetime) -> datetime | None:
        """The first moment from then on that is not quiet; None when the whole day is."""
        at = moment
        while at - moment < timedelta(days=1):
            ends = [end for _, end in self._around(at)]
            if not ends:
                return at
            at = max(ends)
        return None

    def last_gap(self, moment: datetime) -> datetime | None:
        """The last minute up to then that is not quiet; None when the whole day is."""
        at = moment
        while moment - at < timedelta(days=1, minutes=1):
            begins = [begin for begin, _ in self._around(at)]
            if not begins:
                return at
            at = min(begins) - timedelta(minutes=1)
        return None


USUAL = Quiet((NIGHT, *PEAKS))
"""For everybody; a courier's own hours come on top."""


def joined(hours: Iterable[Hours]) -> list[Hours]:
    """The same hours without overlaps, by their begins; what runs over midnight comes last."""
    quiet = bytearray(DAY)
    for begins, ends in hours:
        for minute in range(begins, begins + ((ends - begins) % DAY or DAY)):
            quiet[minute % DAY] = 1
    if all(quiet):
        return [(0, 0)]
    begun = [at for at in range(DAY) if quiet[at] and not quiet[at - 1]]
    return [(at, next(end for end in _round(at) if not quiet[end])) for at in begun]


def _round(at: int) -> Iterator[int]:
    yield from range(at, DAY)
    yield from range(at)


def left_over(hours: Iterable[Hours]) -> int:
    """The minutes of a day that are not quiet."""
    return DAY - sum((ends - begins) % DAY or DAY for begins, ends in joined(hours))


def next_allowed_time(
    due_at: datetime, not_after: datetime, quiet: Quiet = USUAL
) -> datetime | None:
    """The first allowed moment from `due_at` on; if that is after `not_after`, the last one before.

    Earlier is better than never, so the answer may lie in the past. None: no moment of the day is
    allowed.
    """
    later = quiet.next_gap(due_at)
    if later is not None and later <= not_after:
        return later
    return quiet.last_gap(min(due_at, not_after))


def quiet_with(own: Hours | None) -> Quiet:
    """What is quiet for a courier with these hours of their own."""
    return USUAL if own is None else Quiet((*USUAL.hours, own))


async def own_hours(db: AsyncSession, courier_id: int) -> Hours | None:
    """The quiet hours that a courier has set."""
    found = select(QuietRow.begins, QuietRow.ends).where(QuietRow.courier_id == courier_id)
    row = (await db.execute(found)).one_or_none()
    return (row.begins, row.ends) if row else None


async def set_own_hours(db: AsyncSession, courier_id: int, hours: Hours | None) -> None:
    """Sets or takes back a courier's own quiet hours."""
    if hours is None:
        await db.execute(delete(QuietRow).where(QuietRow.courier_id == courier_id))
        return
    begins, ends = hours
    row = upsert(db, QuietRow).values(courier_id=courier_id, begins=begins, ends=ends)
    same = row.on_conflict_do_update(
        index_elements=[QuietRow.courier_id], set_={"begins": begins, "ends": ends}
    )
    await db.execute(same)
