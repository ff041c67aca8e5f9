"""Landmarks that couriers name and the built-in places do not hold, where a geocoder is set up."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.channels.protocol import Turn
from bot.config.settings import Settings, SettingsError
from bot.conversation.events import Event, Text
from bot.conversation.replies import Answer
from bot.geo.datum import Datum
from bot.geo.place_text import names_landmark
from bot.geo.places import Places

if TYPE_CHECKING:
    from bot.services.stations.geocoding import Geocoder

LONGEST = 40  # characters of a text that may name a landmark


def geocoder(settings: Settings) -> "Geocoder | None":
    """The geocoder that the settings name. Raises `SettingsError`."""
    if not settings.geocoder:
        return None
    from bot.services.stations.geocoding import Geocoder

    try:
        return Geocoder(
            settings.geocoder, settings.geocoder_options, Datum(settings.geocoder_datum)
        )
    except ValueError:
        raise SettingsError(
            "YIZHAN_GEOCODER or YIZHAN_GEOCODER_OPTIONS is wrong: write the name of a geopy "
            "geocoder, such as nominatim, and its options as JSON."
        ) from None


def with_landmarks(turn: Turn, places: Places, geocoder: "Geocoder") -> Turn:
    """Looks a named landmark up before the turn, which itself may not use the network.

    Only a street, station or building beside a known town: “海拉尔 火车站”. Whatever else stands
    beside one may be somebody's name (“王强 赛罕区”), and stays here.
    """

    async def ask_first(event: Event) -> Answer:
        content = event.content
        if isinstance(content, Text) and len(content.text) <= LONGEST:
            found = places.read(content.text)
            if found.places and names_landmark(found.rest):
                point = await geocoder.locate(content.text)
                event = replace(event, content=replace(content, place=point))
        return await turn(event)

    return ask_first
