"""When a courier may be written to first: not at night, not while the lunch and dinner rush rolls.

The code that plans a notice and the code that sends it both use `next_allowed_time`: after an
outage a notice planned for the evening may come up at two in the morning. Minutes count from
midnight in China's time zone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.store.models.notifications import QuietRow
from bot.store.upsert import upsert

DAY = 24 * 60
NIGHT = (21 * 60 + 30, 7 * 60 + 30)
PEAKS = ((11 * 60, 13 * 60), (17 * 60, 19 * 60 + 30))
Hours = tuple[int, int]
"""From and to, in minutes after midnight: from counts, to does not; may run over midnight."""


@value
class Quiet:
    """Hours of the day, and whole days of the week (Monday is 0), in which nothing is pushed."""

    hours: tuple[Hours, ...]
    days: frozenset[int] = frozenset()

    def covers(self, moment: datetime) -> bool:
        """Whether it is quiet then."""
        return next(self._around(moment), None) is not None

    def _around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The begin and end of each quiet time that holds the moment."""
        local = moment.astimezone(CHINA)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if local.weekday() in self.days:
            yield midnight, midnight + timedelta(days=1)
        for begins, ends in self.hours:
            length = timedelta(minutes=(ends - begins) % DAY)
            for day in (-1, 0):
                start = midnight + timedelta(days=day, minutes=begins)
                if start <= local < start + length:
                    yield start, start + length

    @property
    def _longest(self) -> timedelta:
        """What lasts as long as this never ends."""
        return timedelta(days=8 if self.days else 1)

    def next_gap(self, moment: datetime) -> datetime | None:
        """The first moment from then on that is not quiet; None when there is none."""
        at = moment
        while at - moment < self._longest:
            ends = [end for _, end in self._around(at)]
            if not ends:
                return at
            at = max(ends)
        return None

    def last_gap(self, moment: datetime) -> datetime | None:
        """The last minute up to then that is not quiet; None when there is none."""
        at = moment
        while moment - at < self._longest + timedelta(minutes=1):
            begins = [begin for begin, _ in self._around(at)]
            if not begins:
                return at
            at = min(begins) - timedelta(minutes=1)
        return None


USUAL = Quiet((NIGHT, *PEAKS))
"""For everybody; a courier's own hours and days come on top."""


@value
class OwnQuiet:
    """What a courier has set: hours, whether the usual night counts too, and whole days.

    Who rides at night and sleeps by day wants `at_night` false.
    """

    hours: Hours | None = None
    at_night: bool = True
    days: frozenset[int] = frozenset()

    @property
    def quiet(self) -> Quiet:
        """The usual quiet with this courier's own."""
        own = () if self.hours is None else (self.hours,)
        return Quiet(((NIGHT,) if self.at_night else ()) + PEAKS + own, self.days)


NOTHING_OWN = OwnQuiet()


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


def own_quiet_of(
    begins: int | None, ends: int | None, at_night: bool | None, days: int | None
) -> OwnQuiet:
    """The setting that a row of `quiet` holds; None in its columns: there is no row."""
    if begins is None or ends is None:
        return NOTHING_OWN
    return OwnQuiet(
        None if begins == ends else (begins, ends),
        at_night is not False,
        frozenset(day for day in range(7) if (days or 0) >> day & 1),
    )


async def own_quiet(db: AsyncSession, courier_id: int) -> OwnQuiet:
    """What the courier has set."""
    found = select(QuietRow.begins, QuietRow.ends, QuietRow.at_night, QuietRow.days)
    row = (await db.execute(found.where(QuietRow.courier_id == courier_id))).one_or_none()
    return NOTHING_OWN if row is None else own_quiet_of(*row)


async def set_own_quiet(db: AsyncSession, courier_id: int, own: OwnQuiet) -> None:
    """Sets it instead of what was set before; `NOTHING_OWN` takes it back."""
    if own == NOTHING_OWN:
        await db.execute(delete(QuietRow).where(QuietRow.courier_id == courier_id))
        return
    begins, ends = own.hours or (0, 0)
    values = {
        "begins": begins,
        "ends": ends,
        "at_night": own.at_night,
        "days": sum(1 << day for day in own.days),
    }
    row = upsert(db, QuietRow).values(courier_id=courier_id, **values)
    await db.execute(row.on_conflict_do_update(index_elements=[QuietRow.courier_id], set_=values))
