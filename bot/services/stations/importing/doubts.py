"""What is doubtful about rows that can be read: hours, and places that other cells contradict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.geo.outlines import may_be_in
from bot.geo.places import Kind, Place, Places
from bot.hours import doubts as hours_module
from bot.hours.doubts import Doubt
from bot.hours.errors import HoursError
from bot.hours.parser import read as read_hours
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.importing.faults import StationDoubt
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.rows import StationEntry

_FEWEST_NUMBERS: Final = 3


@lru_cache(maxsize=1 << 14)
def hours_doubts(text: str) -> tuple[Doubt, ...]:
    """What had better be confirmed of an hours text; nothing for the stored form itself."""
    found = hours_module.doubts(text)
    if found:
        try:
            if str(read_hours(text)) == text:
                return ()
        except HoursError:
            return found
    return found


def numbers_rows(codes: Sequence[str]) -> bool:
    """Whether codes are 1, 2, 3 …: they may be the numbers of rows."""
    return len(codes) >= _FEWEST_NUMBERS and all(
        code == str(number) for number, code in enumerate(codes, 1)
    )


def of_row(listed: Listed, fields: Iterable[str]) -> Iterator[Problem]:
    """The doubts about `fields`, which the row would change."""
    changed = set(fields)
    if "hours" in changed and listed.hours and (found := hours_doubts(listed.hours)):
        doubtful = listed.problem("hours", StationDoubt.HOURS, doubts=" ".join(found))
        yield replace(doubtful, value=listed.hours)
    if listed.is_placed and not changed.isdisjoint(_PLACING):
        yield from _of_place(listed)


def stated_league(entry: StationEntry) -> tuple[Place | None, Place | None]:
    """The league and the banner that a row names, by its columns or the start of its address."""
    league = _league(entry.league) or _league_of_address(entry.address)
    return league, banner_of(entry.league, entry.banner)


@lru_cache(maxsize=1 << 12)
def banner_of(league: str, banner: str) -> Place | None:
    """The banner of this name, where the name means one only."""
    if not banner:
        return None
    found = [one for one in Places.load().find(f"{league} {banner}") if one.kind is Kind.BANNER]
    return found[0] if len(found) == 1 else None


def _of_place(listed: Listed) -> Iterator[Problem]:
    league, banner = stated_league(listed.entry)
    if league is not None and banner is not None and banner.league != league.adcode:
        yield listed.problem("banner", StationDoubt.OTHER_BANNER, league=league.name)
        return
    stated = league.adcode if league is not None else banner.league if banner else None
    if stated is None or may_be_in(stated, listed.point):
        return
    places = Places.load()
    there = places.league_of(listed.point)
    if there.adcode != stated:
        yield listed.problem(
            "lng",
            StationDoubt.OTHER_LEAGUE,
            league=places.by_adcode[stated].name,
            there=there.name,
        )


@lru_cache(maxsize=1 << 10)
def _league(text: str) -> Place | None:
    found = [one for one in Places.load().find(text) if one.kind is Kind.LEAGUE] if text else []
    return found[0] if len(found) == 1 else None


def _league_of_address(address: str) -> Place | None:
    bare = _REGION.sub("", address)
    for place in Places.load().by_adcode.values():
        if place.kind is Kind.LEAGUE and bare.startswith(place.name):
            return place
    return None


_REGION: Final = LazyPattern("^内蒙古?(?:自治区)?")
_PLACING: Final = frozenset({"lng", "lat", "datum", "league", "banner"})
