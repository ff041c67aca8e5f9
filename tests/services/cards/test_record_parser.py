"""Fields of a record as a bank writes them."""

from datetime import datetime

import pytest

from bot.common.clock import CHINA
from bot.services.cards.record_parser import Fault, read_record

FIRST = datetime(2026, 11, 2, 9, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"number": ""}, "number", "required"),
        ({"label": ""}, "label", "required"),
        ({"number": "123456"}, "number", "number"),
        ({"number": "1.38E+10"}, "number", "rounded"),
        ({"number": "150102199003071234"}, "number", "forbidden"),
        ({"name": "王强 15010219900307123x"}, "name", "forbidden"),
        ({"parcel": "6222 0200 0000 0000 000"}, "parcel", "forbidden"),
        ({"phone": "0471-6666666"}, "phone", "phone_or_last4"),
        ({"phone": "1.38E+10"}, "phone", "rounded"),
        ({"id_last4": "12345"}, "id_last4", "last4"),
        ({"at": "昨天"}, "at", "moment"),
        ({"at": "2026-02-30"}, "at", "date"),
        ({"at": "2026-03-01 25:00"}, "at", "moment"),
        ({"seal_by": "明年"}, "seal_by", "date"),
        ({"firm": "长" * 41}, "firm", "too_long"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_not_repeated(
    said: dict[str, str], field: str, code: str
) -> None:
    sound = {"number": "NM20260001", "label": "制卡中"}
    found = read_record({**sound, **said}, FIRST)
    assert isinstance(found, list)
    assert [(one.field, one.code) for one in found] == [(field, code)]
    assert all(value not in repr(found) for value in said.values() if value)


def test_a_valid_record_is_normalised() -> None:
    found = read_record(
        {
            "number": "nm-2026 0001",
            "label": "制卡中",
            "phone": "138****5678",
            "id_last4": "1501**********123x",
            "at": "2026/3/1 9:05",
            "as_of": "2026-03-02T01:00:00Z",
            "seal_by": "2027年1月5日",
            "office": "",
        },
        FIRST,
    )
    assert not isinstance(found, list)
    assert (found.number, found.phone, found.id_last4) == ("NM20260001", "5678", "123X")
    assert found.at == datetime(2026, 3, 1, 9, 5, tzinfo=CHINA)
    assert found.as_of.isoformat() == "2026-03-02T01:00:00+00:00"
    assert str(found.seal_by) == "2027-01-05"
    assert "NM20260001" not in repr(found)


def test_a_number_made_of_region_and_date_is_no_id() -> None:
    found = read_record({"number": "150102202603010001", "label": "制卡中"}, FIRST)
    assert not isinstance(found, Fault | list)
