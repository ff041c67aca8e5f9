"""Finds the headings of a sheet: below titles, in one row or in up to three together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.formats.grids import Merged
from bot.services.spreadsheets.merges import MergedCells

REASON: Final = "原因"
"""Heading of the last column of a marked copy, alone or before what is wrong with the sheet."""
WITHIN: Final = 10
"""A title or a note may stand above the headings, but not more than this."""
MOST_ROWS: Final = 3
"""Rows of headings that belong together."""
ENOUGH: Final = 1.75
"""Sureness of all headings together, from which rows are the headings of a table."""


@value
class Label:
    """What stands above a column. `names`: how it may be meant, the most exact first.

    `text` is how it is shown, empty for a column without a heading.
    """

    text: str
    names: tuple[str, ...]


@value
class Headings:
    """The rows `first` to `last` (from 1) and the label of each column.

    `rows` are the cells of each, by which headings that a printed page repeats are known.
    """

    first: int
    last: int
    labels: tuple[Label, ...]
    rows: tuple[tuple[str, ...], ...]

    def without_blank_twins(self, cells: Callable[[int], Sequence[str]]) -> "Headings":
        """Without the labels of columns that a merged heading covers and that hold nothing."""
        pairs = enumerate(zip(self.labels, (Label("", ()), *self.labels), strict=False))
        labels = tuple(
            Label("", ()) if one == before and not cells(place) else one
            for place, (one, before) in pairs
        )
        return replace(self, labels=labels)


def find_headings(
    rows: Sequence[Sequence[str]], merged: Sequence[Merged], known: Callable[[Label], float]
) -> Headings | None:
    """The headings among the first rows of a sheet, None if no rows hold at least two.

    `known` is how sure a label is that of a field, from 0 to 1.
    """
    top = [one for one in merged if one.top <= WITHIN + MOST_ROWS]
    merges = MergedCells(top)
    filled = [merges.fill(number, row)[0] for number, row in enumerate(rows, 1)]
    best, first, count = ENOUGH, -1, 0
    for rows_together in range(1, MOST_ROWS + 1):
        for at in range(min(WITHIN, len(rows) - rows_together + 1)):
            if not _may_be_headings(rows[at : at + rows_together], known):
                continue
            score = sum(map(known, _labels(filled[at : at + rows_together])))
            if score > best + 0.01:
                best, first, count = score, at, rows_together
    if first < 0:
        return None
    while count < MOST_ROWS and first + count < len(rows):
        if not (_goes_on(rows, top, first, count) or _is_translation(rows[first + count], known)):
            break
        count += 1
    if count < MOST_ROWS and first > 0 and _is_above(rows[first - 1], rows[first]):
        first, count = first - 1, count + 1
    return Headings(
        first + 1,
        first + count,
        tuple(_labels(filled[first : first + count])),
        tuple(tuple(map(clean, row)) for row in rows[first : first + count]),
    )


def _may_be_headings(rows: Sequence[Sequence[str]], known: Callable[[Label], float]) -> bool:
    """Whether each row has a heading of its own, and no row below the first is a record.

    A record has values where the row above has known headings.
    """

    def is_known(cell: str) -> bool:
        return known(_label([clean(cell)])) >= 1.0

    first, *others = rows
    if not any(known(_label([clean(cell)])) for cell in first if cell):
        return False
    named = {place for place, cell in enumerate(first) if cell and is_known(cell)}
    for row in others:
        own = {place for place, cell in enumerate(row) if cell and is_known(cell)}
        if not own or any(row[place] for place in named - own if place < len(row)):
            return False
        named |= own
    return True


def _is_translation(row: Sequence[str], known: Callable[[Label], float]) -> bool:
    """Whether a row below the headings names the columns again, in another language."""
    texts = [cell for cell in row if cell]
    return len(texts) > 1 and all(known(_label([clean(cell)])) >= 1.0 for cell in texts)


def _is_above(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row groups the headings below it (联系人 above 姓名 and 电话), unlike a title."""
    texts = [cell for cell in row if cell]
    groups = any(
        not cell and place < len(below) and below[place] for place, cell in enumerate(row[1:], 1)
    )
    short = all(len(one) <= _GROUP and not _NO_GROUP.search(one) for one in texts)
    return len(texts) > 1 and groups and short


_GROUP: Final = 8
_NO_GROUP: Final = LazyPattern("[0-9::。,，、]")


def _goes_on(
    rows: Sequence[Sequence[str]], merged: Sequence[Merged], first: int, count: int
) -> bool:
    """Whether the row below the headings is one of them: merged cells, or their blanks, show it."""
    last = first + count  # of the headings so far, from 1
    if any(first < one.top <= last < one.bottom for one in merged):
        return True
    spans = [one for one in merged if one.top <= last == one.bottom and one.right > one.left]
    below = rows[last]
    under = {place for one in spans for place in range(one.left, min(one.right + 1, len(below)))}
    named = {place for place, cell in enumerate(below) if cell}
    return len(named) > 1 and (named <= under or _splits(rows[last - 1], below, named))


def _splits(row: Sequence[str], below: Sequence[str], named: set[int]) -> bool:
    """Whether a row only divides groups of a csv file, which left the rest of a group blank."""
    width = max(len(row), len(below))  # blanks at the end may be cut off
    blank = {place for place in range(1, width) if place >= len(row) or not row[place]}
    groups = blank | {place - 1 for place in blank}
    digits = any(letter.isdigit() for place in named for letter in _bare(below[place]))
    return named <= groups and not named.isdisjoint(blank) and not digits


def _bare(cell: str) -> str:
    """A cell without what stands in brackets: 夏令时（5月1日-9月30日）."""
    return _BRACKETS.sub("", clean(cell))


_BRACKETS: Final = LazyPattern(r"\(.*?\)")


def _labels(rows: Sequence[Sequence[str]]) -> list[Label]:
    width = max(map(len, rows), default=0)
    found: list[Label] = []
    parent = ""
    for place in range(width):
        parts: list[str] = []
        for row in rows:
            part = clean(row[place]) if place < len(row) else ""
            if part and part not in parts:
                parts.append(part)
        if len(rows) > 1:
            above = clean(rows[0][place]) if place < len(rows[0]) else ""
            if not above and parts and parent:
                parts.insert(0, parent)  # a merged cell that a csv file left blank
            parent = above or (parent if parts else "")
        found.append(_label(parts))
    return found


def _label(parts: list[str]) -> Label:
    if len(parts) < 2:
        return Label(parts[0] if parts else "", tuple(parts))
    *above, leaf = parts
    qualified = f"{''.join(above)}({leaf})"
    return Label(qualified, ("".join(parts), leaf, qualified))


def is_reason(heading: str) -> bool:
    """Whether the column says what was wrong when the list was given back to be mended."""
    return heading == REASON or heading.startswith((f"{REASON};", f"{REASON}；"))
