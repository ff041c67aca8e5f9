"""The facilities and bank services of a station: code, bit, tier, names, words people type.

The table itself is `bot/data/facilities.csv`, the one place where a facility is added. Codes and
bits are stored in databases and station files, so a row is never renumbered or renamed.
"""

import csv
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from bot.common.values import value
from bot.data import DATA

TABLE: Final = DATA / "facilities.csv"


@value
class Facility:
    """One thing a station may have; `tier` is 基本, 选配, 活动, 银行 or 业务, `bit` its place in a
    mask. 业务 is a service of a bank's outlet.

    `name_zh` and `name_en` are names by which station files may call it; what couriers see is in
    `bot.handlers.labels`; `words` is what they type, typos and toneless pinyin included, Latin
    ones in lower case and without spaces.
    """

    code: str
    bit: int
    tier: str
    name_zh: str
    name_en: str
    words: tuple[str, ...]


def _load() -> Mapping[str, Facility]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [
            Facility(
                code=row["code"],
                bit=int(row["bit"]),
                tier=row["tier"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                words=tuple(filter(None, row["words"].split("|"))),
            )
            for row in csv.DictReader(file)
        ]
    return MappingProxyType({row.code: row for row in rows})


FACILITIES: Final[Mapping[str, Facility]] = _load()
"""By code, in bit order, which is also the order to show them in."""


SERVICES: Final = tuple(code for code, one in FACILITIES.items() if one.tier == "业务")
"""The services of outlets, in the order to show them in."""


def mask(codes: Iterable[str]) -> int:
    """The set as one integer, bit n for the facility with `bit` n; KeyError names a wrong code."""
    bits = 0
    for code in codes:
        bits |= 1 << FACILITIES[code].bit
    return bits


def codes(bits: int) -> list[str]:
    """The facilities of a mask, in bit order; other bits are left out."""
    return [code for code, one in FACILITIES.items() if bits >> one.bit & 1]
