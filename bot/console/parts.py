"""What the console's pages work with."""

from typing import Protocol

from bot.common.clock import Clock
from bot.common.i18n import Languages
from bot.common.values import value
from bot.config.settings import Settings
from bot.console.background import Runner, in_a_process
from bot.documents.posters import Code
from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.services.storage import Database, Keys


class CodesUnavailable(Exception):
    """A platform could not make its QR code now; to be tried again."""


class ChatCodes(Protocol):
    """Makes the QR codes that open the chat with `start` as its first message."""

    async def __call__(self, start: str, page: str = "", *, wechat: bool = False) -> list[Code]:
        """A browser opens `page`. `wechat`: with WeChat's own. Raises `CodesUnavailable`."""


@value
class Parts:
    """One installation. `languages`: those in which couriers read; `wording`: the console's own.

    `secure`: it is reached by https, so that cookies are sent by https only. `work` runs what takes
    long.
    """

    store: Database
    keys: Keys
    settings: Settings
    clock: Clock
    languages: Languages
    wording: Languages
    places: Places
    holidays: Holidays
    chat_codes: ChatCodes
    secure: bool
    work: Runner = in_a_process
