"""Stored hours and dated exceptions as the hours room knows them."""

from functools import lru_cache

from bot.hours.opening import Change, Schedule
from bot.hours.week import Hours, parse
from bot.store.station_models import StationChangeRow


@lru_cache(maxsize=4096)
def _hours(text: str) -> Hours:
    return parse(text)


@lru_cache(maxsize=4096)
def _plain(text: str | None) -> Schedule:
    return Schedule(None if text is None else _hours(text), ())


def schedule_of(hours: str | None, changes: tuple[Change, ...]) -> Schedule:
    """The stored form as a schedule; equal ones are shared, for 180,000 stations have few."""
    if not changes:
        return _plain(hours)
    return Schedule(None if hours is None else _hours(hours), changes)


def change_of(row: StationChangeRow) -> Change:
    """A dated exception as the hours room knows it."""
    hours = None if row.hours is None else _hours(row.hours)
    return Change(row.first, row.last, hours, row.reason)
