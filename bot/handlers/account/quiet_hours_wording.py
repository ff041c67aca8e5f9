"""Quiet hours in words: the line of the settings, what was stored, a span, a time of day."""

from bot.common.i18n import Translator
from bot.conversation.replies import Button
from bot.handlers import labels
from bot.services.notifications.quiet_hours import PEAKS, Hours, OwnQuiet, joined

LONG_DAY = 6 * 60  # minutes; who wants as much quiet by day may well ride at night


def overview_line(t: Translator, own: OwnQuiet) -> str:
    """The night and the rush merged with the courier's own hours, so that none is listed twice."""
    whole = joined(own.quiet.hours)
    comma = t.p("between times", ", ")
    rush = comma.join(span(one) for one in whole if one in PEAKS)
    rest = comma.join(span(one) for one in reversed(whole) if one not in PEAKS)
    if rush and rest:
        line = t("· Quiet: {spans}; while you ride {rush}", spans=rest, rush=rush)
    else:
        line = t("· Quiet: {spans}", spans=rest or rush)
    if own.days:
        line = t("{line}; {days} all day", line=line, days=days(t, own.days))
    return line if own.at_night else t("{line}; at night I may write", line=line)


def not_from_to(t: Translator, hours: Hours, *, at_night: bool = True) -> str:
    """These hours were stored; `at_night` false: beside a night in which one may be written to."""
    begins, ends = map(clock_time, hours)
    if at_night:
        return t("Done: nothing from {begins} to {ends}; else as usual.", begins=begins, ends=ends)
    return t("Done: nothing from {begins} to {ends}; at night I write.", begins=begins, ends=ends)


def never_from_to(t: Translator, hours: Hours) -> str:
    """These hours are quiet already."""
    return t(
        "I never write from {begins} to {ends} anyway; all as before.",
        begins=clock_time(hours[0]),
        ends=clock_time(hours[1]),
    )


def night_switch(t: Translator, own: OwnQuiet) -> Button | None:
    """The button for the night, where most of the day is quiet or the night is not."""
    if not own.at_night:
        return Button(t("Not at night either"), "remind.night:0")
    if own.hours and own.hours[1] - own.hours[0] >= LONG_DAY:
        return Button(t("At night you may"), "remind.night:1")
    return None


def days(t: Translator, some: frozenset[int]) -> str:
    """`Sat, Sun`."""
    return t.p("between times", ", ").join(labels.weekday(t, day) for day in sorted(some))


def span(hours: Hours) -> str:
    """`22:00–9:00`."""
    return "–".join(map(clock_time, hours))


def clock_time(minutes: int) -> str:
    """`9:00`, of the minutes since midnight."""
    return f"{minutes // 60}:{minutes % 60:02d}"
