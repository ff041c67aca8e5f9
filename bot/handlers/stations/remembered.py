"""The search that a conversation is about: kept in its state, changed by filters and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.about import ABOUT
from bot.conversation.context import Context
from bot.conversation.replies import Json, Then
from bot.geo.point import Point
from bot.services.stations.results import SearchQuery


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for from where; `name` is the typed place, empty for a shared location.

    `always`: only stations round the clock. `shown`: the stations that carry the numbers from 1 in
    the answers so far, 0 where that is not known. `at`: when the courier sets out, None for now; it
    counts for one answer only.
    """

    point: Point
    mask: int = 0
    skip: int = 0
    within: float | None = None
    name: str = ""
    always: bool = False
    shown: tuple[int, ...] = ()
    at: datetime | None = None

    def query(self, now: datetime) -> SearchQuery:
        """This search as the service takes it."""
        at = self.at or now
        return SearchQuery(self.point, at, self.mask, self.within, self.skip, self.always)

    def then(self, shown: Sequence[int] | None = None) -> Then:
        """This search as the conversation's state; `shown`: the stations of this page.

        They follow those of the pages before, or without `shown` the numbers stay as they were.
        """
        numbers = self.shown
        if shown is not None:
            earlier = (*numbers, *(0 for _ in range(self.skip)))[: self.skip]
            numbers = (*earlier, *shown)
        return _then(
            at=[self.point.lat, self.point.lon],
            mask=self.mask,
            skip=self.skip,
            within=self.within,
            name=self.name,
            always=self.always,
            shown=list(numbers),
        )


def remembered_search(ctx: Context) -> Search | None:
    """The search that the conversation is about, if it is about one."""
    data = topic(ctx)
    if "at" not in data:
        return None
    point, shown = Point(*data["at"]), tuple(data["shown"])
    return Search(
        point, data["mask"], data["skip"], data["within"], data["name"], data["always"], shown
    )


def filters_without_place(mask: int, *, always: bool) -> Then:
    """Filters of a search that waits for a location."""
    return _then(mask=mask, always=always)


def waiting_filters(ctx: Context) -> tuple[int, bool]:
    """Mask and `always` of a search that waits for a location; an answered search has none."""
    data = topic(ctx)
    return (0, False) if "at" in data else (data.get("mask", 0), data.get("always", False))


def waits_for_location(ctx: Context) -> bool:
    """Whether stations were asked for without a place, so that a location is for them."""
    data = topic(ctx)
    return bool(data) and "at" not in data


def with_numbers(ctx: Context, ids: Sequence[int]) -> Then:
    """The conversation's topic, these stations being the ones that numbers mean."""
    return _then(**{**topic(ctx), "shown": list[Json](ids)})


def numbered_stations(ctx: Context) -> Sequence[int]:
    """The stations that carry the numbers from 1 in the answers so far, 0 where not known."""
    shown: Sequence[int] = topic(ctx).get("shown", ())
    return shown


def topic(ctx: Context) -> Mapping[str, Any]:
    """What the conversation is about as it is stored; empty if about nothing."""
    data: Any = ctx.data.get(ABOUT)
    return data or {}


def _then(**data: Json) -> Then:
    return Then("", {ABOUT: data})
