"""What is printed for a station: the words of its poster, and the QR codes on it."""

from bot.common.i18n import Translator
from bot.documents.posters import StationPoster
from bot.handlers import labels
from bot.handlers.stations import facilities
from bot.services.stations.catalogue import Station
from bot.services.stations.statuses import FacilityStatus


def poster_of(t: Translator, station: Station) -> StationPoster:
    """The page for its door; `t` is Chinese, whatever an operator speaks."""
    hours = station.schedule.hours
    working = [
        facilities.facility(t, one.code)
        for one in station.facilities
        if one.state is FacilityStatus.OK
    ]
    return StationPoster(
        name=station.name,
        address=station.address,
        hours="" if hours is None else labels.week(t, hours),
        facilities="、".join(working),
        phone=station.phone,
    )
