"""The shortest chords to a few thousand places: all of them at once, without a tree."""

from math import dist, inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

Xyz = tuple[float, float, float]
"""Metres from the earth's centre."""
_GROUP: Final = 32  # places of which the least is taken first, where there are many
_MANY: Final = 1_000  # places
_ROUNDING: Final = 2.0  # square metres, more than half a square is off by


class ChordScan:
    """Answers as a k-d tree does. Needs places on earth, shape (n, 3)."""

    def __init__(self, xyz: NDArray[np.float64]) -> None:
        self._xyz = xyz
        self._places: list[Xyz] = [tuple(place) for place in xyz.tolist()]
        self._groups = len(xyz) // _GROUP if len(xyz) > _MANY else 0
        self._half_squares = np.einsum("ij,ij->i", xyz, xyz) / 2.0

    def query(self, here: Xyz, count: int, within: float) -> tuple[list[float], list[int]]:
        """`count` chords that rise, and places; an infinite one for each that there is not."""
        places = self._places
        found = sorted([(dist(here, places[one]), one) for one in self._candidates(here, count)])
        near = [one for one in found[:count] if one[0] <= within]
        near += [(inf, 0)] * (count - len(near))
        return [chord for chord, _ in near], [place for _, place in near]

    def _candidates(self, here: Xyz, count: int) -> list[int]:
        """The nearest and a few more.

        Where there are many, no more groups than `count` can hold a least that is less than the
        least of the `count`th of them.
        """
        if count >= len(self._places):
            return list(range(len(self._places)))
        halves = self._half_squares - self._xyz.dot(here)  # half a square, but for a constant
        least, groups = halves, self._groups
        if groups > count:
            least = halves[: groups * _GROUP].reshape(groups, _GROUP).min(axis=1)
        most = np.partition(least, count - 1)[count - 1] + _ROUNDING
        candidates: list[int] = np.flatnonzero(halves <= most).tolist()
        return candidates
