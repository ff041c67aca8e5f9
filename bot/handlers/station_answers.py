"""What is answered to a search: the best three, or what to do when there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Part, Say, Then
from bot.facilities import FACILITIES
from bot.geo.point import Point
from bot.handlers import names, station_words
from bot.services.board import Found, Match
from bot.services.stations import Station

FAR_AWAY = 300_000.0  # metres: likelier a wrong position than a courier
PAGE = 3


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for from where; `name` is the typed place, empty for a shared location."""

    point: Point
    mask: int = 0
    skip: int = 0
    within: float | None = None
    name: str = ""

    def then(self) -> Then:
        """This search as a conversation's memory."""
        return Then(
            "",
            {
                "at": [self.point.lat, self.point.lon],
                "mask": self.mask,
                "skip": self.skip,
                "within": self.within,
                "name": self.name,
            },
        )


def pending(ctx: Context) -> Search | None:
    """The search that the conversation is about, if it is about one."""
    data: Mapping[str, Any] = ctx.data
    if "at" not in data:
        return None
    lat, lon = data["at"]
    return Search(Point(lat, lon), data["mask"], data["skip"], data["within"], data["name"])


def best(
    ctx: Context,
    search: Search,
    found: Found,
    described: Mapping[int, Station],
) -> list[Part]:
    """The next to open on arrival, nearest first, each with its reason."""
    t = ctx.t
    wanted = codes(search.mask)
    if search.name:
        head = t("Seen from the centre of {place}, open when you get there:", place=search.name)
    else:
        head = t("Nearest that will be open when you get there:")
    if wanted:
        head = t("With {list}. ", list=station_words.listed(t, wanted)) + head
    parts: list[Part] = [Say(head)]
    shown = [one for one in found.best if one.id in described]
    for number, one in enumerate(shown, 1):
        reason = _reason(ctx, search, shown, described, number - 1)
        parts.append(station_words.in_list(t, number, described[one.id], one, reason, ctx.now))
    return parts


def none_open(
    ctx: Context,
    found: Found,
    described: Mapping[int, Station],
    within: float,
) -> list[Part]:
    """Stations are near but shut: who opens first, who never shuts."""
    t = ctx.t
    parts: list[Part] = [Say(t("Nothing nearby will be open when you get there."))]
    for number, one in enumerate(shown(found, within), 1):
        station = described.get(one.id)
        if station is None:
            continue
        if one is found.opens_next:
            reason = t("opens first")
        elif one is found.round_the_clock:
            reason = t("nearest round the clock")
        elif one is found.unknown_hours:
            reason = t("nearest, hours not registered")
        else:
            reason = t("nearest")
        parts.append(station_words.in_list(t, number, station, one, reason, ctx.now))
    return parts


def nothing_near(
    ctx: Context,
    search: Search,
    found: Found,
    described: Mapping[int, Station],
    within: float,
) -> list[Part]:
    """Nothing within the radius: say so with the nearest one's distance."""
    t = ctx.t
    wanted = station_words.listed(t, codes(search.mask))
    nearest = found.nearest
    if nearest is None or nearest.id not in described:
        if wanted:
            return [Say(t("No station has {list} in working order now.", list=wanted))]
        return [Say(t("No station is registered yet. Please try again later."))]
    radius = names.kilometres(t, within)
    if wanted:
        said = t("No station with {list} within {radius}.", list=wanted, radius=radius)
    else:
        said = t("No station within {radius}.", radius=radius)
    parts: list[Part] = [Say(said)]
    if nearest.metres > FAR_AWAY:
        distance = names.kilometres(t, nearest.metres)
        parts.append(
            Say(
                t(
                    "The nearest is {distance} away. If you are not that far off, your phone "
                    "sent a wrong place: send it again, or type the name of your town.",
                    distance=distance,
                )
            )
        )
        return parts
    station = described[nearest.id]
    parts.append(station_words.in_list(t, 1, station, nearest, t("nearest"), ctx.now))
    return parts


def choices(ctx: Context, search: Search, found: Found, numbered: list[int]) -> Buttons:
    """A door for each station shown, the filters, and what comes after."""
    t = ctx.t
    doors = tuple(
        Button(t("How to get in {n}", n=number), f"station.card:{station_id}")
        for number, station_id in enumerate(numbered, 1)
    )
    filters = []
    for code in names.FILTERS:
        bit = 1 << FACILITIES[code].bit
        word = names.facility(t, code)
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


def mentioned(found: Found) -> list[Match]:
    """Every match whose station an answer may describe."""
    others = (found.opens_next, found.round_the_clock, found.unknown_hours, found.nearest)
    return [*found.best, *(one for one in others if one is not None)]


def shown(found: Found, within: float) -> list[Match]:
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
