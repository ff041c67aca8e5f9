"""Distinct places in space: those with the shortest chords, or all of them by distance.

Places are x, y, z in metres. Up to `FEW` places numpy computes all chords at once; above that a
k-d tree finds the shortest ones, and scipy is loaded. Who asks for more than some places, or from
afar, reads a stream: blocks of neighbouring places are opened in the order of their distance, and
blocks in which no row may be kept are never opened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from bot.geo.chord_scan import ChordScan, Xyz
from bot.geo.ellipsoid import ARC, AXES, A, bounds, longest, may_lie_within, rough_bounds
from bot.geo.keep_table import Arrival, KeepTable

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

FEW: Final = 5_000
"""So many places need no tree."""
_BLOCK: Final = 256  # places, at most
_AT_ONCE: Final = 32  # blocks that are opened together, at most
_TABLES: Final = 6  # keep tables of which the blocks' counts are held
_MARGIN: Final = 1e-6  # metres; floating point moves a chord by some nanometres

Near = tuple[float, float, Sequence[int]]
"""Lower and upper bound of the distance of a place, and its rows, which rise."""
END: Final[Near] = (inf, inf, ())


@dataclass(slots=True)
class Reach:
    """How far the reader of a stream will still read, in metres.

    k: so many places are as many as it needs, whichever they are; None: it may refuse some.
    """

    metres: float
    k: int | None

    def shorten(self, high: NDArray[np.float64]) -> None:
        """No farther than the kth of these upper bounds, of a place each."""
        if self.k is not None and len(high) >= self.k:
            self.metres = min(self.metres, np.partition(high, self.k - 1)[self.k - 1] + _MARGIN)


@dataclass(frozen=True, slots=True, eq=False)
class PlaceTree:
    """Places, each with the rows of an index that are there; never changes."""

    xyz: NDArray[np.float64]
    rows: NDArray[np.intp]  # place by place
    starts: NDArray[np.intp] | None  # of each place in `rows`, and their end; None: one row each
    kinds: NDArray[np.int32]  # of each row of the index
    chords: "cKDTree | ChordScan"
    order: NDArray[np.intp]  # places, block by block
    block_starts: NDArray[np.intp]  # of each block in `order`, and their end
    centres: NDArray[np.float64]  # a place of each block
    radii: NDArray[np.float64]  # metres: no place of the block is farther from it
    _counts: dict[KeepTable, NDArray[np.uint16]] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        xyz: NDArray[np.float64],
        rows: NDArray[np.intp],
        starts: NDArray[np.intp] | None,
        kinds: NDArray[np.int32],
    ) -> Self:
        """xyz: the places, shape (n, 3)."""
        size = len(xyz)
        block_starts = np.array(_halves(0, size), np.intp)
        if size > FEW:
            chords = _tree(xyz)
            order = chords.indices
        else:
            chords, order = ChordScan(xyz), np.arange(size)
            _split(xyz, order)
        centres, radii = _spheres(xyz, order, block_starts)
        return cls(xyz, rows, starts, kinds, chords, order, block_starts, centres, radii)

    def by_chord(self, here: Xyz, count: int, within: float, rows: int) -> Iterator[Near]:
        """The `count` places with the shortest chords up to within, and no farther than `ARC`,
        each with so many of its rows at most; then `END` if these are all.
        """
        limit = min(within, ARC + 2.0 * _MARGIN)
        chords, places = self._query(here, min(count, len(self.xyz) + 1), limit)
        if self.starts is None:
            found = self.rows.take(places, mode="clip").tolist()
            for chord, row in zip(chords, found, strict=True):
                if chord == inf:
                    break
                yield chord, longest(chord), (row,)
        else:
            for chord, place in zip(chords, places, strict=True):
                if chord == inf:
                    break
                yield chord, longest(chord), self._rows_at(place)[:rows].tolist()
        if chords[-1] == inf and limit == within:
            yield END

    def _query(self, here: Xyz, count: int, within: float) -> tuple[list[float], list[int]]:
        if isinstance(self.chords, ChordScan):
            return self.chords.query(here, count, within)
        # scipy takes five times as long to make an array of a tuple
        chords, places = self.chords.query(np.array(here), count, 0, 2, within)
        return np.asarray(chords).tolist(), np.asarray(places).tolist()

    def by_distance(
        self, xyz: NDArray[np.float64], reach: Reach, arrival: Arrival | None
    ) -> Iterator[Near]:
        """All places up to the reach by rising lower bound, then `END`.

        Those of which `arrival` rules all rows out may be left out.
        """
        blocks = np.arange(len(self.radii))
        for measure in (rough_bounds, bounds):
            radii = self.radii[blocks] + _MARGIN
            low, high = measure(xyz, self.centres[blocks])
            low, high = np.maximum(low - radii, 0.0), high + radii
            reach.shorten(high)
            may = low <= reach.metres
            if arrival is not None:
                counts = self._counts_of(arrival.table)
                nearer = np.minimum(high, reach.metres)
                may &= arrival.may_keep(counts, blocks, low, nearer)
            blocks, low = blocks[may], low[may]
        by_low = np.argsort(low)
        blocks, lows = blocks[by_low], [*low[by_low].tolist(), inf]
        waiting = (np.empty(0), np.empty(0), np.empty(0, np.intp))
        opened, step = 0, 1
        while opened < len(blocks) and lows[opened] <= reach.metres:
            some = blocks[opened : opened + step].tolist()
            opened, step = opened + len(some), min(2 * step, _AT_ONCE)
            found = self._in_blocks(xyz, some, reach, arrival)
            low, high, places = (np.concatenate(both) for both in zip(waiting, found, strict=True))
            by_low = np.argsort(low, kind="stable")
            low, high, places = low[by_low], high[by_low], places[by_low]
            end = int(np.searchsorted(low, lows[opened], "right"))
            near = zip(low[:end].tolist(), high[:end].tolist(), places[:end].tolist(), strict=True)
            for one_low, one_high, place in near:
                rows = self._possible_rows(place, one_low, one_high, arrival)
                yield one_low, one_high, (rows if reach.k is None else rows[: reach.k]).tolist()
            waiting = low[end:], high[end:], places[end:]
        yield END

    def prepare(self, table: KeepTable) -> None:
        """Works out ahead what the first stream with this table needs."""
        self._counts_of(table)

    def _in_blocks(
        self, xyz: NDArray[np.float64], blocks: list[int], reach: Reach, arrival: Arrival | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
        places = np.concatenate(
            [self.order[self.block_starts[one] : self.block_starts[one + 1]] for one in blocks]
        )
        places = places[may_lie_within(xyz, self.xyz[places], reach.metres)]
        low, high = bounds(xyz, self.xyz[places])
        reach.shorten(high)
        may = low <= reach.metres
        if arrival is not None and self.starts is None:
            kinds = self.kinds[self.rows[places]]
            may &= arrival.may_keep(arrival.table.counts, kinds, low, high)
        return low[may], high[may], places[may]

    def _possible_rows(
        self, place: int, low: float, high: float, arrival: Arrival | None
    ) -> NDArray[np.intp]:
        rows = self._rows_at(place)
        if arrival is not None and len(rows) > 1:
            kinds, bound = self.kinds[rows], np.array((low, high))
            rows = rows[arrival.may_keep(arrival.table.counts, kinds, bound[:1], bound[1:])]
        return rows

    def _rows_at(self, place: int) -> NDArray[np.intp]:
        if self.starts is None:
            return self.rows[place : place + 1]
        return self.rows[self.starts[place] : self.starts[place + 1]]

    def _counts_of(self, table: KeepTable) -> NDArray[np.uint16]:
        counts = self._counts.get(table)
        if counts is None:
            starts = self.block_starts[:-1]
            if self.starts is None:
                rows = self.rows[self.order]
            else:
                sizes = np.diff(self.starts)[self.order]
                ends = np.cumsum(sizes)
                firsts = np.repeat(self.starts[self.order] - (ends - sizes), sizes)
                rows = self.rows[firsts + np.arange(len(self.rows))]
                starts = (ends - sizes)[starts]
            counts = table.union(self.kinds[rows], starts)
            if len(self._counts) >= _TABLES:
                self._counts.clear()
            self._counts[table] = counts
        return counts


def _tree(xyz: NDArray[np.float64]) -> Any:
    # a quarter of a second and 40 MB that a small installation does without
    from scipy.spatial import cKDTree

    return cKDTree(xyz)


def _halves(start: int, end: int) -> list[int]:
    """Where blocks start if each is halved until it is small, as a balanced k-d tree does."""
    if end - start <= _BLOCK:
        return [start, end] if end > start else [start]
    middle = start + (end - start) // 2
    return [*_halves(start, middle), *_halves(middle, end)[1:]]


def _split(xyz: NDArray[np.float64], order: NDArray[np.intp]) -> None:
    """Orders places so that those of a block are neighbours."""
    if len(order) <= _BLOCK:
        return
    places = xyz[order]
    across = places[:, np.ptp(places, axis=0).argmax()]
    middle = len(order) // 2
    order[:] = order[np.argpartition(across, middle)]
    _split(xyz, order[:middle])
    _split(xyz, order[middle:])


def _spheres(
    xyz: NDArray[np.float64], order: NDArray[np.intp], starts: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A place on earth amid each block, and how far the block's places are from it at most."""
    firsts = starts[:-1]
    if not len(firsts):
        return np.empty((0, 3)), np.empty(0)
    places = xyz[order]
    middle = np.minimum.reduceat(places, firsts) + np.maximum.reduceat(places, firsts)
    middle += np.where(np.abs(middle).max(axis=1, keepdims=True) < 1.0, A, 0.0)  # not the centre
    middle /= AXES
    centres = middle / np.linalg.norm(middle, axis=1, keepdims=True) * AXES
    places -= np.repeat(centres, np.diff(starts), axis=0)
    squares = np.maximum.reduceat(np.einsum("ij,ij->i", places, places), firsts)
    return centres, np.array([longest(chord) for chord in np.sqrt(squares).tolist()])
