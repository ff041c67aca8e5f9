"""The words of a station's public page, `/s/CODE`."""

from collections.abc import Sequence
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.documents.station_page import PagePhoto, StationPage
from bot.handlers.stations import facilities, links, wording
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.photos.shown import Photo, of_station
from bot.services.stations.public_codes import arrival_code, with_public_code
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus


class PublicPages:
    """Makes them from the stations that searches know."""

    def __init__(self, stations: StationSearch) -> None:
        self._stations = stations

    async def make(self, db: Db, code: str, t: Translator, now: datetime) -> StationPage | None:
        """The page of a public code; None for one that no station has."""
        found = await with_public_code(db, code)
        if found is None:
            return None
        station = (await catalogue.describe(db, [found], self._stations.described)).get(found)
        if station is None:
            return None
        return self._page(t, station, now, await of_station(db, found))

    def _page(
        self, t: Translator, station: Station, now: datetime, photos: Sequence[Photo]
    ) -> StationPage:
        opening = self._stations.state(station.schedule, now)
        rows = (
            (t("Getting in"), station.entry),
            (t("E-bike parking"), station.parking),
            (t("Toilet"), station.toilet),
        )
        return StationPage(
            title=station.name,
            address=station.address,
            state=wording.state_now(t, station, opening, now),
            is_open=station.status is StationStatus.OPEN and opening.is_open is True,
            door=station.door or t("look for the 爱心驿站 sign"),
            week=wording.week(t, station),
            changes=tuple(wording.coming_changes(t, station, now)),
            facilities=tuple(
                (
                    facilities.facility(t, one.code),
                    t("; ").join(filter(None, (facilities.state(t, one.state), one.note))),
                )
                for one in station.facilities
            ),
            rows=tuple(row for row in rows if row[1]),
            rides=links.rides(t, station),
            phones=links.phones(station.phone),
            confirmed=wording.confirmed(t, station),
            chat=f"/?start={arrival_code(station.code)}",
            photos=tuple(
                PagePhoto(
                    one.name,
                    one.description or t("Door of {name}, photo {n}", name=station.name, n=number),
                    one.description,
                    one.width,
                    one.height,
                )
                for number, one in enumerate(photos, 1)
            ),
        )
