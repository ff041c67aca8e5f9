"""When stations of equal hours are open, as tables that rule many stations out of a search."""

from collections.abc import Sequence
from enum import Enum, auto
from math import floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.geo.keep_table import Arrival, KeepTable
from bot.hours.compiled import CompiledHours
from bot.hours.opening import Schedule
from bot.hours.weekly import DAY

SLOT: Final = 5  # minutes; most stations open and close at such minutes
_DAYS: Final = 2  # of one table: nobody rides for longer than a day
_HELD: Final = 6
_AT_ONCE: Final = 1_000  # kinds; 4 kB each while their table is worked out


class Stay(Enum):
    """How long a station that is open on arrival stays open."""

    ENOUGH = auto()
    TOO_BRIEF = auto()
    ANY = auto()


class ArrivalTables:
    """The tables of one version of the stations.

    `kinds`: the schedules that differ; a station's kind is the position of its own in them.
    """

    def __init__(self, kinds: Sequence[Schedule], hours: CompiledHours) -> None:
        self._kinds = kinds
        self._hours = hours
        self._tables: dict[tuple[int, Stay, float], KeepTable] = {}

    def arrival(self, start: float, pace: float, stay: Stay, least: float) -> Arrival:
        """Of who leaves at `start` (a `stamp`) and rides `pace` minutes a metre.

        `least`: minutes of a stay that is long enough.
        """
        day, minute = divmod(start, DAY)
        return Arrival(self.table(int(day), stay, least), minute / SLOT, pace / SLOT)

    def table(self, day: int, stay: Stay, least: float) -> KeepTable:
        """For each kind and slot from midnight on whether an arrival within it may be accepted.

        Worked out once, for an ordinal day.
        """
        key = (day, stay, least)
        table = self._tables.get(key)
        if table is None:
            starts = range(0, len(self._kinds), _AT_ONCE)
            parts = [self._slots(self._kinds[at : at + _AT_ONCE], *key) for at in starts]
            slots = _DAYS * DAY // SLOT
            table = KeepTable.build(np.concatenate([np.zeros((0, slots), np.bool_), *parts]))
            if len(self._tables) >= _HELD:
                self._tables.clear()
            self._tables[key] = table
        return table

    def _slots(
        self, kinds: Sequence[Schedule], day: int, stay: Stay, least: float
    ) -> NDArray[np.bool_]:
        """An arrival in minute m leaves the least stay later, in minute m + ⌊least⌋ or the next."""
        minutes, later = _DAYS * DAY, floor(least)
        is_open = self._open_minutes(kinds, day, minutes + later + 2)
        accepted: NDArray[np.bool_] = is_open[:, :minutes].copy()
        leaves = is_open[:, later : minutes + later]
        leaves_next = is_open[:, later + 1 : minutes + later + 1]
        match stay:
            case Stay.ENOUGH:
                np.logical_and(accepted, leaves | leaves_next, out=accepted)
            case Stay.TOO_BRIEF:
                np.logical_and(accepted, ~(leaves & leaves_next), out=accepted)
            case Stay.ANY:
                pass
        slots: NDArray[np.bool_] = np.logical_or.reduce(
            accepted.reshape(len(kinds), -1, SLOT), axis=2
        )
        return slots

    def _open_minutes(self, kinds: Sequence[Schedule], day: int, minutes: int) -> NDArray[np.bool_]:
        days = -(-minutes // DAY)
        is_open = np.zeros((len(kinds), days * DAY), np.bool_)
        for kind, schedule in enumerate(kinds):
            for number in range(days):
                turns = self._hours.turns(schedule, day + number)
                midnight = number * DAY
                for opens, closes in zip(turns[::2], turns[1::2], strict=True):
                    end = midnight + min(closes, DAY)
                    is_open[kind, midnight + max(opens, 0) : end] = True
        return is_open
