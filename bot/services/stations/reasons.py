"""Why each station is in an answer, worked out from the others beside it."""

from dataclasses import replace
from typing import Final

from bot.common.facilities import FACILITIES
from bot.services.stations.results import MatchReason, StationMatch

WATER: Final = 1 << FACILITIES["water"].bit


def with_reasons(
    found: list[tuple[StationMatch | None, MatchReason]],
) -> list[StationMatch]:
    """Those that there are, each station once, for the first of its reasons."""
    listed: dict[int, StationMatch] = {}
    for one, reason in found:
        if one is not None:
            listed.setdefault(one.id, replace(one, reason=reason))
    return list(listed.values())


def reason_on_page(
    page: list[StationMatch], number: int, nearest: StationMatch | None, prefer: int = 0
) -> MatchReason | None:
    """Why the station at this place of the page is worth its ride; `nearest`: on a first page.

    `prefer`: the facility bits that the query prefers.
    """
    here = page[number]
    if nearest is not None and here.id == nearest.id:
        return MatchReason.NEAREST
    if number == 0:
        if nearest is None:
            return None
        has_more = prefer & here.facilities & ~nearest.facilities
        return MatchReason.SUITS_WEATHER if has_more else MatchReason.SURER
    if here.facilities & WATER and not page[0].facilities & WATER:
        return MatchReason.HAS_WATER
    ends = [one.opening.until for one in page]
    end = here.opening.until
    if end is None:
        return MatchReason.ROUND_THE_CLOCK if ends.count(None) == 1 else None
    known = [one for one in ends if one is not None]
    is_latest = len(known) == len(ends) and end == max(known) and known.count(end) == 1
    return MatchReason.OPEN_LATEST if is_latest else None
