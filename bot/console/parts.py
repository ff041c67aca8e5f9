"""What the console's pages work with."""

from dataclasses import dataclass

from bot.common.clock import Clock
from bot.common.i18n import Languages
from bot.config.settings import Settings
from bot.console.background import Runner, in_a_process
from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.services.storage import Database, Keys


@dataclass(frozen=True, slots=True)
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
    secure: bool
    work: Runner = in_a_process
