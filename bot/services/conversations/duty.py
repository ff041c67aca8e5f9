"""When operators are on duty."""

from datetime import datetime

from bot.common.values import value
from bot.hours.calendar import Holidays
from bot.hours.compiled import CompiledHours, stamp
from bot.hours.opening import Schedule
from bot.hours.parser import read


@value
class DutyHours:
    """Hours as they were written, in Chinese or as OSM `opening_hours`; public holidays count."""

    text: str
    holidays: Holidays

    @property
    def always(self) -> bool:
        """Whether somebody is on duty at any hour."""
        return self.text == "24/7"

    def is_on(self, now: datetime) -> bool:
        """Whether somebody is on duty at that moment."""
        found = CompiledHours(self.holidays).open_at(Schedule(read(self.text)), stamp(now))
        return bool(found)
