"""The words of the page on which a keeper confirms a station, `/k`."""

from datetime import datetime, timedelta

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.documents.keeper_page import KeeperDay, KeeperPage
from bot.handlers import labels
from bot.handlers.stations import facilities, wording
from bot.hours.weekly import ALL_DAY, DAY, DayHours, Interval
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.keepers.answers import DAYS
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus


class KeeperPages:
    """Makes them from what is stored now."""

    def __init__(self, stations: StationSearch) -> None:
        self._stations = stations

    async def make(
        self, db: Db, station_id: int, t: Translator, now: datetime
    ) -> KeeperPage | None:
        """The page of a station; None where it no longer exists."""
        version = await dataset_version(db, Dataset.STATIONS)
        station = (await catalogue.describe(db, [station_id])).get(station_id)
        if station is None:
            return None
        today = now.astimezone(CHINA).date()
        days = [today + timedelta(days=ahead) for ahead in range(DAYS)]
        rows = [self._stations.on(station.schedule, day) for day in days]
        return KeeperPage(
            title=station.name,
            address=station.address,
            version=version,
            days=tuple(
                KeeperDay(
                    day.isoformat(),
                    t("Today") if day == today else labels.weekday(t, day.weekday()),
                    labels.month_day(t, day),
                    _hours(t, row),
                )
                for day, row in zip(days, rows, strict=True)
            ),
            is_closed_today=rows[0] == (),
            facilities=tuple(
                (one.code, facilities.facility(t, one.code), str(one.state))
                for one in station.facilities
            ),
            confirmed=wording.confirmed(t, station),
            remark=_remark(t, station),
        )


def _hours(t: Translator, row: DayHours | None) -> str:
    """The hours of a day as a keeper would write them; blank where they are unknown."""
    if row is None:
        return ""
    if row == ALL_DAY:
        return t("round the clock")
    return " ".join(map(_span, row)) or t("not open")


def _span(hours: Interval) -> str:
    opens, closes = hours
    end = closes if closes <= DAY else closes - DAY
    return f"{opens // 60}:{opens % 60:02}-{end // 60}:{end % 60:02}"


def _remark(t: Translator, station: Station) -> str:
    match station.status:
        case StationStatus.OPEN:
            return ""
        case StationStatus.PAUSED:
            return t("This station is listed as closed for the time being.")
        case StationStatus.MOVED:
            return t("This station is listed as moved away.")
        case StationStatus.CLOSED:
            return t("This station is listed as given up.")
