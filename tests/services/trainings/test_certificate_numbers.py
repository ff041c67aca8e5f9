"""Numbers of certificates: not to be guessed, read in any spelling, and typos are seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.trainings.certificate_numbers import (
    ALPHABET,
    check_characters,
    new_number,
    read_number,
)

YEARS = st.integers(2026, 2099)


def numbers() -> st.SearchStrategy[str]:
    drawn = st.text(ALPHABET, min_size=10, max_size=10)
    return st.builds(_number, YEARS, drawn)


def _number(year: int, drawn: str) -> str:
    characters = drawn + check_characters(year, drawn)
    return f"DJT-{year}-{characters[:6]}-{characters[6:]}"


@given(numbers(), st.data())
def test_a_number_survives_reading_out_and_retyping(number: str, data: st.DataObject) -> None:
    head, year, first, second = number.split("-")
    for right, misread in data.draw(st.permutations([("0", "O"), ("1", "I"), ("1", "l")])):
        first, second = first.replace(right, misread), second.replace(right, misread)
    dash = data.draw(st.sampled_from(["-", "—", "－", " ", "", "_", "–", " - "]))
    assert read_number(f"编号{head}{dash}{year}{dash}{first}{dash}{second}，谢谢") == number
    assert read_number(number.lower()) == number


@given(numbers(), st.data())
def test_every_single_wrong_character_is_seen(number: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([4, 5, 6, 7, *range(9, 15), *range(16, 22)]))
    letters = "0123456789" if at < 9 else ALPHABET
    wrong = data.draw(st.sampled_from([one for one in letters if one != number[at]]))
    assert read_number(number[:at] + wrong + number[at + 1 :]) is None


@given(numbers(), st.data())
def test_neighbours_that_changed_places_are_seen(number: str, data: st.DataObject) -> None:
    _, year, first, second = number.split("-")
    characters = first + second
    at = data.draw(st.integers(0, 10))
    mixed = characters[:at] + characters[at + 1] + characters[at] + characters[at + 2 :]
    found = read_number(f"DJT-{year}-{mixed[:6]}-{mixed[6:]}")
    assert found == (number if mixed == characters else None)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("DJT-2026-7K3M9P", "DJT-2026-7K3M9P"),
        ("djt20267k3m9p", "DJT-2026-7K3M9P"),
        ("DJT-2026-7K3M9P，谢谢", "DJT-2026-7K3M9P"),
        ("DJT-2026-7K3M9P please check", "DJT-2026-7K3M9P"),
        ("DJT 2026 7K3 M9P", "DJT-2026-7K3M9P"),
        ("DJT-2026-7K3M9", None),
        ("7K3M9P", None),
        ("", None),
    ],
)
def test_numbers_of_the_older_form_are_read(typed: str, number: str | None) -> None:
    assert read_number(typed) == number


def test_two_numbers_differ() -> None:
    drawn = {new_number(2026) for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(read_number(one) == one for one in drawn)


def test_the_check_characters_never_change() -> None:
    assert read_number("DJT-2026-7K3M9P-Q4RS72") == "DJT-2026-7K3M9P-Q4RS72"
