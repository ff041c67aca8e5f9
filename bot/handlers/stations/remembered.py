"""The search that a conversation is about: kept in its state, changed by filters and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.conversation.about import ABOUT
from bot.conversation.context import Context
from bot.conversation.replies import Json, Then
from bot.geo.point import Point
from bot.services.stations.results import PAGE, SearchQuery


@dataclass(frozen=True, slots=True)
class Filters:
    """What restricts a search besides its place; as in `Search`."""

    mask: int = 0
    always: bool = False
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for from where; `name` is the typed place, empty for a shared location.

    `always`: only stations round the clock. `shown`: the stations that carry the numbers from 1 in
    the answers so far, 0 where that is not known. `at`: when the courier sets out, None for now; it
    counts for one answer only. `following`: the `skip` of the next page.
    """

    point: Point
    mask: int = 0
    skip: int = 0
    within: float | None = None
    name: str = ""
    always: bool = False
    shown: tuple[int, ...] = ()
    at: datetime | None = None
    following: int = PAGE

    def query(self, now: datetime, left_out: frozenset[int] = frozenset()) -> SearchQuery:
        """This search as the service takes it, without the stations that are left out."""
        at = self.at or now
        return SearchQuery(self.point, at, self.mask, self.within, self.skip, self.always, left_out)

    @property
    def filters(self) -> Filters:
        """What restricts it besides its place."""
        return Filters(self.mask, self.always, self.within)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but place and time restricts what qualifies."""
        return bool(self.mask) or self.within is not None or self.always

    def unfiltered(self) -> "Search":
        """The first page of the same place without any filter."""
        return replace(self, mask=0, within=None, always=False, skip=0)

    def then(self, shown: Sequence[int] | None = None, following: int | None = None) -> Then:
        """This search as the conversation's state; `shown`: the stations of this page.

        They follow those of the pages before, or without `shown` the numbers stay as they were.
        `following`: the `skip` of the next page.
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
            following=self.following if following is None else following,
        )


def remembered_search(ctx: Context) -> Search | None:
    """The search that the conversation is about, if it is about one."""
    data = topic(ctx)
    if "at" not in data:
        return None
    return Search(
        Point(*data["at"]),
        data["mask"],
        data["skip"],
        data["within"],
        data["name"],
        data["always"],
        tuple(data["shown"]),
        following=data.get("following", data["skip"] + PAGE),
    )


def filters_without_place(filters: Filters) -> Then:
    """The state of a search that waits for a location."""
    return _then(mask=filters.mask, always=filters.always, within=filters.within)


def waiting_filters(ctx: Context) -> Filters:
    """The filters of a search that waits for a location; an answered search has none."""
    data = topic(ctx)
    if "at" in data:
        return Filters()
    return Filters(data.get("mask", 0), data.get("always", False), data.get("within"))


def waits_for_location(ctx: Context) -> bool:
    """Whether stations were asked for without a place, so that a location is for them."""
    data = topic(ctx)
    return bool(data) and "at" not in data


def with_numbers(ctx: Context, ids: Sequence[int]) -> Then:
    """The conversation's topic, these stations being the ones that numbers mean."""
    return _then(**{**topic(ctx), "shown": list[Json](ids), "one": 0})


def numbered_stations(ctx: Context) -> Sequence[int]:
    """The stations that carry the numbers from 1 in the answers so far, 0 where not known."""
    shown: Sequence[int] = topic(ctx).get("shown", ())
    return shown


def with_current(ctx: Context, station_id: int) -> Then:
    """The conversation's topic, this station being the one that is spoken of."""
    return _then(**{**topic(ctx), "station": station_id})


def current_station(ctx: Context) -> int | None:
    """The station whose details were shown last, unless a list has been shown since."""
    station: int | None = topic(ctx).get("station")
    return station


def topic(ctx: Context) -> Mapping[str, Any]:
    """What the conversation is about as it is stored; empty if about nothing."""
    data: Any = ctx.data.get(ABOUT)
    return data or {}


def _then(**data: Json) -> Then:
    return Then("", {ABOUT: data})
