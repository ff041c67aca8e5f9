"""An installation of a few thousand stations answers without loading scipy."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
import numpy as np
from bot.geo.point import Point
from bot.geo.spatial_index import SpatialIndex
import bot.services.stations.search
size = {size}
rng = np.random.default_rng(1)
lat, lon = rng.uniform(40.0, 42.0, size), rng.uniform(110.0, 112.0, size)
index = SpatialIndex.build(1, np.arange(size), lat, lon, np.arange(size) % 3)
for mask in (0, 1):
    assert len(index.nearest(Point(41.0, 111.0), 3, mask=mask)) == 3
    assert len(index.nearest(Point(41.0, 111.0), 3, mask=mask, keep=lambda *_: False)) == 0
    assert len(index.nearest(Point(51.5, -0.1), 3, mask=mask, within=20_037_000.0)) == 3
print(any(name.split(".")[0] == "scipy" for name in sys.modules))
"""


@pytest.mark.parametrize(("size", "loaded"), [(4_999, "False"), (5_001, "True")])
def test_scipy_is_loaded_for_more_than_five_thousand_stations_only(size: int, loaded: str) -> None:
    done = subprocess.run(  # noqa: S603 - this Python and this script
        [sys.executable, "-c", SCRIPT.format(size=size)], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == loaded
