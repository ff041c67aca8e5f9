"""Distances, spans, dates and opening hours in the courier's language."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.hours.dates import DAYS_OF_YEAR, YearPart
from bot.hours.doubts import Doubt
from bot.hours.weekly import (
    ALL_DAY,
    DAY,
    EVERY_DAY,
    DayHours,
    DaySet,
    Hours,
    groups,
    is_always_open,
)


def kilometres(t: Translator, metres: float) -> str:
    """`350 m` or `1.2 km`, rounded to two digits."""
    if metres < 1000:
        return _metres(t, max(10, round(metres / 10) * 10))
    return _kilometres(t, f"{metres / 1000:.1f}" if metres < 10_000 else f"{metres / 1000:.0f}")


@lru_cache(maxsize=256)
def _metres(t: Translator, n: int) -> str:
    return t("{n} m", n=n)


@lru_cache(maxsize=1024)
def _kilometres(t: Translator, n: str) -> str:
    return t("{n} km", n=n)


def minutes(t: Translator, span: timedelta) -> str:
    """A span in whole minutes, or hours and minutes from an hour on."""
    return _minutes(t, max(1, round(span.total_seconds() / 60)))


@lru_cache(maxsize=4096)
def _minutes(t: Translator, total: int) -> str:
    if total < 60:
        return t("{n} min", n=total)
    hours, rest = divmod(total, 60)
    if not rest:
        return t("{hours} h", hours=hours)
    return t("{hours} h {minutes} min", hours=hours, minutes=rest)


def clock_time(moment: datetime) -> str:
    """`17:00`, local time in Inner Mongolia."""
    local = moment.astimezone(CHINA)
    return f"{local.hour:02d}:{local.minute:02d}"


def day_and_time(t: Translator, moment: datetime, now: datetime) -> str:
    """`today 14:30`, `tomorrow 09:00`, `Monday 09:00` or `5 December 09:00`, seen from now."""
    there, here = moment.astimezone(CHINA).date(), now.astimezone(CHINA).date()
    time = clock_time(moment)
    match (there - here).days:
        case 0:
            return t("today {time}", time=time)
        case 1:
            return t("tomorrow {time}", time=time)
        case days if days < 7:
            return t("{day} {time}", day=weekday(t, there.weekday()), time=time)
    return t("{day} {time}", day=month_day(t, there), time=time)


def opens(t: Translator, opening: datetime | None, now: datetime) -> str:
    """When what is closed now opens next; None: at no time that is known."""
    if opening is None:
        return t("closed for the next two weeks")
    return t("opens {time}", time=day_and_time(t, opening, now))


def open_until(t: Translator, closing: datetime, now: datetime) -> str:
    """When what is open now closes: the time, and the day if that is 12 hours away or more."""
    if (closing - now) < timedelta(hours=12):
        return clock_time(closing)
    return day_and_time(t, closing, now)


def month_day(t: Translator, day: date) -> str:
    """`3 November`, without the year."""
    return t("{month}/{day}", month=day.month, day=day.day)


def weekday(t: Translator, number: int) -> str:
    """Monday is 0; 7 is a public holiday."""
    return (
        t("Mon"),
        t("Tue"),
        t("Wed"),
        t("Thu"),
        t("Fri"),
        t("Sat"),
        t("Sun"),
        t("public holidays"),
    )[number]


def week(t: Translator, hours: Hours) -> str:
    """The whole week in plain words: `Mon to Fri 09:00–12:00, 13:30–17:00; Sat, Sun closed`.

    With its seasons: `5/1 to 9/30: every day 08:00–20:00; rest of the year: …`. Dated closures are
    left out, for they pass: see `closed_dates`.
    """
    if not hours.seasons:
        return _plain_week(t, hours)
    said = [
        t("{dates}: {hours}", dates=_part_of_year(t, one.part), hours=_plain_week(t, one.hours))
        for one in hours.seasons
    ]
    if not _is_whole_year(hours):
        rest = t("rest of the year")
        said.append(t("{dates}: {hours}", dates=rest, hours=_plain_week(t, hours)))
    return t("; ").join(said)


def week_and_closures(t: Translator, hours: Hours) -> str:
    """All that is stored, for who checks how a text was read: the week, then dated closures."""
    return t("; ").join([week(t, hours), *closed_dates(t, hours, date.min)])


def closed_dates(t: Translator, hours: Hours, today: date) -> list[str]:
    """The dated closures that are not over: `2026/2/14 to 2026/2/20: closed`."""
    return [
        t(
            "{dates}: {hours}",
            dates=_until(t, _year_month_day(t, one.first), _year_month_day(t, one.last)),
            hours=t("closed at {times}", times=times(t, one.times)) if one.times else t("closed"),
        )
        for one in hours.closures
        if one.last >= today
    ]


def week_rows(t: Translator, hours: Hours) -> tuple[tuple[str, str], ...]:
    """The week as (days, times), days of the same hours together; a season names its dates too."""
    rows: list[tuple[str, str]] = []
    for season in hours.seasons:
        dates = _part_of_year(t, season.part)
        rows += ((f"{dates} {days}", said) for days, said in _plain_rows(t, season.hours))
    if _is_whole_year(hours):
        return tuple(rows)
    rest = f"{t('rest of the year')} " if rows else ""
    return (*rows, *((f"{rest}{days}", said) for days, said in _plain_rows(t, hours)))


def hours_doubt(t: Translator, doubt: Doubt) -> str:
    """Why hours that were read had better be confirmed."""
    match doubt:
        case Doubt.CLOSED_ON_WORKDAYS:
            return t("closed from Monday to Friday")
        case Doubt.LONG_DAY:
            return t("open for over 16 hours a day, but not written as 24小时")
        case Doubt.SMALL_HOURS:
            return t("open only between 1:00 and 7:00; write 14:30 for half past two")
        case Doubt.PARTLY_UNDERSTOOD:
            return t("a remark beside the hours was left out")
        case Doubt.PART_OF_YEAR:
            return t("hours of a part of the year only; the rest is taken as closed")
        case Doubt.NOT_OPEN_YET:
            return t("not open yet; its hours stay unknown")


def _plain_week(t: Translator, hours: Hours) -> str:
    if is_always_open(Hours(hours.week, hours.holiday)):
        return t("round the clock")
    return t("; ").join(f"{days} {said}" for days, said in _plain_rows(t, hours))


def _plain_rows(t: Translator, hours: Hours) -> tuple[tuple[str, str], ...]:
    return tuple((_days(t, days), times(t, row)) for days, row in groups(hours))


def _is_whole_year(hours: Hours) -> bool:
    """Whether the seasons leave no rest of the year."""
    return sum(one.part.days() for one in hours.seasons) == DAYS_OF_YEAR


def _part_of_year(t: Translator, part: YearPart) -> str:
    first, last = (t("{month}/{day}", month=one.month, day=one.day) for one in part)
    return _until(t, first, last)


def _year_month_day(t: Translator, day: date) -> str:
    return t("{year}/{month}/{day}", year=day.year, month=day.month, day=day.day)


def _until(t: Translator, first: str, last: str) -> str:
    return first if first == last else t("{first} to {last}", first=first, last=last)


def times(t: Translator, row: DayHours) -> str:
    """One day: `09:00–12:00, 13:30–17:00`."""
    if not row:
        return t("closed")
    if row == ALL_DAY:
        return t("round the clock")
    return t(", ").join(f"{_minute(one.opens)}–{_minute(one.closes)}" for one in row)


def _days(t: Translator, days: DaySet) -> str:
    if days and len(days[0]) == len(EVERY_DAY):
        return t("every day")
    said = []
    for run in days:
        names = [weekday(t, day) for day in run]
        if len(run) > 2:
            names = [t("{first} to {last}", first=names[0], last=names[-1])]
        said += names
    return t(", ").join(said)


def _minute(minute: int) -> str:
    return "24:00" if minute == DAY else f"{minute // 60 % 24:02d}:{minute % 60:02d}"
