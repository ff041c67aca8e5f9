"""What couriers type about themselves, and what they must not type."""

from datetime import UTC, datetime

import pytest

from bot.services.cards.record_parser import read_record
from bot.services.cards.records import CardRecord
from bot.services.couriers.firms import firm_of, firms
from bot.services.personal_data import validation
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.services.stations.importing.rows import StationEntry, read_entry


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("NM20260815", "NM20260815"),
        (" nm-2026 0815 ", "NM20260815"),
        ("ＮＭ２０２６０８１５", "NM20260815"),
        ("20260815001", "20260815001"),
        ("YQ-7K3M9P", "YQ7K3M9P"),
        ("123456", None),  # likelier an SMS code
        ("卡号是多少", None),
        ("ABCDEFGH", None),
        ("A1", None),
        ("A" * 40 + "1", None),
        ("", None),
    ],
)
def test_an_application_number_has_one_form(typed: str, read: str | None) -> None:
    assert validation.application_number(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [("5678", "5678"), ("123x", "123X"), ("１２３４", "1234"), ("12345", None), ("x123", None)],
)
def test_four_digits_or_three_and_an_x(typed: str, read: str | None) -> None:
    assert validation.last_four(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86-13812345678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("12812345678", None),
        ("1381234567", None),
    ],
)
def test_a_mobile_phone_has_eleven_digits(typed: str, read: str | None) -> None:
    assert validation.mobile_phone(typed) == read


@pytest.mark.parametrize("typed", ["王强", "阿拉坦·其其格", "Wang Qiang", "O'Neil Jean-Luc"])
def test_names_of_all_kinds(typed: str) -> None:
    assert validation.person_name(f" {typed} ") == typed


@pytest.mark.parametrize("typed", ["王", "13812345678", "王强1", "?", "", "x" * 40])
def test_what_is_no_name(typed: str) -> None:
    assert validation.person_name(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "15010219900307123X",
        "150102 1990 0307 1234",
        "我的身份证150102199003071234啊",
        "150102900307123",  # of before 1999
        "6222021234567890128",
        "6222 0212 3456 7890 128",
        "卡号6222021234567890128",
    ],
)
def test_whole_id_and_card_numbers_are_noticed(typed: str) -> None:
    assert validation.contains_full_id_or_card(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "NM20260815",
        "202611230000000012",
        "13812345678",
        "6222021234567890127",  # its check digit is wrong
        "150102199013071234",  # nobody was born in a thirteenth month
    ],
)
def test_other_numbers_are_not_taken_for_them(typed: str) -> None:
    assert not validation.contains_full_id_or_card(typed)


def test_masks_leave_enough_to_recognise_ones_own() -> None:
    assert mask_name("王强") == mask_name("王小强") == "王*"
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("5678") == "****5678"
    assert mask_number("NM20260815") == "****0815"
    assert mask_number("A12345") == "****345"
    assert mask_name("") == mask_phone("") == ""


def test_firms_are_known_by_name_and_nickname() -> None:
    assert firm_of("中通快递") == firm_of("中通") == "zhongtong"
    assert firm_of("ems") == "ems"
    assert firm_of("美团外卖骑手") == "meituan"
    assert firm_of("饿了吗") == firm_of("蜂鸟") == "eleme"
    assert firm_of("京东物流") == firm_of("京东快递") == "jd"
    assert firm_of("蒙马配送") == ""
    assert len(firms()) > 20


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("DEMO2026998", True),
        ("nm-2026 0815", True),
        ("SF1234567890123", False),
        ("YT2026112300001", False),
        ("2026081500", False),
        ("A12", False),
        ("周六2026081", False),
    ],
)
def test_an_application_number_is_told_from_a_parcel(typed: str, is_one: bool) -> None:
    assert validation.looks_like_application(typed) == is_one


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("13812345678.0", "13812345678"),
        ("13812345678.00", "13812345678"),
        ("13812345678.0;04711234567.0", "13812345678;04711234567"),
        ("138.1234.5678", "138.1234.5678"),
        ("0471-1234567", "0471-1234567"),
    ],
)
def test_a_phone_that_a_program_took_for_a_quantity(written: str, phone: str) -> None:
    station = read_entry({"code": "A", "name": "甲", "datum": "wgs84", "phone": written})
    assert isinstance(station, StationEntry)
    assert station.phone == phone
    now = datetime(2026, 11, 23, tzinfo=UTC)
    if "13812345678" in phone and ";" not in phone:
        said = {"number": "NM20260815", "label": "待领取", "phone": written}
        record = read_record(said, now)
        assert isinstance(record, CardRecord)
        assert record.phone == phone
