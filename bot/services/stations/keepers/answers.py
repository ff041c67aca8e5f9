"""What a keeper says of the station, saved: dated hours, facilities, the day of verification.

Recorded as one revision of the keeper, on the same terms as a change by an operator, and reported
as an observation. Usual hours, status and place stay with the operators.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, EXISTS, Source
from bot.common.clock import CHINA
from bot.common.values import value
from bot.hours.calendar import Holidays
from bot.hours.errors import HoursError
from bot.hours.intervals import DayHours, Interval
from bot.hours.opening import Schedule
from bot.hours.parser import read as read_hours
from bot.hours.weekly import Hours
from bot.services.dataset_version import Dataset, lock_version
from bot.services.errors import DomainError
from bot.services.stations import catalogue
from bot.services.stations.feedback.outcomes import tell_resolved
from bot.services.stations.keepers.links import KeeperLink, KeeperLinkInvalid, LinkState
from bot.services.stations.observations import Observer
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.keepers import KeeperLinkRow
from bot.store.models.stations import FacilityRow

if TYPE_CHECKING:
    from bot.services.stations.importing.reading.dated import DatedHours
    from bot.services.stations.importing.rows import StationEntry

DAYS: Final = 7
"""Today and the six days after it can be changed."""
CLOSED_WORDS: Final = frozenset({"不开", "休息", "关", "关门", "closed", "not open", "off"})


class TodayAnswer(StrEnum):
    """Whether the station is open today."""

    OPEN = "open"
    CLOSED = "closed"
    EARLY = "early"
    """It closes at `KeeperAnswer.closes`."""


class KeeperFault(StrEnum):
    """What is wrong with an answer."""

    HOURS = "hours"
    """The hours of `day` are not understood."""
    CLOSES = "closes"
    """It is not open before the hour at which it is to close."""
    NO_HOURS = "no_hours"
    """Open today, but no hours are known for today."""


class KeeperRefused(DomainError):
    """Nothing was saved: the answer for `day` cannot be stored."""

    def __init__(self, fault: KeeperFault, day: date, text: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.day = day
        self.text = text


@value
class KeeperAnswer:
    """A filled form. `form`: its random id; `version`: of the stations when it was shown.

    `hours`: the days whose text differs from what was shown. `facilities`: the states of all that
    were answered; `shown`: their states when the form was shown.
    """

    form: str
    version: int
    today: TodayAnswer
    closes: time | None
    hours: Mapping[date, str]
    facilities: Mapping[str, FacilityStatus]
    shown: Mapping[str, FacilityStatus]


async def save(
    db: AsyncSession,
    link: KeeperLink,
    answer: KeeperAnswer,
    holidays: Holidays,
    observer: Observer,
    now: datetime,
) -> bool:
    """Stores it; False where this very form was saved before, as by a second tap.

    Raises `KeeperRefused`, `KeeperLinkInvalid` where the link has ended meanwhile, and
    `StationEdited` where somebody changed the same thing since it was shown.
    """
    # Not at the top: all that reads lists takes long to import, and the first answer needs none.
    from bot.services.stations.editing import edits
    from bot.services.stations.editing.edit_kinds import SetFields
    from bot.services.stations.editing.errors import StationUnknown
    from bot.services.stations.importing.rows import cells_of

    await lock_version(db, Dataset.STATIONS)  # before all other locks, as every writer does
    mine = (KeeperLinkRow.station_id == link.station_id) & (
        KeeperLinkRow.token_hash == link.token_hash
    )
    last_form = await db.scalar(
        select(KeeperLinkRow.last_form).where(mine, KeeperLinkRow.revoked_at.is_(None))
    )
    if last_form is None:
        raise KeeperLinkInvalid(LinkState.REVOKED)
    if last_form == answer.form:
        return False
    station = (await catalogue.describe(db, [link.station_id])).get(link.station_id)
    old = await edits.find(db, link.code)
    if station is None or old is None:
        raise StationUnknown(link.code)
    today = now.astimezone(CHINA).date()
    changes = _changes(old.entry, station.schedule, holidays, answer, today)
    after = replace(
        old.entry,
        changes=changes,
        facilities=_facilities(old.entry, answer),
        verified_at=today,
    )
    was, cells = cells_of(old.entry), cells_of(after)
    changed = {name: cells[name] for name in _FIELDS if cells[name] != was[name]}
    if changed:
        edit, actor = SetFields(changed, anywhere=True), f"keeper:{link.code}"
        await edits.save(db, link.code, edit, actor, now, version=answer.version)
    answered = FacilityRow.code.in_(answer.facilities)
    verified = update(FacilityRow).where(FacilityRow.station_id == link.station_id, answered)
    await db.execute(verified.values(verified_at=today))
    await db.execute(update(KeeperLinkRow).where(mine).values(last_form=answer.form, saved_at=now))
    if station.status is StationStatus.OPEN:  # couriers are sent to no other
        facts = _facts(answer)
        await observer.observe(db, None, link.station_id, facts, now, source=Source.KEEPER)
        works = [code for code, state in answer.facilities.items() if state is FacilityStatus.OK]
        await tell_resolved(db, link.station_id, works, now)
    return True


_FIELDS: Final = ("changes", "facilities", "verified_at")


def _facts(answer: KeeperAnswer) -> Sequence[tuple[str, bool]]:
    is_open = answer.today is not TodayAnswer.CLOSED
    states = [(code, state is FacilityStatus.OK) for code, state in answer.facilities.items()]
    return [(EXISTS, True), (ENTER, is_open), *states]


def _facilities(
    entry: "StationEntry", answer: KeeperAnswer
) -> tuple[tuple[str, FacilityStatus], ...]:
    """With the states that the keeper changed; others may have changed meanwhile, and stay."""
    from bot.services.stations.importing.cells import in_order

    changed = {
        code: state for code, state in answer.facilities.items() if answer.shown.get(code) != state
    }
    has = dict(entry.facilities)
    return in_order(has | {code: state for code, state in changed.items() if code in has})


def _changes(
    entry: "StationEntry",
    schedule: Schedule,
    holidays: Holidays,
    answer: KeeperAnswer,
    today: date,
) -> "tuple[DatedHours, ...]":
    wanted = {day: _read(text, day) for day, text in answer.hours.items()}
    row = wanted.get(today, _row(schedule, holidays, today))
    match answer.today:
        case TodayAnswer.CLOSED:
            row = ()
        case TodayAnswer.EARLY:
            row = _until(row, answer.closes, today)
        case TodayAnswer.OPEN if row == ():
            row = _row(replace(schedule, changes=()), holidays, today)
            if not row:
                raise KeeperRefused(KeeperFault.NO_HOURS, today)
        case TodayAnswer.OPEN:
            pass
    if row is not None:
        wanted[today] = row
    changes = entry.changes
    for day, hours in wanted.items():
        if hours != _row(schedule, holidays, day):
            changes = _with_day(changes, day, hours, schedule, holidays)
    return changes


def _with_day(
    changes: "tuple[DatedHours, ...]",
    day: date,
    row: DayHours,
    schedule: Schedule,
    holidays: Holidays,
) -> "tuple[DatedHours, ...]":
    """The changes with one of that day alone, which wins over longer ones; none if not needed."""
    from bot.services.stations.importing.reading.dated import DatedHours, by_date

    kept = [one for one in changes if (one.first, one.last) != (day, day)]
    is_covered = any(one.first <= day <= one.last for one in kept)
    if not is_covered and row == _row(replace(schedule, changes=()), holidays, day):
        return by_date(kept)
    is_holiday = day in holidays.days and holidays.days[day].is_off
    hours = str(Hours((row,) * 7, row if is_holiday else None)) if row else None
    return by_date([*kept, DatedHours(day, day, hours, "")])


def _row(schedule: Schedule, holidays: Holidays, day: date) -> DayHours | None:
    """The hours of a day; None: unknown."""
    hours = schedule.on(day)
    return None if hours is None else holidays.row(hours, day)


def _read(text: str, day: date) -> DayHours:
    """The hours of one day as a keeper writes them: times only, or that it is closed."""
    if text.strip().casefold() in CLOSED_WORDS:
        return ()
    try:
        hours = read_hours(text)
    except HoursError:
        raise KeeperRefused(KeeperFault.HOURS, day, text) from None
    if hours is None or hours.seasons or hours.closures or len({*hours.week}) > 1:
        raise KeeperRefused(KeeperFault.HOURS, day, text)
    return hours.week[0]


def _until(row: DayHours | None, closes: time | None, today: date) -> DayHours:
    """The hours of today up to then."""
    if closes is None or row is None:
        raise KeeperRefused(KeeperFault.CLOSES, today)
    end = closes.hour * 60 + closes.minute
    cut = tuple(Interval(one.opens, min(one.closes, end)) for one in row if one.opens < end)
    if not cut:
        raise KeeperRefused(KeeperFault.CLOSES, today)
    return cut
