"""Of a few stations by their ids: those that qualify, in the order and as far as all would be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.geo.point import Point
from tests.geo.index_snapshots import CHARGING, HOT_WATER, WORLD, Oracle, stations

PLACES = (Point(40.8, 111.7), Point(51.5, -0.1), Point(-40.0, -69.5), Point(90.0, 0.0))


@given(
    st.sets(st.integers(-2, 1_300), max_size=12),
    st.sampled_from(PLACES),
    st.sampled_from([0, HOT_WATER, CHARGING, HOT_WATER | CHARGING]),
    st.sampled_from([0.0, 50_000.0, 600_000.0, WORLD]),
    st.integers(1, 3),
)
def test_those_of_the_ids_are_found_that_brute_force_finds(
    ids: set[int], point: Point, mask: int, within: float, modulus: int
) -> None:
    """Ids are 1, 4, 7 … up to 1198: most of those asked for are not there."""
    snapshot, _ = stations(400)

    def keep(row: int, metres: float) -> bool:
        return (row + int(metres) // 1_000_000) % modulus == 0

    def wanted(row: int, metres: float) -> bool:
        return snapshot.ids.item(row) in ids and keep(row, metres)

    hits = snapshot.among(ids, point, mask=mask, keep=keep, within=within)
    expected = Oracle(snapshot).nearest(point, 400, mask, wanted, within)
    assert [hit.id for hit in hits] == [number for number, _ in expected]
    assert [hit.metres for hit in hits] == pytest.approx([metres for _, metres in expected])
    assert all(snapshot.ids[hit.row] == hit.id for hit in hits)


def test_all_of_them_are_found_when_all_are_asked_for() -> None:
    snapshot, oracle = stations(400)
    ids = snapshot.ids.tolist()
    hits = snapshot.among(ids, PLACES[0], mask=0, keep=lambda *_: True, within=WORLD)
    assert [hit.id for hit in hits] == [
        one for one, _ in oracle.nearest(PLACES[0], 400, within=WORLD)
    ]
    assert len(hits) == np.size(snapshot.ids)
