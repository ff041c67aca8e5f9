"""What is said where no station is near, none is open, or the one that is lies too far to ride."""

from collections.abc import Mapping

from bot.common.clock import CHINA
from bot.conversation.context import Context
from bot.conversation.replies import Part, Say
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.handlers.stations.results import FAR_AWAY, Search, codes, shown
from bot.services.stations.catalogue import Station
from bot.services.stations.search import Match, SearchResult

COLD_MONTHS = frozenset({10, 11, 12, 1, 2, 3, 4})


def far_ride(
    ctx: Context, first: Match, opens_next: Match | None, described: Mapping[int, Station]
) -> Say:
    """Before a list whose first is too far to ride in the night: how far, and who opens nearby."""
    t = ctx.t
    distance = labels.kilometres(t, first.metres)
    if ctx.now.astimezone(CHINA).month in COLD_MONTHS:
        said = t(
            "Nothing nearby is open now; the nearest is {distance} away ({ride} by e-bike). "
            "Do not push yourself in this cold.",
            distance=distance,
            ride=labels.minutes(t, first.ride),
        )
    else:
        said = t(
            "Nothing nearby is open now; the nearest is {distance} away ({ride} by e-bike). "
            "Think twice before you ride there.",
            distance=distance,
            ride=labels.minutes(t, first.ride),
        )
    if opens_next is not None and opens_next.id in described:
        said += "\n" + t(
            "The first nearby to open: {name}, {distance}, {opening}.",
            name=described[opens_next.id].name,
            distance=labels.kilometres(t, opens_next.metres),
            opening=wording.opens(t, opens_next.opening, ctx.now),
        )
    return Say(said)


def none_always(
    ctx: Context, search: Search, latest: Match | None, described: Mapping[int, Station]
) -> list[Part]:
    """Nothing near that never closes: the one that closes last."""
    t = ctx.t
    wanted = codes(search.mask)
    if wanted:
        said = t(
            "None nearby with {list} is open round the clock; this one closes last:",
            list=wording.listed(t, wanted),
        )
    else:
        said = t("None nearby is open round the clock; this one closes last:")
    if latest is None or latest.id not in described:
        return [Say(t("There is no station open round the clock around here."))]
    station = described[latest.id]
    pin = wording.in_list(t, 1, station, latest, t("open latest"), ctx.now, search.at)
    return [Say(said), pin]


def none_open(
    ctx: Context,
    search: Search,
    found: SearchResult,
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
        pin = wording.in_list(t, number, station, one, reason, ctx.now, search.at)
        parts.append(pin)
    return parts


def nothing_near(
    ctx: Context,
    search: Search,
    found: SearchResult,
    described: Mapping[int, Station],
    within: float,
) -> list[Part]:
    """Nothing within the radius: say so with the nearest one's distance."""
    t = ctx.t
    wanted = wording.listed(t, codes(search.mask))
    nearest = found.nearest
    if nearest is None or nearest.id not in described:
        if wanted:
            return [Say(t("No station has {list} in working order now.", list=wanted))]
        return [Say(t("No station is registered yet. Please try again later."))]
    radius = labels.kilometres(t, within)
    if wanted:
        said = t("No station with {list} within {radius}.", list=wanted, radius=radius)
    else:
        said = t("No station within {radius}.", radius=radius)
    parts: list[Part] = [Say(said)]
    if nearest.metres > FAR_AWAY:
        distance = labels.kilometres(t, nearest.metres)
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
    parts.append(wording.in_list(t, 1, station, nearest, t("nearest"), ctx.now, search.at))
    return parts
