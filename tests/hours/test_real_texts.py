"""457 opening hours of real restaurants, each with a reading that was checked by hand.

Texts: CrossWOZ (https://github.com/thu-coai/CrossWOZ), Apache-2.0. `reading` is the stored form,
`unknown` where there are no hours yet, and empty where a text is refused: `why_unread` says why.
"""

import csv
from pathlib import Path
from typing import Final

import pytest

from bot.hours.errors import HoursError
from bot.hours.parser import read
from bot.hours.weekly import parse

TABLE: Final = Path(__file__).parent.parent / "data" / "hours_real.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS: Final = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:40])
def test_each_is_read_as_it_was_checked(row: dict[str, str]) -> None:
    match row["reading"]:
        case "":
            with pytest.raises(HoursError):
                read(row["text"])
        case "unknown":
            assert read(row["text"]) is None
        case reading:
            assert read(row["text"]) == parse(reading)
            assert str(read(row["text"])) == reading


def test_nine_in_ten_are_read_and_each_other_has_its_reason() -> None:
    assert len({row["text"] for row in ROWS}) == 457
    unread = [row for row in ROWS if not row["reading"]]
    assert len(unread) <= 0.1 * len(ROWS)
    assert all(bool(row["why_unread"]) is not bool(row["reading"]) for row in ROWS)
