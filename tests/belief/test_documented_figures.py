"""The figures of docs/belief.md are those of the code."""

import re
from datetime import timedelta

import pytest

from bot.belief import model
from bot.belief.reporters import (
    ARRIVED,
    KEEPER,
    LIST,
    NEVER_ASKED,
    NEW_ACCOUNT,
    PASSED_BY,
    SHOWN,
    TRUSTED_DAYS,
)
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "belief.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines()]


def row(first: str) -> list[str]:
    """The cells after the one that begins so."""
    return next(cells[1:] for cells in ROWS if cells and cells[0].startswith(first))


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("`enter`", "enter"),
        ("`enter.part.", "enter.part"),
        ("`enter.days.", "enter.days"),
        ("a facility's code", "facility"),
        ("`exists`", "exists"),
    ],
)
def test_steps_caps_and_half_lives_are_documented(first: str, kind: str) -> None:
    _, step, cap, half_life = row(first)
    number, unit = half_life.split()
    assert float(step) == model.STEPS[kind]
    assert float(cap) == model.CAPS[kind]
    assert timedelta(**{unit: float(number)}) == model.HALF_LIVES[kind]


@pytest.mark.parametrize(
    ("first", "weight"),
    [
        ("was shown the station and", ARRIVED),
        ("was shown it, cannot", SHOWN),
        ("was not shown it", PASSED_BY),
        ("neither", NEVER_ASKED),
        ("keeper", KEEPER),
        ("line of an owner", LIST),
    ],
)
def test_weights_are_documented(first: str, weight: float) -> None:
    assert float(row(first)[0]) == weight


def test_the_age_of_an_account_and_the_minutes_lost_are_documented() -> None:
    assert f"by {NEW_ACCOUNT} for an account of today, up to 1 at {TRUSTED_DAYS:.0f} days" in (
        re.sub(r"\s+", " ", PAGE)
    )
    assert f"× ({model.WASTED:.0f} + min" in PAGE
