"""Notices of what comes: stations that are closed tomorrow, and cold, dust or heat in a league."""

from datetime import date, datetime, time
from typing import Final

from bot.common.clock import CHINA
from bot.common.facilities import codes
from bot.common.i18n import Translator
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Places
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.stations import facilities
from bot.services.notifications.kinds import NoticeKind
from bot.services.stations import catalogue, favourites
from bot.services.stations.alerts import weather
from bot.services.stations.alerts.closures import closes_tomorrow
from bot.services.stations.alerts.weather import PREFERRED, Weather, WeatherMode
from bot.services.stations.catalogue import Station
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus

NAMED_MOST: Final = 5  # closed stations that one notice names
_KINDS: Final[frozenset[str]] = frozenset(
    {NoticeKind.STATION_CLOSED_TOMORROW, NoticeKind.STATION_WEATHER}
)


class AlertNotices:
    """Renders them as things are when they are sent."""

    def __init__(self, stations: StationSearch, places: Places) -> None:
        self._stations = stations
        self._places = places

    def feature(self) -> Feature:
        """Nothing but the notices, which are sent again when it is unknown whether they arrived."""
        return Feature(
            renderers={
                NoticeKind.STATION_CLOSED_TOMORROW: self.closed_tomorrow,
                NoticeKind.STATION_WEATHER: self.weather,
            },
            repeats=_KINDS,
        )

    async def closed_tomorrow(self, context: NoticeContext) -> Reply | None:
        """The kept stations that are closed that day; None if there is none, or it is over."""
        t, day = context.t, date.fromisoformat(str(context.params["day"]))
        today = context.now.astimezone(CHINA).date()
        if today > day:
            return None
        kept = await favourites.favourites(context.db, context.courier_id)
        found = await catalogue.describe(context.db, kept)
        closed = [one for one in found.values() if self._is_closed(one, day)]
        if not closed:
            return None
        lines = [
            t("Closed tomorrow, {day}, of those you keep:", day=labels.month_day(t, day))
            if today < day
            else t("Closed today, {day}, of those you keep:", day=labels.month_day(t, day))
        ]
        lines += [self._line(t, one, day, context.now) for one in closed[:NAMED_MOST]]
        if len(closed) > NAMED_MOST:
            lines.append(t("… and {n} more", n=len(closed) - NAMED_MOST))
        near = Button(t("Stations near me"), "locate")
        return Reply((Say("\n".join(lines)), _stop(t), Buttons(((near,),), "")))

    async def weather(self, context: NoticeContext) -> Reply | None:
        """What is declared and what searches prefer now; None once it is over."""
        t = context.t
        mode = await weather.mode(context.db, int(context.params["mode"] or 0))
        if mode is None or not mode.holds(context.now):
            return None
        wanted = facilities.listed(t, codes(PREFERRED[mode.kind]))
        text = t(
            "Until {day} I look first for stations with: {list}.", day=_until(t, mode), list=wanted
        )
        near = Button(t("Stations near me"), "locate")
        said = Say("\n".join((self._announcement(t, mode), text)))
        return Reply((said, _stop(t), Buttons(((near,),), "")))

    def _is_closed(self, station: Station, day: date) -> bool:
        is_listed = station.status is StationStatus.OPEN
        return is_listed and closes_tomorrow(station.schedule, self._stations.holidays, day)

    def _line(self, t: Translator, station: Station, day: date, now: datetime) -> str:
        """Its name, why, and when it opens again."""
        change = station.schedule.change(day)
        holiday = self._stations.holidays.days.get(day)
        reason = change.reason if change else holiday.name if holiday else ""
        begins = datetime.combine(day, time(), CHINA)
        opening = self._stations.state(station.schedule, begins)
        name = t("{name} ({reason})", name=station.name, reason=reason) if reason else station.name
        if opening.opens is None:
            return f"· {name}"
        again = labels.day_and_time(t, opening.opens, now)
        return "· " + t("{name}, open again {time}", name=name, time=again)

    def _announcement(self, t: Translator, mode: WeatherMode) -> str:
        place = self._places.by_adcode[mode.league].name
        match mode.kind:
            case Weather.COLD:
                return t("Hard cold in {place}. Warm up often, keep the phone close.", place=place)
            case Weather.DUST:
                return t("Dust in {place}. Wear a mask, wait indoors while it blows.", place=place)
            case Weather.HEAT:
                return t("Great heat in {place}. Drink often, and rest in the cool.", place=place)


def _until(t: Translator, mode: WeatherMode) -> str:
    end = mode.until.astimezone(CHINA)
    return f"{labels.month_day(t, end.date())} {labels.clock_time(end)}"


def _stop(t: Translator) -> Say:
    return Say(t("Say “{word}” to hear no more of these.", word=t("stop stations")))
