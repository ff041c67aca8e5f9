"""Merged cells: a range shows the value of its first cell, so every cell of it holds that value."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.formats.grids import MAX_CELLS, Merged

_HIGHEST_COLUMN: Final = 16_384


class MergedCells:
    """Fills rows that are given in their order. Raises `FileRefused` (too_wide)."""

    def __init__(self, merged: Iterable[Merged]) -> None:
        self._waiting = sorted(
            (one for one in merged if one.bottom > one.top or one.right > one.left), reverse=True
        )
        self._open: list[tuple[Merged, str]] = []
        self._left = MAX_CELLS

    def fill(self, row: int, cells: Sequence[str]) -> tuple[list[str], list[tuple[Merged, int]]]:
        """The row with its merged cells filled, and which range filled which column."""
        self._open = [one for one in self._open if one[0].bottom >= row]
        while self._waiting and self._waiting[-1].top <= row:
            one = self._waiting.pop()
            if one.bottom >= row:
                at = one.left
                value = cells[at] if one.top == row and at < len(cells) else ""
                self._open.append((one, value))
        if not self._open:
            return list(cells), []
        full = list(cells)
        filled: list[tuple[Merged, int]] = []
        for one, value in self._open:
            right = min(one.right, _HIGHEST_COLUMN - 1)
            self._left -= right - one.left + 1
            if self._left < 0:
                raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
            if not value:
                continue
            full.extend([""] * (right + 1 - len(full)))
            for column in range(one.left, right + 1):
                if not full[column]:
                    full[column] = value
                    filled.append((one, column))
        return full, filled
