"""The search that a conversation is about: kept in its state, changed by filters and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.common.values import value
from bot.conversation.about import ABOUT
from bot.conversation.context import Context
from bot.conversation.replies import Json, Then
from bot.geo.point import Point
from bot.services.stations.results import PAGE, SearchQuery

SHARED_HOLDS: Final = timedelta(minutes=20)
"""So long after they shared it a courier is taken to be still there."""


@value
class Filters:
    """What restricts a search besides its place; as in `Search`."""

    mask: int = 0
    always: bool = False
    within: float | None = None


@value
class Search:
    """What is searched for from where; `name` is the typed place, empty for a shared location.

    `always`: only stations round the clock. `shown`: the stations that carry the numbers from 1 in
    the answers so far, 0 where that is not known. `at`: when the courier sets out, None for now; it
    counts for one answer only. `following`: the `skip` of the next page. `shared_at`: when the
    courier shared this point as where they are, None for a typed place.
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
    shared_at: datetime | None = None

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
            shared_at=None if self.shared_at is None else self.shared_at.isoformat(),
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
        shared_at=datetime.fromisoformat(shared) if (shared := data.get("shared_at")) else None,
    )


def shared_point(ctx: Context) -> Point | None:
    """Where the courier shared they are, while that still holds; None for a typed place."""
    search = remembered_search(ctx)
    if search is None or search.shared_at is None or ctx.now - search.shared_at > SHARED_HOLDS:
        return None
    return search.point


def filters_without_place(filters: Filters) -> Then:
    """The state of a search that waits for a location."""
    return _then(mask=filters.mask, always=filters.always, within=filters.within)


def proposal_without_place() -> Then:
    """The state of a proposed station that waits for a location."""
    return _then(proposes=True)


def proposes_station_somewhere(ctx: Context) -> bool:
    """Whether a location or place is awaited for a proposed station."""
    return topic(ctx).get("proposes") is True


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
