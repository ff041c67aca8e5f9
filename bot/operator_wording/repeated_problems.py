"""Problems of a list that many rows have: the first are told, the rows of the rest listed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bot.common.i18n import Translator
from bot.services.spreadsheets.tables import Problem

ALIKE: Final = 3
"""Lines of problems that differ in their cells only; the rows of the rest are listed."""
MOST_RANGES: Final = 20
"""Rows, or ranges of them, that one line lists."""


def alike(found: Sequence[Problem], say: Callable[[Problem], str], t: Translator) -> Iterator[str]:
    """A line for each problem; of those that many rows have, the first and the rows of the rest."""
    groups: dict[tuple[object, ...], list[Problem]] = {}
    for one in found:
        kind = (one.sheet, one.column, one.code, *one.params.items())
        groups.setdefault(kind if one.row else (len(groups),), []).append(one)
    for group in groups.values():
        alike_cells = len({one.value for one in group}) == 1
        most = 1 if alike_cells else ALIKE
        shown = len(group) if len(group) <= most + 1 else most
        yield from map(say, group[:shown])
        if rest := group[shown:]:
            rows = _ranges(sorted({one.row for one in rest}))
            yield t("… the same in {n} more rows: {rows}", n=len(rest), rows=rows)


def _ranges(rows: Sequence[int]) -> str:
    """`3, 5-8`: numbers in order, at most twenty of them or of their ranges."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][-1] + 1:
            found[-1] = [found[-1][0], row]
        else:
            found.append([row])
    told = ", ".join("-".join(map(str, one)) for one in found[:MOST_RANGES])
    return f"{told} …" if len(found) > MOST_RANGES else told
