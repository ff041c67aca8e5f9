"""What is answered to a search: the best three, or what to do when there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Json, Part, Say, Then
from bot.conversation.topic import ABOUT
from bot.geo.point import Point
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.services.stations.catalogue import Station
from bot.services.stations.search import Match, SearchResult

FAR_AWAY = 300_000.0  # metres: likelier a wrong position than a courier
FAR_RIDE = 10_000.0  # metres: at night and in the cold no answer without a warning
PAGE = 3


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for from where; `name` is the typed place, empty for a shared location.

    `always`: only what never closes. `shown`: the stations that carry the numbers from 1 in the
    answers so far, 0 where that is not known. `at`: when the courier sets out, None for now; it
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

    def then(self) -> Then:
        """This search as what the conversation is about."""
        return _about(
            at=[self.point.lat, self.point.lon],
            mask=self.mask,
            skip=self.skip,
            within=self.within,
            name=self.name,
            always=self.always,
            shown=list(self.shown),
        )


def pending(ctx: Context) -> Search | None:
    """The search that the conversation is about, if it is about one."""
    data = about(ctx)
    if "at" not in data:
        return None
    point, shown = Point(*data["at"]), tuple(data["shown"])
    return Search(
        point, data["mask"], data["skip"], data["within"], data["name"], data["always"], shown
    )


def about(ctx: Context) -> Mapping[str, Any]:
    """What the conversation is about as it was written down; empty if about nothing."""
    data: Any = ctx.data.get(ABOUT)
    return data or {}


def wish_without_place(mask: int, *, always: bool) -> Then:
    """A wish that waits to hear where its courier is."""
    return _about(mask=mask, always=always)


def waiting(ctx: Context) -> tuple[int, bool]:
    """The wish that waits for a place; one that had its answer counts no more."""
    data = about(ctx)
    return (0, False) if "at" in data else (data.get("mask", 0), data.get("always", False))


def numbered(ctx: Context, ids: list[int]) -> Then:
    """What the conversation is about, these stations being the ones that numbers mean."""
    return _about(**{**about(ctx), "shown": list[Json](ids)})


def _about(**data: Json) -> Then:
    return Then("", {ABOUT: data})


def best(
    ctx: Context,
    search: Search,
    found: SearchResult,
    described: Mapping[int, Station],
) -> list[Part]:
    """The next to open on arrival, nearest first, each with its reason."""
    t = ctx.t
    shown = [one for one in found.best if one.id in described]
    parts: list[Part] = [Say(_head(t, search))]
    for index, one in enumerate(shown):
        number = search.skip + index + 1
        reason = _reason(ctx, search, shown, described, index)
        pin = wording.in_list(t, number, described[one.id], one, reason, ctx.now, search.at)
        parts.append(pin)
    return parts


def _head(t: Translator, search: Search) -> str:
    wanted = codes(search.mask)
    if search.skip:
        head = t("A little further:")
    elif search.name and search.always:
        head = t("Open round the clock, seen from the centre of {place}:", place=search.name)
    elif search.always:
        head = t("Open round the clock, nearest first:")
    elif search.name:
        head = t("Seen from the centre of {place}, open when you get there:", place=search.name)
    else:
        head = t("Nearest that will be open when you get there:")
    return t("With {list}. ", list=wording.listed(t, wanted)) + head if wanted else head


def choices(ctx: Context, search: Search, found: SearchResult, doors_to: list[int]) -> Buttons:
    """A door for each station shown, the filters, and what comes after."""
    t = ctx.t
    if found.nearest is not None and found.nearest.metres > FAR_AWAY and not found.best:
        row = (Button(t("Send my location"), "locate"), Button(t("Talk to a person"), "human"))
        return Buttons((row,), t("What next?"))
    doors = tuple(
        Button(t("How to get in {n}", n=number), f"station.card:{station_id}")
        for number, station_id in enumerate(doors_to, search.skip + 1)
    )
    filters = []
    for code in labels.FILTERS:
        bit = 1 << FACILITIES[code].bit
        word = labels.facility(t, code)
        label = t("✓ {facility}", facility=word) if search.mask & bit else word
        filters.append(Button(label, f"near.with:{search.mask ^ bit}"))
    if found.more:
        filters.append(Button(t("More"), f"near.more:{search.skip + PAGE}"))
    elif search.skip:
        filters.append(Button(t("Back to the nearest"), "near.more:0"))
    rows = [doors] if doors else []
    rows += [tuple(filters[i : i + 3]) for i in range(0, len(filters), 3)]
    return Buttons(tuple(rows), t("Need something else?"))


def codes(bits: int) -> list[str]:
    """The facilities of a mask, in the order to show them."""
    return [code for code, one in FACILITIES.items() if bits >> one.bit & 1]


def mentioned(found: SearchResult) -> list[Match]:
    """Every match whose station an answer may describe."""
    others = (found.opens_next, found.round_the_clock, found.unknown_hours, found.nearest)
    return [*found.best, *(one for one in others if one is not None)]


def shown(found: SearchResult, within: float) -> list[Match]:
    """The matches that an answer numbers, each station once."""
    if found.best or found.nearest is None:
        return list(found.best)
    if found.nearest.metres > within:
        return [found.nearest] if found.nearest.metres <= FAR_AWAY else []
    others = (found.opens_next, found.round_the_clock, found.unknown_hours)
    shown: list[Match] = []
    for one in others:
        if one is not None and all(one.id != other.id for other in shown):
            shown.append(one)
    return shown or [found.nearest]


def _reason(
    ctx: Context,
    search: Search,
    shown: list[Match],
    described: Mapping[int, Station],
    index: int,
) -> str:
    """Why this one is in the list where it is not just the nearest."""
    t = ctx.t
    if index == 0:
        return t("nearest") if not search.skip else ""
    first, here = shown[0], shown[index]
    if described[here.id].has("water") and not described[first.id].has("water"):
        return t("has hot water and is open")
    ends = [one.opening.until for one in shown]
    mine = here.opening.until
    if mine is None and ends.count(None) == 1:
        return t("open round the clock")
    if mine is not None and None not in ends:
        latest = max(end for end in ends if end is not None)
        if mine == latest and ends.count(latest) == 1:
            return t("open latest")
    return ""
