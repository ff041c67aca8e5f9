"""The shortest chords to a few thousand places: all of them at once, without a tree."""

from bisect import bisect_right
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

_GROUP: Final = 32  # places of which the least is taken first
_ROUNDING: Final = 2.0  # square metres, more than half a square is off by


class ChordScan:
    """Answers as a k-d tree does. Needs places on earth: x, y, z in metres, shape (n, 3)."""

    def __init__(self, xyz: NDArray[np.float64]) -> None:
        self._xyz = xyz
        groups = len(xyz) // _GROUP
        self._grouped = groups * _GROUP
        self._half_squares = np.einsum("ij,ij->i", xyz, xyz) / 2.0

    def query(
        self, xyz: NDArray[np.float64], count: int, within: float
    ) -> tuple[list[float], list[int]]:
        """`count` chords that rise, and places; an infinite one for each that there is not."""
        near = self._candidates(xyz, count)
        away = self._xyz[near] - xyz
        squares = np.einsum("ij,ij->i", away, away)
        by_chord = np.argsort(squares)[:count]
        chords: list[float] = np.sqrt(squares[by_chord]).tolist()
        end = bisect_right(chords, within)
        missing = count - end
        places = near[by_chord[:end]].tolist()
        return [*chords[:end], *[inf] * missing], [*places, *[0] * missing]

    def _candidates(self, xyz: NDArray[np.float64], count: int) -> NDArray[np.intp]:
        """The nearest and a few more: no more groups than `count` can hold a least that is less
        than the least of the `count`th of them.
        """
        groups = self._grouped // _GROUP
        if count >= groups:
            return np.arange(len(self._xyz))
        halves = self._half_squares - self._xyz @ xyz  # half a square, but for a constant
        least = halves[: self._grouped].reshape(groups, _GROUP).min(axis=1)
        most = np.partition(least, count - 1)[count - 1] + _ROUNDING
        return np.flatnonzero(halves <= most)
