"""What couriers read of a station, now and after a change, made by the functions of the chat."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.common.i18n import Translator
from bot.common.values import value
from bot.handlers.stations.details import details_pin
from bot.handlers.stations.notices import changed_lines
from bot.hours.calendar import Holidays
from bot.hours.opening import Change, status
from bot.hours.weekly import parse
from bot.services.stations.catalogue import FacilityState, Station, schedule_of
from bot.services.stations.editing.edits import Draft
from bot.services.stations.importing.apply import told
from bot.services.stations.importing.reading.dated import DatedHours
from bot.services.stations.observations import Known


@value
class Line:
    """A line of what couriers read; `is_new`: the change brings it."""

    text: str
    is_new: bool = False


def sentences(
    t: Translator,
    station: Station,
    holidays: Holidays,
    found: Sequence[Known],
    now: datetime,
    before: Station | None = None,
) -> list[Line]:
    """The details as the chat shows them. `found`: what was observed there; `before`: the station
    without the change."""
    had = set() if before is None else set(_lines(t, before, holidays, found, now))
    lines = _lines(t, station, holidays, found, now)
    return [Line(one, before is not None and one not in had) for one in lines]


def notice(t: Translator, station: Station, draft: Draft, now: datetime) -> list[str]:
    """What those who keep the station are told of the change; empty where they are told nothing."""
    if draft.changed is None or not draft.keepers:
        return []
    keys = told(draft.changed).before
    return changed_lines(t, station, keys, now)


def _lines(
    t: Translator,
    station: Station,
    holidays: Holidays,
    found: Sequence[Known],
    now: datetime,
) -> list[str]:
    opening = status(station.schedule, holidays, now)
    return details_pin(t, station, opening, now, found).text.split("\n")


def after(station: Station, draft: Draft) -> Station:
    """The station as it would be."""
    if draft.changed is None:
        return station
    entry = draft.changed.after
    had = {one.code: one for one in station.facilities}
    return replace(
        station,
        name=entry.name,
        address=entry.address,
        point=draft.changed.point,
        phone=entry.phone,
        entry=entry.entry,
        door=entry.door,
        parking=entry.parking,
        toilet=entry.toilet,
        star=entry.star,
        status=entry.status,
        schedule=schedule_of(entry.hours, _changes(entry.changes)),
        facilities=tuple(
            _facility(FacilityState(code, state, None, ""), had) for code, state in entry.facilities
        ),
    )


def _facility(now: FacilityState, had: Mapping[str, FacilityState]) -> FacilityState:
    """As it stands where its state is the same, for then its note stays."""
    was = had.get(now.code)
    return was if was is not None and was.state is now.state else now


def _changes(dated: Sequence[DatedHours]) -> tuple[Change, ...]:
    return tuple(
        Change(one.first, one.last, None if one.hours is None else parse(one.hours), one.reason)
        for one in dated
    )
