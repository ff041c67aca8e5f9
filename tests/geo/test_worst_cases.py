"""Searches that find little, far away or among many equals give what brute force gives."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import bot.geo.place_tree as place_tree
from bot.geo.keep_table import Arrival, KeepTable
from bot.geo.point import Point
from bot.geo.spatial_index import Hit, Keep, SpatialIndex
from tests.geo.index_snapshots import WORLD, Oracle

SLOTS, KINDS = 64, 6
PER_METRE = 1 / 8_000.0


def rows_open(kinds: Sequence[int], possible: NDArray[np.bool_], start: float) -> Keep:
    """A row is kept if its kind has the slot of its arrival, and after the last slot always."""

    def keep(row: int, metres: float) -> bool:
        slot = int(start + metres * PER_METRE)
        return slot >= SLOTS or bool(possible[kinds[row], slot])

    return keep


@st.composite
def searches(draw: st.DrawFn) -> tuple[SpatialIndex, Point, int, Keep, KeepTable, float]:
    """Few places or many, many stations at one of them, most kinds shut for most of the time."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.sampled_from([1, 40, 700, 1_500]))
    spread = draw(st.sampled_from([0.0, 0.01, 3.0]))
    lat = np.clip(draw(st.sampled_from([40.0, 0.0, 89.0])) + rng.normal(0, spread, size), -90, 90)
    lon = np.clip(draw(st.sampled_from([111.0, 179.0])) + rng.normal(0, spread, size), -180, 180)
    if draw(st.booleans()):
        lat, lon = lat.round(2), lon.round(2)
    kinds = rng.integers(0, KINDS, size)
    possible = rng.random((KINDS, SLOTS)) < draw(st.sampled_from([0.0, 0.03, 0.5]))
    snapshot = SpatialIndex.build(1, np.arange(size) + 5, lat, lon, rng.integers(0, 4, size), kinds)
    point = draw(
        st.sampled_from(
            [
                Point(float(lat[0]), float(lon[0])),
                Point(40.5, 111.5),
                Point(51.5, -0.1),
                Point(-40.0, -69.5),
                Point(90.0, 0.0),
                Point(-90.0, 0.0),
            ]
        )
    )
    start = draw(st.floats(0.0, 30.0))
    keep = rows_open(kinds.tolist(), possible, start)
    return snapshot, point, draw(st.integers(1, 4)), keep, KeepTable.build(possible), start


@pytest.mark.parametrize("few", [0, 5_000], ids=["k-d tree", "numpy"])
@pytest.mark.parametrize("mask", [0, 1, 3, 8])
@given(search=searches(), within=st.sampled_from([20_000.0, 300_000.0, WORLD]))
def test_the_same_stations_are_found_as_by_brute_force(
    few: int,
    mask: int,
    search: tuple[SpatialIndex, Point, int, Keep, KeepTable, float],
    within: float,
) -> None:
    found, point, k, keep, table, start = search
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place_tree, "FEW", few)
        columns = (found.ids, found.lat, found.lon, found.facilities, found.kinds)
        snapshot = SpatialIndex.build(1, *columns)
        hits = snapshot.nearest(
            point,
            k,
            mask=mask,
            keep=keep,
            within=within,
            arrival=lambda: Arrival(table, start, PER_METRE),
        )
        plain = snapshot.nearest(point, k, mask=mask, within=within)
    oracle = Oracle(snapshot)
    assert_alike(hits, oracle.nearest(point, k, mask, keep, within))
    assert_alike(plain, oracle.nearest(point, k, mask, None, within))


def assert_alike(hits: list[Hit], wanted: list[tuple[int, float]]) -> None:
    metres = [metres for _, metres in wanted]
    assert [hit.metres for hit in hits] == pytest.approx(metres, rel=0, abs=2e-4)
