"""Each table of figures as a picture: a table, the description of its chart, rows of a workbook."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from bot.common.i18n import Translator
from bot.common.values import value
from bot.console.pages.dashboard import words
from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.overview.dashboard.figures import LEAST, Cell, Count, Figure, Figures, Row

FEW: Final = f"<{LEAST}"
CELLS: Final = "cells"
"""Stands in addresses for the table of cells."""
MOST_LINES: Final = 20
"""In a table on the page; the workbook has all."""
MOST_BARS: Final = 12


class Kind(StrEnum):
    """How a chart is drawn; the values are known to `dashboard.js`."""

    LINE = "line"
    COLUMNS = "columns"
    BARS = "bars"
    STACKED = "stacked"
    STACKED_BARS = "stacked_bars"


@value
class Picture:
    """One table, worded. `chart`: what `dashboard.js` draws, None: nothing is drawn."""

    name: str
    title: str
    about: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int
    chart: Mapping[str, object] | None


@value
class Wording:
    """Who words what. `bot`: what couriers read, too."""

    t: Translator
    bot: Translator
    places: Places


_KINDS: Final[Mapping[Figure, Kind]] = {
    Figure.SEARCHES: Kind.STACKED,
    Figure.COURIERS: Kind.LINE,
    Figure.TRIPS: Kind.STACKED,
    Figure.BELIEF: Kind.STACKED_BARS,
    Figure.CARDS: Kind.BARS,
    Figure.TRAININGS: Kind.COLUMNS,
    Figure.DELIVERY: Kind.STACKED_BARS,
    Figure.FRESHNESS: Kind.STACKED_BARS,
}
_COLOURS: Final[Mapping[Figure, tuple[str, ...]]] = {
    Figure.SEARCHES: ("good", "warn", "bad"),
    Figure.COURIERS: ("plain",),
    Figure.TRIPS: ("bad", "good"),
    Figure.BELIEF: ("good", "bad", "warn"),
    Figure.CARDS: ("plain", "warn"),
    Figure.TRAININGS: ("soft", "plain", "good"),
    Figure.DELIVERY: ("good", "plain", "warn", "bad"),
    Figure.FRESHNESS: ("good", "warn", "bad"),
}
_DRAWN: Final[Mapping[Figure, tuple[int, ...]]] = {Figure.CARDS: (1, 4)}
"""Which counts of a line, where not all."""


def picture(found: Figures, figure: Figure, wording: Wording) -> Picture:
    """The table of a figure; a chart where there is anything to draw."""
    t, rows = wording.t, found.tables.get(figure, ())
    labels = [words.key(t, wording.bot, wording.places, figure, row.key) for row in rows]
    lines = [(label, *map(shown, row.counts)) for label, row in zip(labels, rows, strict=True)]
    is_by_day = figure in {Figure.SEARCHES, Figure.COURIERS, Figure.TRIPS}
    most = len(lines) if is_by_day else MOST_LINES
    if is_by_day:
        lines.reverse()
    headings = words.headings(t, figure)
    return Picture(
        figure.value,
        words.title(t, figure),
        words.about(t, figure),
        headings,
        tuple(lines[:most]),
        max(0, len(lines) - most),
        _chart(figure, labels, rows, headings[1:]),
    )


def cells(found: Figures, wording: Wording) -> Picture:
    """The table of the squares in which couriers searched."""
    t, places = wording.t, wording.places
    lines = []
    for cell in found.cells[:MOST_LINES]:
        place = places.nearest_place(Point(cell.lat, cell.lon))
        names = f"{places.by_adcode[place.league].short} {place.name}"
        counts = (cell.couriers, cell.searches, cell.in_vain)
        lines.append((f"{names} {cell.lat:.2f}, {cell.lon:.2f}", *map(shown, counts)))
    headings = (t("Around"), t("couriers"), t("searches"), t("in vain"))
    title, about = t("Where couriers search"), t("Squares of 5 km with five couriers or more.")
    more = max(0, len(found.cells) - MOST_LINES)
    return Picture(CELLS, title, about, headings, tuple(lines), more, None)


def workbook(found: Figures, name: str, wording: Wording) -> list[tuple[str | int | float, ...]]:
    """All rows of a table, the headings first; counts are numbers."""
    if name == CELLS:
        headings: tuple[str, ...] = (
            wording.t("Around"),
            wording.t("latitude"),
            wording.t("longitude"),
            *cells(found, wording).headings[1:],
        )
        return [headings, *(_cell(one, wording.places) for one in found.cells)]
    figure = Figure(name)
    rows = found.tables.get(figure, ())
    return [
        words.headings(wording.t, figure),
        *(
            (
                words.key(wording.t, wording.bot, wording.places, figure, row.key),
                *(FEW if one is None else one for one in row.counts),
            )
            for row in rows
        ),
    ]


def shown(count: Count) -> str:
    """A count as it stands on a page."""
    if count is None:
        return FEW
    return f"{count:,}" if isinstance(count, int) else f"{count:g}"


def _cell(one: Cell, places: Places) -> tuple[str | int | float, ...]:
    place = places.nearest_place(Point(one.lat, one.lon))
    names = f"{places.by_adcode[place.league].short} {place.name}"
    in_vain = FEW if one.in_vain is None else one.in_vain
    return names, one.lat, one.lon, one.couriers, one.searches, in_vain


def _chart(
    figure: Figure, labels: list[str], rows: tuple[Row, ...], names: tuple[str, ...]
) -> Mapping[str, object] | None:
    kind = _KINDS.get(figure)
    if kind is None or not any(count for row in rows for count in row.counts):
        return None
    drawn = _DRAWN.get(figure, tuple(range(len(names))))
    if kind in {Kind.STACKED_BARS, Kind.BARS}:
        labels, rows = labels[:MOST_BARS], rows[:MOST_BARS]
    return {
        "kind": kind,
        "labels": labels,
        "few": FEW,
        "series": [
            {
                "name": names[at],
                "colour": colour,
                "values": [row.counts[at] for row in rows],
            }
            for at, colour in zip(drawn, _COLOURS[figure], strict=True)
        ],
    }
