"""Distances, spans, dates and opening hours in the courier's language."""

from datetime import date, datetime, timedelta

from bot.common.clock import CHINA
from bot.common.i18n import Translator
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
        return t("{n} m", n=max(10, round(metres / 10) * 10))
    if metres < 10_000:
        return t("{n} km", n=f"{metres / 1000:.1f}")
    return t("{n} km", n=f"{metres / 1000:.0f}")


def minutes(t: Translator, span: timedelta) -> str:
    """A span in whole minutes, or hours and minutes from an hour on."""
    total = max(1, round(span.total_seconds() / 60))
    if total < 60:
        return t("{n} min", n=total)
    hours, rest = divmod(total, 60)
    if not rest:
        return t("{hours} h", hours=hours)
    return t("{hours} h {minutes} min", hours=hours, minutes=rest)


def clock_time(moment: datetime) -> str:
    """`17:00`, local time in Inner Mongolia."""
    return moment.astimezone(CHINA).strftime("%H:%M")


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
    """The whole week in plain words: `Mon to Fri 09:00–12:00, 13:30–17:00; Sat, Sun closed`."""
    if is_always_open(hours):
        return t("round the clock")
    return t("; ").join(f"{days} {said}" for days, said in week_rows(t, hours))


def week_rows(t: Translator, hours: Hours) -> tuple[tuple[str, str], ...]:
    """The week as (days, times), days of the same hours together."""
    return tuple((_days(t, days), times(t, row)) for days, row in groups(hours))


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
