"""The courier firms that a form offers; any other may be typed."""

import csv
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from bot.data import DATA

FILE: Final = DATA / "courier_companies.csv"


@lru_cache(maxsize=1)
def firms() -> Mapping[str, str]:
    """Names by code, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def firm_of(typed: str) -> str:
    """The code of a listed firm as typed (中通, 中通快递); empty for another."""
    plain = unicodedata.normalize("NFKC", typed).casefold().replace(" ", "")
    short = plain.removesuffix("公司").removesuffix("快递").removesuffix("速递")
    for code, name in firms().items():
        if name.casefold() in (plain, short) or code == plain:
            return code
    return ""


def is_same_firm(one: str, other: str) -> bool:
    """Whether two names mean one firm: 中通 and 中通快递."""
    return one == other or (bool(code := firm_of(one)) and code == firm_of(other))
