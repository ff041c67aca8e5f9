"""In which slots of time the rows of each kind may be kept: rules out many rows at once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.common.values import value

_ROUNDING = 1e-3  # metres, more than a distance is off by


@dataclass(frozen=True, slots=True, eq=False)
class KeepTable:
    """For each kind how many slots before each slot may be kept, shape (kinds, slots + 1).

    Rows of one kind are kept alike at equal times. `packed`: the slots themselves as bits.
    """

    counts: NDArray[np.uint16]
    packed: NDArray[np.uint64]

    @classmethod
    def build(cls, possible: NDArray[np.bool_]) -> Self:
        """possible: shape (kinds, slots), whether a row of the kind may be kept in the slot."""
        kinds, slots = possible.shape
        padded = np.zeros((kinds, -(-slots // 64) * 64), np.bool_)
        padded[:, :slots] = possible
        return cls(_counts(possible), np.packbits(padded, axis=1).view(np.uint64))

    def union(self, kinds: NDArray[np.int32], starts: NDArray[np.intp]) -> NDArray[np.uint16]:
        """`counts` of groups of rows: each from its start to that of the next; none is empty."""
        packed = np.bitwise_or.reduceat(self.packed[kinds], starts, axis=0)
        slots = np.unpackbits(packed.view(np.uint8), axis=1, count=self.counts.shape[1] - 1)
        return _counts(slots)


@value
class Arrival:
    """A rider's times as slots of a table: at the start, and for each metre of distance."""

    table: KeepTable
    start: float
    per_metre: float

    def may_keep(
        self,
        counts: NDArray[np.uint16],
        rows: NDArray[np.signedinteger],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Whether one at a distance from low to high may be kept, by these rows of `counts`.

        Nothing is ruled out that is reached after the last slot.
        """
        slots = counts.shape[1] - 1
        first = self.start + (low - _ROUNDING) * self.per_metre
        last = self.start + (high + _ROUNDING) * self.per_metre
        begin = np.clip(first, 0, slots).astype(np.intp)
        end = np.clip(last + 1.0, 0, slots).astype(np.intp)
        may: NDArray[np.bool_] = counts[rows, end] > counts[rows, begin]
        may |= last >= slots
        return may


def _counts(possible: NDArray[np.bool_] | NDArray[np.uint8]) -> NDArray[np.uint16]:
    kinds, slots = possible.shape
    counts = np.zeros((kinds, slots + 1), np.uint16)
    np.cumsum(possible, axis=1, dtype=np.uint16, out=counts[:, 1:])
    return counts
