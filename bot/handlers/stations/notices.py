"""The notice that a station which a courier keeps has changed, worded as it is when it is sent."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.stations import wording
from bot.services.notifications.kinds import NoticeKind
from bot.services.stations import catalogue, favourites
from bot.services.stations.catalogue import Station
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus

DATED_MOST: Final = 3  # dated changes that one notice names


class StationNotices:
    """Renders what couriers are told of stations they keep."""

    def __init__(self, stations: StationSearch) -> None:
        self._stations = stations

    def feature(self) -> Feature:
        """Nothing but the notice; it is sent again when it is unknown whether it arrived."""
        return Feature(
            renderers={NoticeKind.STATION_CHANGED: self.changed},
            repeats=frozenset({NoticeKind.STATION_CHANGED}),
        )

    async def changed(self, context: NoticeContext) -> Reply | None:
        """What is new of the station; None once the courier no longer keeps it."""
        t, station_id = context.t, int(context.params["station"] or 0)
        if station_id not in await favourites.favourites(context.db, context.courier_id):
            return None
        station = (await catalogue.describe(context.db, [station_id])).get(station_id)
        if station is None:
            return None
        keys = context.params.keys()
        lines = changed_lines(t, station, keys, context.now)
        if not lines:
            return None
        details = Button(
            t("How to get in: {name}", name=station.name), f"station.card:{station_id}"
        )
        text = "\n".join(lines)
        part = wording.pin(t, station, text) if "place" in keys else Say(text)
        stop = Say(t("Say “{word}” to hear no more of these.", word=t("stop stations")))
        return Reply((part, stop, Buttons(((details,),), "")))


def changed_lines(
    t: Translator, station: Station, keys: Collection[str], now: datetime
) -> list[str]:
    """What is new of a station that a courier keeps; none where there is nothing to say.

    `keys`: what changed, as in `StationChange`.
    """
    today = now.astimezone(CHINA).date()
    lines: list[str] = []
    if "status" in keys:
        lines.append(_status(t, station))
    if station.status is StationStatus.OPEN:
        if "place" in keys:
            lines.append(t("It has moved to: {address}", address=station.address))
        if "hours" in keys and station.schedule.hours is not None:
            lines.append(t("New hours: {text}", text=labels.week(t, station.schedule.hours)))
        elif "hours" in keys:
            lines.append(t("Its hours are no longer registered."))
        if "changes" in keys:
            lines += _dated(t, station, today)
    return [t("{name}, which you keep:", name=station.name), *lines] if lines else []


def _status(t: Translator, station: Station) -> str:
    match station.status:
        case StationStatus.OPEN:
            return t("It is open again.")
        case StationStatus.PAUSED:
            return t("It is closed for the time being. Look for another one before you ride there.")
        case StationStatus.MOVED:
            return t("It has moved away. Look for another one before you ride there.")
        case StationStatus.CLOSED:
            return t("It was given up. Look for another one before you ride there.")


def _dated(t: Translator, station: Station, today: date) -> list[str]:
    ahead = [one for one in station.schedule.changes if one.last >= today]
    return [wording.dated(t, one) for one in ahead[:DATED_MOST]] or [
        t("Its special hours are over: the ordinary ones apply.")
    ]
