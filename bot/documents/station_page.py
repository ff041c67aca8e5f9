"""What a station's public page says, in one language, before it becomes HTML."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.replies import Link


@value
class PagePhoto:
    """A photo of the door by its name; `alt` for who cannot see it, sizes in pixels."""

    name: str
    alt: str
    description: str
    width: int
    height: int


@value
class StationPage:
    """`state` is whether one could walk in now (`is_open`), `week` the hours of the days.

    `rides` open map apps, `phones` are `tel:` links, `changes` dated exceptions, `rows` further
    facts as (name, text), `facilities` each with what is wrong with it, `chat` an address.
    """

    title: str
    address: str
    state: str
    is_open: bool
    door: str
    week: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    facilities: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...]
    rides: tuple[Link, ...]
    phones: tuple[Link, ...]
    confirmed: str
    chat: str
    photos: tuple[PagePhoto, ...] = ()


PageMaker = Callable[[AsyncSession, str, Translator, datetime], Awaitable[StationPage | None]]
"""Makes the page of a public code; None for one that no station has."""
