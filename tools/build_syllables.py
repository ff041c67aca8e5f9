"""Writes `bot/data/syllables.csv`: which common characters sound like a syllable of a place name.

Characters are those of GB 2312 level 1 and of the names in `bot/data/places.csv`; readings are
PyPI `pypinyin` 0.55.0 (MIT), the usual one of each character, without tones. Only syllables that a
place name has are kept. It needs a package that the project does not, so it runs in a virtual
environment of its own:

    python -m venv /tmp/syllables
    /tmp/syllables/bin/pip install pypinyin==0.55.0
    /tmp/syllables/bin/python -m tools.build_syllables
"""

import csv
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = ROOT / "bot" / "data" / "places.csv"
TARGET = ROOT / "bot" / "data" / "syllables.csv"
FIRST, LAST = 0xB0, 0xD7  # rows of GB 2312 level 1


def main() -> None:
    """Writes the table."""
    pinyin = import_module("pypinyin").lazy_pinyin
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    syllables = {
        syllable for row in rows for name in row["pinyin"].split("|") for syllable in name.split()
    }
    named = {letter for row in rows for letter in row["name"]}
    sounds: dict[str, set[str]] = {syllable: set() for syllable in sorted(syllables)}
    for letter in sorted(_level_1() | named):
        if (syllable := pinyin(letter)[0]) in sounds:
            sounds[syllable].add(letter)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("syllable", "characters"))
        writer.writerows((one, "".join(sorted(letters))) for one, letters in sounds.items())


def _level_1() -> set[str]:
    letters = set()
    for row in range(FIRST, LAST + 1):
        for column in range(0xA1, 0xFF):
            try:
                letters.add(bytes((row, column)).decode("gb2312"))
            except UnicodeDecodeError:
                continue  # the last row is not full
    return letters


if __name__ == "__main__":
    main()
