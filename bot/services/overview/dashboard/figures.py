"""What the dashboard shows: tables of counts, without any that a courier could be told from."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.common.values import value

LEAST: Final = 5
"""A smaller count is not stored: it could point at single couriers."""
PERIODS: Final = (7, 30, 90)
"""Days that can be looked at, today included."""


class Figure(StrEnum):
    """One table. The values stand in addresses and in stored figures."""

    SEARCHES = "searches"
    COURIERS = "couriers"
    TRIPS = "trips"
    BELIEF = "belief"
    CARDS = "cards"
    TRAININGS = "trainings"
    DELIVERY = "delivery"
    LEAGUES = "leagues"
    FRESHNESS = "freshness"


REGION_ONLY: Final = frozenset({Figure.CARDS, Figure.DELIVERY})
"""Applications and notices belong to no league."""

Count = int | float | None
"""None: between 1 and 4."""


@value
class Row:
    """`key`: a day, a fact, a status, a topic, a channel, an adcode or an owner, by figure."""

    key: str
    counts: tuple[Count, ...]


@value
class Cell:
    """A square of about 5 km in which at least `LEAST` couriers searched.

    `in_vain`: searches that found nothing open or nothing near, None if fewer than `LEAST`.
    """

    lat: float
    lon: float
    couriers: int
    searches: int
    in_vain: int | None


@value
class Figures:
    """All tables of the last `days` days for a league (adcode), "" for the whole region."""

    days: int
    league: str
    counted_at: datetime
    tables: Mapping[Figure, tuple[Row, ...]]
    cells: tuple[Cell, ...]

    def total(self, adcode: str) -> Row | None:
        """The line of a league in the table of leagues, of the whole region for ""."""
        rows = self.tables.get(Figure.LEAGUES, ())
        return next((row for row in rows if row.key == adcode), None)


def masked(count: int) -> Count:
    """The count, None for one between 1 and 4."""
    return None if 0 < count < LEAST else count


def rounded(count: int) -> Count:
    """A total in tens: with it no masked part can be found by subtracting the others."""
    return masked(count) if count < LEAST else max(10, round(count / 10) * 10)
