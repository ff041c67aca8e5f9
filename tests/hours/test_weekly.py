"""The stored form: what is accepted, what is refused and how it is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours.errors import Fault, HoursError
from bot.hours.weekly import CLOSED, DAY, Hours, Interval, groups, is_always_open, parse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00"),
        ("mo-fr 9:00 - 17:00", "Mo-Fr 09:00-17:00"),
        ("Mo-Fr 08:30-11:00,13:30-17:00; PH off", "Mo-Fr 08:30-11:00,13:30-17:00; PH off"),
        ("Mo,We,Fr 10:00-12:00;", "Mo,We,Fr 10:00-12:00"),
        ("Sa-Mo 10:00-12:00", "Mo,Sa-Su 10:00-12:00"),
        ("Mo-Su 08:00-18:00; Su off", "Mo-Sa 08:00-18:00"),
        ("Mo-Su,PH 08:00-18:00", "Mo-Su 08:00-18:00; PH 08:00-18:00"),
        ("08:00-18:00", "Mo-Su 08:00-18:00"),
        ("24/7", "24/7"),
        ("Mo-Su,PH 00:00-24:00", "24/7"),
        ("Mo-Su 00:00-24:00", "Mo-Su 00:00-24:00"),
        ("24/7; PH off", "Mo-Su 00:00-24:00; PH off"),
        ("off", "off"),
        ("Mo-Su off", "Mo-Su off"),
        ("Mo-Su closed; PH 10:00-12:00", "Mo-Su off; PH 10:00-12:00"),
        ("Fr 18:00-02:00", "Fr 18:00-02:00"),
        ("Fr 18:00-26:00", "Fr 18:00-02:00"),
        ("Fr 18:00-00:00", "Fr 18:00-24:00"),
        ("Mo 06:00-18:00,18:00-06:00", "Mo 06:00-30:00"),
        ("Mo 12:00-17:00,08:00-12:00", "Mo 08:00-17:00"),
    ],
)
def test_the_stored_form_has_one_spelling(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.UNREADABLE),
        ("Mo-Fr", Fault.UNREADABLE),
        ("Mo-Fr 09:00", Fault.UNREADABLE),
        ("Mo-Fr 09:00+", Fault.UNREADABLE),
        ("Mo-Fr 24/7", Fault.UNREADABLE),
        ("Mo-PH 09:00-17:00", Fault.UNREADABLE),
        ("SH 09:00-17:00", Fault.UNREADABLE),
        ("2018 Feb 14-2018 Feb 20 09:00-17:00", Fault.UNREADABLE),
        ("Mo 09:00-17:00; 2018 Feb 14 off; Tu 09:00-17:00", Fault.UNREADABLE),
        ("Feb 30 09:00-17:00", Fault.TIME),
        ("Mo 09:00-17:00; 2018 Feb 29 off", Fault.TIME),
        ("Mo 09:00-17:00; 2018 Feb 14-2018 Feb 13 off", Fault.BACKWARDS),
        ("2018 Feb 14 off", Fault.NO_TIMES),
        ("Mo-Fr sunrise-sunset", Fault.UNREADABLE),
        ('Mo-Fr 09:00-17:00 "ring twice"', Fault.UNREADABLE),
        ("Mo-Fr 09:00-17:00, Sa 10:00-12:00", Fault.UNREADABLE),
        ("Mo-Fr 09:00-17:00 || off", Fault.UNREADABLE),
        ("Mo-Fr 09:00-17:00;; Sa off", Fault.UNREADABLE),
        ("Mo ０９:00-17:00", Fault.UNREADABLE),
        ("Mo 09:60-17:00", Fault.TIME),
        ("Mo 24:00-26:00", Fault.TIME),
        ("Mo 09:00-49:00", Fault.TIME),
        ("Mo 09:00-09:00", Fault.SPAN),
        ("Mo 09:00-34:00", Fault.SPAN),
        ("Mo 06:00-18:00,18:00-07:00", Fault.SPAN),
        ("Mo 09:00-12:00,11:59-17:00", Fault.OVERLAP),
        ("Mo 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00", Fault.TOO_MANY),
        ("PH off", Fault.NO_TIMES),
        ("Mo 09:00-17:00;" * 30, Fault.TOO_LONG),
    ],
)
def test_anything_else_is_refused_with_the_piece_at_fault(text: str, fault: Fault) -> None:
    with pytest.raises(HoursError) as refused:
        parse(text)
    assert refused.value.fault is fault
    assert refused.value.text in text
    assert "write" in str(refused.value)


def test_equal_texts_share_one_object() -> None:
    assert parse("Mo-Fr 09:00-17:00") is parse("Mo-Fr 09:00-17:00")


def test_reading_order_puts_equal_days_together_and_holidays_last() -> None:
    hours = parse("Mo-Fr 09:00-12:00,13:30-17:00; PH off")
    assert groups(hours) == [
        ((range(5),), (Interval(540, 720), Interval(810, 1020))),
        ((range(5, 7),), ()),
        ((range(7, 8),), ()),
    ]
    assert groups(parse("Mo,We 09:00-10:00")) == [
        ((range(1), range(2, 3)), (Interval(540, 600),)),
        ((range(1, 2), range(3, 7)), ()),
    ]


@pytest.mark.parametrize(
    ("text", "always"),
    [
        ("24/7", True),
        ("Mo-Su 00:00-24:00", True),
        ("Mo-Su 06:00-30:00", True),
        ("24/7; PH off", False),
        ("24/7; Su off", False),
        ("Mo-Su 00:00-23:59", False),
        ("off", False),
        ("Mo-Su off", False),
    ],
)
def test_always_open(text: str, always: bool) -> None:
    assert is_always_open(parse(text)) is always


def test_a_week_has_seven_rows() -> None:
    with pytest.raises(ValueError, match="seven"):
        Hours(((),) * 6)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Interval, ...]:
    edges = sorted(draw(st.sets(st.integers(0, DAY - 1), max_size=6)))
    if len(edges) % 2:
        edges.append(draw(st.integers(edges[-1] + 1, edges[-1] + DAY)))
    return tuple(Interval(*edges[n : n + 2]) for n in range(0, len(edges), 2))


weeks = st.builds(Hours, st.tuples(*[rows()] * 7), st.none() | rows())


@given(weeks)
def test_what_is_written_reads_back_the_same(hours: Hours) -> None:
    written = str(hours)
    again = parse(written)
    assert again == hours
    assert hash(again) == hash(hours)
    assert str(again) == written


@given(weeks)
def test_groups_name_each_day_once(hours: Hours) -> None:
    named = {day: row for days, row in groups(hours) for run in days for day in run}
    assert tuple(named[day] for day in range(7)) == hours.week
    assert named.get(7) == hours.holiday
    assert sum(len(run) for days, _ in groups(hours) for run in days) == len(named)


@given(st.text(max_size=60) | st.from_regex(r"[MoTuWeFrSaPH 0-9:;,\-]{0,40}", fullmatch=True))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        hours = parse(text)
    except HoursError:
        return
    assert parse(str(hours)) == hours


def test_closed_is_closed_on_holidays_too() -> None:
    assert parse("off") == CLOSED
    assert CLOSED.holiday == ()
