"""An application number and four digits, as couriers type them."""

import pytest

from bot.handlers.cards.facts import read_facts


@pytest.mark.parametrize(
    "typed",
    [
        "申请编号DEMO2026001，后四位1234",
        "1234 DEMO2026001",
        "DEMO2026001 1234",
        "DEMO2026001-1234",
        "demo2026001\n1234",
        "尾号1234 编号是demo 2026 001",
        "1234是后四位，编号DEMO2026001",
        "DEMO2026001手机尾号1234谢谢",
        "我的编号是 DEMO2026001 手机 138 0000 1234",
        "申请编号：ＤＥＭＯ２０２６００１，后四位：一二三四",
        "编号DEMO2O26OO1，后4位 12 34",
        "my application number is DEMO2026001 and the last four are 1234",
    ],
)
def test_both_facts_in_any_order_and_wording(typed: str) -> None:
    facts = read_facts(typed)
    assert (facts.number, facts.digits) == ("DEMO2026001", "1234")


@pytest.mark.parametrize(
    ("typed", "number", "digits"),
    [
        ("NM 2026 0815", "NM20260815", ""),
        ("NM2026 0815", "NM20260815", ""),
        ("2026 0001 1234", "202600011234", ""),
        ("20260001 1234", "20260001", "1234"),
        ("123x", "", "123X"),
        ("身份证后四位123X", "", "123X"),
        ("13800001234", "", "1234"),
        ("+86 138-0000-1234", "", "1234"),
        ("12345", "", ""),
        ("123456", "", ""),
        ("带啥去", "", ""),
        ("我手机是iphone15", "", ""),
        ("我家电话04711234567", "", ""),
        ("DEMO2026001尾号123", "DEMO2026001", ""),
        ("15010219900307123X", "", ""),
    ],
)
def test_only_what_is_a_fact_is_read(typed: str, number: str, digits: str) -> None:
    facts = read_facts(typed)
    assert (facts.number, facts.digits) == (number, digits)
