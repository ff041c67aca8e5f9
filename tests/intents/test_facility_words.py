"""The table of facilities: stable bits, unique codes, names and words."""

import pytest

from bot.common.facilities import FACILITIES, mask


def test_bits_count_up_from_zero_in_the_order_of_the_table() -> None:
    assert [facility.bit for facility in FACILITIES.values()] == list(range(29))


def test_codes_and_bits_in_use_keep_their_numbers() -> None:
    # Station files and databases hold them: a changed line here is a data migration.
    assert " ".join(FACILITIES) == (
        "seat water charge microwave hvac medkit toilet fridge wifi rain books tools ebike "
        "nursing access aed meal bath print legal psych haircut bank "
        "payroll saving loan instalment insurance financing"
    )


def test_tiers_are_the_fields_own() -> None:
    assert {facility.tier for facility in FACILITIES.values()} == {
        *("基本", "选配", "活动", "银行", "业务")
    }
    assert sum(facility.tier == "基本" for facility in FACILITIES.values()) == 7


def test_no_word_or_name_belongs_to_two_facilities() -> None:
    words = [word for facility in FACILITIES.values() for word in facility.words]
    assert len(words) == len(set(words))
    assert len({facility.name_zh for facility in FACILITIES.values()}) == len(FACILITIES)
    assert len({facility.name_en for facility in FACILITIES.values()}) == len(FACILITIES)


def test_latin_words_are_lower_case_without_spaces() -> None:
    latin = [w for f in FACILITIES.values() for w in f.words if w.isascii()]
    assert [word for word in latin if not word.isalpha() or word != word.lower()] == []


def test_a_mask_has_one_bit_for_each_facility() -> None:
    assert mask([]) == 0
    assert mask(["seat", "charge", "charge"]) == 0b101
    assert mask(FACILITIES) == 2 ** len(FACILITIES) - 1


def test_a_wrong_code_is_named() -> None:
    with pytest.raises(KeyError, match="sauna"):
        mask(["sauna"])
