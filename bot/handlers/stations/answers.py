"""A search result in words: what came of it, the stations with their reasons, what to do next."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES, codes
from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.geo.region import region_name
from bot.handlers.stations import facilities, passed_over, wording
from bot.handlers.stations.feedback.known import found_against, nearest_passed_over
from bot.handlers.stations.figures import Figures, figures_of
from bot.handlers.stations.remembered import Search
from bot.services.stations.catalogue import Station
from bot.services.stations.observations import Known
from bot.services.stations.results import (
    MatchReason,
    SearchOutcome,
    SearchResult,
    StationMatch,
)

COLD_MONTHS = frozenset({10, 11, 12, 1, 2, 3, 4})
COLUMNS = 3  # buttons of one row


def answer(
    ctx: Context,
    search: Search,
    result: SearchResult,
    described: Mapping[int, Station],
    known: Mapping[int, Sequence[Known]],
    public_url: str = "",
) -> Reply:
    """The whole answer to a search; a station that is not `described` any more is left out.

    `known`: what was observed lately of those described.
    """
    t = ctx.t
    figures = figures_of(t, search, result, ctx.now)
    listed = [one for one in result.listed if one.id in described]
    surer = ""
    if (nearest := result.plain_nearest) is not None and nearest.id in described:
        found = known.get(nearest.id, ())
        for_weather = any(one.reason is MatchReason.SUITS_WEATHER for one in result.listed)
        surer = nearest_passed_over(
            t, described[nearest.id], found, ctx.now, for_weather=for_weather
        )
    parts: list[Part] = [Say(_summary(ctx, search, result, figures, described, surer))]
    mixed = result.listed[result.relaxed :] if result.relaxed and not search.always else ()
    for number, one in enumerate(listed, search.skip + 1):
        if mixed and one is mixed[0]:
            parts.append(Say(_qualified(t, search, figures)))
        parts.append(
            wording.in_list(
                t,
                number,
                described[one.id],
                one,
                figures.matches[one.id],
                ctx.now,
                search.at,
                against=found_against(t, described[one.id], known.get(one.id, ()), ctx.now),
                seen_from=search.name,
                public_url=public_url,
            )
        )
    if notes := passed_over.notes(t, result, figures, described):
        parts.append(Say("\n".join(notes)))
    parts.append(_next_steps(t, search, result, figures, listed))
    following = search.skip + len(result.listed) - result.relaxed
    return Reply(tuple(parts), search.then([one.id for one in listed], following))


def _summary(
    ctx: Context,
    search: Search,
    result: SearchResult,
    figures: Figures,
    described: Mapping[int, Station],
    surer: str,
) -> str:
    """What came of the search, before any station is listed.

    `surer`: why the first is not the nearest, empty where it is.
    """
    t, wanted, radius = ctx.t, figures.wanted, figures.radius
    match result.outcome:
        case SearchOutcome.FOUND:
            return _found(t, search, figures, surer)
        case SearchOutcome.NO_MORE if wanted:
            return t("That was all there is nearby with {list} that will be open.", list=wanted)
        case SearchOutcome.NO_MORE:
            return t("That was all there is nearby that will be open.")
        case SearchOutcome.NONE_OPEN if wanted and search.within is not None:
            text = t(
                "Nothing within {radius} with {list} will be open when you get there.",
                radius=radius,
                list=wanted,
            )
        case SearchOutcome.NONE_OPEN if wanted:
            text = t("Nothing nearby with {list} will be open when you get there.", list=wanted)
        case SearchOutcome.NONE_OPEN if search.within is not None:
            text = t("Nothing within {radius} will be open when you get there.", radius=radius)
        case SearchOutcome.NONE_OPEN:
            text = t("Nothing nearby will be open when you get there.")
        case SearchOutcome.TOO_BRIEF if wanted:
            text = t("Those with {list} close as soon as you get there.", list=wanted)
        case SearchOutcome.TOO_BRIEF:
            text = t("Those that are open close as soon as you get there.")
        case SearchOutcome.NONE_ROUND_THE_CLOCK:
            return _none_round_the_clock(t, search, result, figures.wanted)
        case SearchOutcome.NONE_NEAR if wanted:
            text = t("No station with {list} within {radius}.", list=wanted, radius=radius)
        case SearchOutcome.NONE_NEAR:
            text = t("No station within {radius}.", radius=radius)
        case SearchOutcome.DOUBTFUL_POSITION:
            return _outside(
                t, search, result, figures, t("No station within {radius}.", radius=radius)
            )
        case SearchOutcome.NO_STATION if wanted:
            text = t("No station has {list} in working order now.", list=wanted)
        case SearchOutcome.NO_STATION:
            return t("No station is registered yet. Please try again later.")
        case SearchOutcome.FAR_RIDE:
            text = _far_ride(ctx, result, figures, described)
    return f"{text}\n{_relaxed(t, search, result, wanted)}" if result.relaxed else text


def _found(t: Translator, search: Search, figures: Figures, surer: str) -> str:
    if search.skip:
        head = t("A little further:")
    elif search.name and search.always:
        head = t("Open round the clock, seen from the centre of {place}:", place=search.name)
    elif search.always:
        head = t("Open round the clock, nearest first:")
    elif search.name:
        head = t("Seen from the centre of {place}, open when you get there:", place=search.name)
    elif surer:
        head, surer = surer, ""
    else:
        head = t("Nearest that will be open when you get there:")
    if figures.named_radius and not search.skip:
        head = t("Within {radius}. ", radius=figures.named_radius) + head
    head = t("With {list}. ", list=figures.wanted) + head if figures.wanted else head
    return f"{surer}\n{head}" if surer else head


def _none_round_the_clock(t: Translator, search: Search, result: SearchResult, wanted: str) -> str:
    if not result.listed:
        return t("There is no station open round the clock around here.")
    if len(result.listed) == result.relaxed:
        text = t("None nearby is open round the clock.")
        if wanted:
            text = t("None nearby with {list} is open round the clock.", list=wanted)
        return f"{text}\n{_relaxed(t, search, result, wanted)}"
    if wanted:
        return t(
            "None nearby with {list} is open round the clock; this one closes last:", list=wanted
        )
    return t("None nearby is open round the clock; this one closes last:")


def _relaxed(t: Translator, search: Search, result: SearchResult, wanted: str) -> str:
    """What heads the stations that are listed though they do not meet the filters."""
    instead = result.listed[: result.relaxed]
    if not any(one.facilities & search.mask != search.mask for one in instead):
        return t("Open, but further away:")
    if len(codes(search.mask)) > 1:
        return t("Open, but without all of that:")
    return t("Open, without {list}:", list=wanted)


def _qualified(t: Translator, search: Search, figures: Figures) -> str:
    """What heads the stations that do meet the filters, after those that do not."""
    if search.mask:
        return t("With {list}:", list=figures.wanted)
    return t("Within {radius}:", radius=figures.radius)


def _outside(
    t: Translator, search: Search, result: SearchResult, figures: Figures, none_near: str
) -> str:
    """So far from all stations: this service is for one region, or the position is wrong."""
    distance = figures.matches[result.nearest.id].distance if result.nearest else figures.radius
    nearest = t(
        "{none_near} The nearest is {distance} away.", none_near=none_near, distance=distance
    )
    if search.name:
        return t("Seen from the centre of {place}: {text}", place=search.name, text=nearest)
    return nearest + t(
        "\nThis is a service of {region}. Elsewhere, the union hotline 12351 knows the stations "
        "around you. If you are in {region}, your phone sent a wrong place: send it again, or type "
        "the name of your town.",
        region=region_name(t.locale),
    )


def _far_ride(
    ctx: Context, result: SearchResult, figures: Figures, described: Mapping[int, Station]
) -> str:
    """How far the nearest open one is, and which one nearby opens first."""
    t, opens_next = ctx.t, result.opens_next
    first = figures.matches[result.listed[result.relaxed].id]
    distance, ride = first.distance, first.ride
    if figures.wanted:
        text = t(
            "Nothing nearby with {list} is open now; the nearest is {distance} away ({ride} by "
            "e-bike).",
            list=figures.wanted,
            distance=distance,
            ride=ride,
        )
    elif result.brief:
        text = t(
            "What is open nearby closes as soon as you get there; the nearest for a rest is "
            "{distance} away ({ride} by e-bike).",
            distance=distance,
            ride=ride,
        )
    else:
        text = t(
            "Nothing nearby is open now; the nearest is {distance} away ({ride} by e-bike).",
            distance=distance,
            ride=ride,
        )
    if ctx.now.astimezone(CHINA).month in COLD_MONTHS:
        text += t(" Do not push yourself in this cold.")
    else:
        text += t(" Think twice before you ride there.")
    if opens_next is not None and opens_next.id in described:
        text += "\n" + t(
            "The first nearby to open: {name}, {distance}, {opening}.",
            name=described[opens_next.id].name,
            distance=figures.matches[opens_next.id].distance,
            opening=figures.matches[opens_next.id].opens,
        )
    return text


def _next_steps(
    t: Translator,
    search: Search,
    result: SearchResult,
    figures: Figures,
    listed: Sequence[StationMatch],
) -> Buttons:
    """Details of each station listed, the filters, and the next page."""
    if result.outcome is SearchOutcome.DOUBTFUL_POSITION:
        row = (Button(t("Send my location"), "locate"), Button(t("Talk to a person"), "human"))
        return Buttons((row,), t("What next?"))
    details = [
        wording.details_button(t, number, one.id)
        for number, one in enumerate(listed, search.skip + 1)
    ]
    nearest = result.plain_nearest
    if nearest is not None and nearest.id not in [one.id for one in listed]:
        details.append(Button(t("The nearest after all"), f"station.card:{nearest.id}"))
    filters = list(_filters(t, search.mask))
    if figures.named_radius:
        within = t("✓ within {radius}", radius=figures.named_radius)
        filters.append(Button(within, "near.without:radius"))
    if search.always:
        filters.append(Button(t("✓ round the clock"), "near.without:always"))
    following = search.skip + len(result.listed) - result.relaxed
    if result.more:
        filters.append(Button(t("More"), f"near.more:{following}"))
    elif search.skip:
        filters.append(Button(t("Back to the nearest"), "near.more:0"))
    rows = [tuple(details)] if details else []
    rows += [tuple(filters[i : i + COLUMNS]) for i in range(0, len(filters), COLUMNS)]
    return Buttons(tuple(rows), t("Need something else?"))


@lru_cache(maxsize=1024)
def _filters(t: Translator, mask: int) -> tuple[Button, ...]:
    """A button for each of the facilities in force, and of the ordinary ones."""
    return tuple(
        _filter(t, mask, code) for code in dict.fromkeys((*codes(mask), *facilities.FILTERS))
    )


def _filter(t: Translator, mask: int, code: str) -> Button:
    bit = 1 << FACILITIES[code].bit
    word = facilities.facility(t, code)
    label = t("✓ {facility}", facility=word) if mask & bit else word
    return Button(label, f"near.with:{mask ^ bit}")
