"""Stations that are open and not listed: which they are, and why they were passed over."""

from collections.abc import Mapping, Sequence

from bot.common.i18n import Translator
from bot.handlers.stations.figures import Figures
from bot.services.stations.catalogue import Station
from bot.services.stations.results import PAGE, SearchResult, StationMatch


def notes(
    t: Translator, result: SearchResult, figures: Figures, described: Mapping[int, Station]
) -> list[str]:
    """A line for each reason: too little time left there, reported today, an hour's ride away."""
    lines = []
    if result.brief:
        lines.append(_brief(t, result, figures, described))
    if result.left_out:
        names = _names(t, result.left_out, described)
        lines.append(t("Left out, as you reported it today: {names}.", names=names))
    if result.farther:
        lines.append(t("All others are more than an hour away by e-bike: see “More”."))
    return lines


def _brief(
    t: Translator, result: SearchResult, figures: Figures, described: Mapping[int, Station]
) -> str:
    times = []
    for one in result.brief[:PAGE]:
        if one.id in described and one.opening.until is not None:
            left = figures.matches[one.id].left
            name = described[one.id].name
            times.append(t("{name} ({left} left on arrival)", name=name, left=left))
    text = t(", ").join(times)
    more = len(result.brief) - len(times)
    if more > 0:
        return t("Too late for: {names} and {n} more.", names=text, n=more)
    return t("Too late for: {names}.", names=text)


def _names(
    t: Translator, stations: Sequence[StationMatch], described: Mapping[int, Station]
) -> str:
    names = [described[one.id].name for one in stations[:PAGE] if one.id in described]
    text = t(", ").join(names)
    more = len(stations) - len(names)
    return t("{names} and {n} more", names=text, n=more) if more > 0 else text
