"""Stored hours of a station as operators read them."""

from typing import Final

from bot.common.i18n import Translator
from bot.handlers import labels
from bot.hours.errors import HoursError
from bot.hours.weekly import parse
from bot.services.stations.importing.faults import CellRefused
from bot.services.stations.importing.reading.dated import read_changes

SEPARATOR: Final = "; "
"""Between dated hours."""


def week(hours: str, t: Translator) -> str:
    """Usual hours in the words of couriers."""
    try:
        return labels.week_and_closures(t, parse(hours))
    except HoursError:
        return hours


def only_different(before: str, after: str) -> tuple[str, str]:
    """Of two texts that `dated` made, the days that are not in both."""
    was, now = before.split(SEPARATOR), after.split(SEPARATOR)
    gone = [one for one in was if one not in now]
    new = [one for one in now if one not in was]
    return SEPARATOR.join(gone), SEPARATOR.join(new)


def dated(text: str, t: Translator) -> str:
    """Dated hours and closures; as they are stored where they cannot be read any more."""
    try:
        changes = read_changes(text)
    except CellRefused:
        return text
    return SEPARATOR.join(
        " ".join(
            part
            for part in (
                f"{one.first}" if one.first == one.last else f"{one.first}–{one.last}",
                t("closed") if one.hours is None else week(one.hours, t),
                one.reason,
            )
            if part
        )
        for one in changes
    )
