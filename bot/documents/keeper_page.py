"""What the page of a station's keeper asks, in one language, before it becomes HTML."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.i18n import Translator
from bot.common.values import value


@value
class KeeperDay:
    """A day's hours as text that can be edited: `day` is ISO, `label`, `date` its names."""

    day: str
    label: str
    date: str
    hours: str


@value
class KeeperPage:
    """A station as its keeper confirms it.

    `version`: of the stations as shown. `days`: today first. `is_closed_today`: by what is stored.
    `facilities` as (code, name, state). `remark`: what the keeper cannot change here, or "".
    """

    title: str
    address: str
    version: int
    days: tuple[KeeperDay, ...]
    is_closed_today: bool
    facilities: tuple[tuple[str, str, str], ...]
    confirmed: str
    remark: str


KeeperPageMaker = Callable[[AsyncSession, int, Translator, datetime], Awaitable[KeeperPage | None]]
"""Makes the page of a station by its id; None where it no longer exists."""
