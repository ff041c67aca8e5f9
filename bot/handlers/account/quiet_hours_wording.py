"""Quiet hours in words: the line of the settings, a span, a time of day."""

from bot.common.i18n import Translator
from bot.services.notifications.quiet_hours import PEAKS, USUAL, Hours, joined


def overview_line(t: Translator, own: Hours | None) -> str:
    """The night and the rush merged with the courier's own hours, so that none is listed twice."""
    whole = joined((*USUAL.hours, own) if own else USUAL.hours)
    comma = t.p("between times", ", ")
    rush = comma.join(span(one) for one in whole if one in PEAKS)
    rest = comma.join(span(one) for one in reversed(whole) if one not in PEAKS)
    if rush:
        return t("· Quiet: {spans}; while you ride {rush}", spans=rest, rush=rush)
    return t("· Quiet: {spans}", spans=rest)


def span(hours: Hours) -> str:
    """`22:00–9:00`."""
    return "–".join(map(clock_time, hours))


def clock_time(minutes: int) -> str:
    """`9:00`, of the minutes since midnight."""
    return f"{minutes // 60}:{minutes % 60:02d}"
