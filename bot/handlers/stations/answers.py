"""A search result in words: what came of it, the stations with their reasons, what to do next."""

from collections.abc import Mapping, Sequence

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES, codes
from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.handlers.stations.remembered import Search
from bot.services.stations.catalogue import Station
from bot.services.stations.results import (
    PAGE,
    SearchOutcome,
    SearchResult,
    StationMatch,
)

COLD_MONTHS = frozenset({10, 11, 12, 1, 2, 3, 4})


def answer(
    ctx: Context,
    search: Search,
    result: SearchResult,
    described: Mapping[int, Station],
    public_url: str = "",
) -> Reply:
    """The whole answer to a search; a station that is not `described` any more is left out."""
    listed = [one for one in result.listed if one.id in described]
    parts: list[Part] = [Say(text) for text in _summary(ctx, search, result, described)]
    parts += [
        wording.in_list(ctx.t, number, described[one.id], one, ctx.now, search.at, public_url)
        for number, one in enumerate(listed, search.skip + 1)
    ]
    parts.append(_next_steps(ctx.t, search, result, listed))
    return Reply(tuple(parts), search.then([one.id for one in listed]))


def _summary(
    ctx: Context, search: Search, result: SearchResult, described: Mapping[int, Station]
) -> list[str]:
    """What came of the search, before any station is listed."""
    t = ctx.t
    wanted = wording.listed(t, codes(search.mask))
    radius = labels.kilometres(t, result.within)
    distance = labels.kilometres(t, result.nearest.metres) if result.nearest else ""
    none_near = (
        t("No station with {list} within {radius}.", list=wanted, radius=radius)
        if wanted
        else t("No station within {radius}.", radius=radius)
    )
    match result.outcome:
        case SearchOutcome.FOUND:
            return [_found(t, search, wanted)]
        case SearchOutcome.NO_MORE:
            return [t("That was all there is nearby that will be open.")]
        case SearchOutcome.NONE_OPEN:
            return [t("Nothing nearby will be open when you get there.")]
        case SearchOutcome.NONE_ROUND_THE_CLOCK if not result.listed:
            return [t("There is no station open round the clock around here.")]
        case SearchOutcome.NONE_ROUND_THE_CLOCK if wanted:
            return [
                t(
                    "None nearby with {list} is open round the clock; this one closes last:",
                    list=wanted,
                )
            ]
        case SearchOutcome.NONE_ROUND_THE_CLOCK:
            return [t("None nearby is open round the clock; this one closes last:")]
        case SearchOutcome.NONE_NEAR:
            return [none_near]
        case SearchOutcome.DOUBTFUL_POSITION:
            wrong_position = t(
                "The nearest is {distance} away. If you are not that far off, your phone "
                "sent a wrong place: send it again, or type the name of your town.",
                distance=distance,
            )
            return [none_near, wrong_position]
        case SearchOutcome.NO_STATION if wanted:
            return [t("No station has {list} in working order now.", list=wanted)]
        case SearchOutcome.NO_STATION:
            return [t("No station is registered yet. Please try again later.")]
        case SearchOutcome.FAR_RIDE:
            return [_far_ride(ctx, result, described, distance)]


def _found(t: Translator, search: Search, wanted: str) -> str:
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
    return t("With {list}. ", list=wanted) + head if wanted else head


def _far_ride(
    ctx: Context, result: SearchResult, described: Mapping[int, Station], distance: str
) -> str:
    """How far the nearest open one is, and which one nearby opens first."""
    t, opens_next = ctx.t, result.opens_next
    ride = labels.minutes(t, result.listed[0].ride)
    if ctx.now.astimezone(CHINA).month in COLD_MONTHS:
        text = t(
            "Nothing nearby is open now; the nearest is {distance} away ({ride} by e-bike). "
            "Do not push yourself in this cold.",
            distance=distance,
            ride=ride,
        )
    else:
        text = t(
            "Nothing nearby is open now; the nearest is {distance} away ({ride} by e-bike). "
            "Think twice before you ride there.",
            distance=distance,
            ride=ride,
        )
    if opens_next is not None and opens_next.id in described:
        text += "\n" + t(
            "The first nearby to open: {name}, {distance}, {opening}.",
            name=described[opens_next.id].name,
            distance=labels.kilometres(t, opens_next.metres),
            opening=wording.opens(t, opens_next.opening, ctx.now),
        )
    return text


def _next_steps(
    t: Translator, search: Search, result: SearchResult, listed: Sequence[StationMatch]
) -> Buttons:
    """Details of each station listed, the filters, and the next page."""
    if result.outcome is SearchOutcome.DOUBTFUL_POSITION:
        row = (Button(t("Send my location"), "locate"), Button(t("Talk to a person"), "human"))
        return Buttons((row,), t("What next?"))
    details = tuple(
        Button(t("How to get in {n}", n=number), f"station.card:{one.id}")
        for number, one in enumerate(listed, search.skip + 1)
    )
    filters = []
    for code in labels.FILTERS:
        bit = 1 << FACILITIES[code].bit
        word = labels.facility(t, code)
        label = t("✓ {facility}", facility=word) if search.mask & bit else word
        filters.append(Button(label, f"near.with:{search.mask ^ bit}"))
    if result.more:
        filters.append(Button(t("More"), f"near.more:{search.skip + PAGE}"))
    elif search.skip:
        filters.append(Button(t("Back to the nearest"), "near.more:0"))
    rows = [details] if details else []
    rows += [tuple(filters[i : i + 3]) for i in range(0, len(filters), 3)]
    return Buttons(tuple(rows), t("Need something else?"))
