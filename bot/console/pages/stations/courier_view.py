"""What couriers read of a station, now and after a change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.common.i18n import Translator
from bot.handlers.stations import wording
from bot.hours.calendar import Holidays
from bot.hours.opening import Change, status
from bot.hours.weekly import parse
from bot.services.stations.catalogue import Station, schedule_of
from bot.services.stations.editing.edits import Draft
from bot.services.stations.importing.reading.dated import DatedHours


def sentences(t: Translator, station: Station, holidays: Holidays, now: datetime) -> list[str]:
    """Whether one could walk in now, the usual hours, and what differs from them soon."""
    opening = status(station.schedule, holidays, now)
    return [
        wording.state_now(t, station, opening, now),
        wording.week_line(t, station),
        *wording.coming_changes(t, station, now),
    ]


def after(station: Station, draft: Draft) -> Station:
    """The station as it would be."""
    if draft.changed is None:
        return station
    entry = draft.changed.after
    return replace(
        station,
        name=entry.name,
        address=entry.address,
        phone=entry.phone,
        entry=entry.entry,
        door=entry.door,
        status=entry.status,
        schedule=schedule_of(entry.hours, _changes(entry.changes)),
    )


def _changes(dated: Sequence[DatedHours]) -> tuple[Change, ...]:
    return tuple(
        Change(one.first, one.last, None if one.hours is None else parse(one.hours), one.reason)
        for one in dated
    )
