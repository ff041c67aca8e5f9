"""Photos of a station's door: the button and the link to them, and the photos themselves."""

from typing import Final

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Document, Link, Part, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.stations import links
from bot.handlers.stations.remembered import current_station, numbered_stations, with_current
from bot.intents.normalise import normalise
from bot.services.pictures import JPEG
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.photos import shown
from bot.services.stations.photos.shown import ChatPhoto
from bot.services.stations.search import StationSearch

ACTION: Final = "station.photos"
_ASKED: Final = LazyPattern(
    "[我想要能给帮发来有没看一下个张它这那家里的门口头驿站大]{0,20}"
    "(?:照片|图片|相片)[看一下有没吗么呢吧呀啊]{0,8}[.!? ]*"
    "|[这那家它个的大]{0,6}(?:门口?|门头|门脸|入口)[是长]{0,2}"
    "(?:什么|啥)样[子儿]?的?[吗呢啊呀]?[.!? ]*"
    "|(?:(?:any|show me(?: the)?|is there a) )?(?:photos?|pictures?)(?: of (?:the|its) door)?[?]?"
    "|what does (?:the|its) door look like[?]?"
)


def button(t: Translator, station_id: int) -> Button:
    """Shows the photos in the chat."""
    return Button(t("Photos of the door"), f"{ACTION}:{station_id}")


def link(t: Translator, station: Station, public_url: str) -> tuple[Link, ...]:
    """The photos on the station's public page; nothing without a public address."""
    if not public_url:
        return ()
    return (Link(t("See the door"), f"{links.page_url(station.code, public_url)}#photos"),)


class DoorPhotoHandlers:
    """Sends the photos of a station where a courier presses the button or asks for them."""

    def __init__(self, stations: StationSearch, public_url: str = "") -> None:
        self._stations = stations
        self._public_url = public_url

    def feature(self) -> Feature:
        """The button, and questions like 门口长什么样 about the station shown last."""
        return Feature(actions={ACTION: self.show}, references=(self.asked,))

    async def asked(self, ctx: Context) -> Reply | None:
        """有照片吗: those of the station shown last, else the first that was listed."""
        if ctx.data.keys() - CARRIED or not _ASKED.fullmatch(normalise(typed(ctx))):
            return None
        first = next((one for one in numbered_stations(ctx) if one), None)
        station_id = current_station(ctx) or first
        station = None if station_id is None else await self._station(ctx, station_id)
        return None if station is None else await self._photos(ctx, station)

    async def show(self, ctx: Context) -> Reply:
        """The photos of the station that the button names."""
        station = await self._station(ctx, ctx.number(0))
        if station is None:
            raise StaleButtonError
        return await self._photos(ctx, station)

    async def _station(self, ctx: Context, station_id: int) -> Station | None:
        found = await catalogue.describe(ctx.db, [station_id], self._stations.described)
        return found.get(station_id)

    async def _photos(self, ctx: Context, station: Station) -> Reply:
        """All of them with what one sees, as files; on channels that take none, as links."""
        t = ctx.t
        then = with_current(ctx, station.id)
        row = (Button(t("How to get in"), f"station.card:{station.id}"),)
        found = await shown.for_chat(ctx.db, station.id)
        if not found:
            text = t("There is no photo of the door of {name} yet.", name=station.name)
            return Reply((Say(text), Buttons((row,), "")), then)
        lines = [t("The door of {name}:", name=station.name)]
        lines += [
            t("Photo {n}: {text}", n=number, text=one.description)
            for number, one in enumerate(found, 1)
            if one.description
        ]
        parts: list[Part] = [Say("\n".join(lines), link(t, station, self._public_url))]
        parts += [self._file(t, number, one) for number, one in enumerate(found, 1)]
        return Reply((*parts, Buttons((row,), t("What next?"))), then)

    def _file(self, t: Translator, number: int, photo: ChatPhoto) -> Document:
        name = t("door-{n}.jpg", n=number)
        root = self._public_url.rstrip("/")
        url = f"{root}/s/photos/{photo.name}.jpg" if root else ""
        return Document(name, JPEG, photo.data, Link(t("Photo {n}", n=number), url))
