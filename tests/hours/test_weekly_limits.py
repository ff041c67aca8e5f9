"""The stored form of opening hours at the minutes and lengths at which it is refused or changes."""

import pytest

from bot.hours.errors import Fault, HoursError
from bot.hours.weekly import CLOSED, DAY, LENGTH, Hours, Interval, interval, is_always_open, parse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Mo 09:00-17:00" + " " * (LENGTH - 14), "Mo 09:00-17:00"),
        ("Mo 00:00-24:00", "Mo 00:00-24:00"),
        ("Mo 09:00-33:00", "Mo 09:00-33:00"),
        ("Mo 09:00-08:59", "Mo 09:00-08:59"),
        ("Mo 09:00-32:59", "Mo 09:00-08:59"),
        ("Mo 23:59-47:59", "Mo 23:59-47:59"),
        ("Mo 09:00-10:00,10:00-11:00", "Mo 09:00-11:00"),
        ("Mo 09:00-10:00,10:01-11:00", "Mo 09:00-10:00,10:01-11:00"),
        ("Mo 13:00-14:00,09:00-10:00", "Mo 09:00-10:00,13:00-14:00"),
        (
            "Mo 01:00-02:00,02:00-04:00,05:00-06:00,07:00-08:00",
            "Mo 01:00-04:00,05:00-06:00,07:00-08:00",
        ),
        ("Fr-Mo 09:00-10:00", "Mo,Fr-Su 09:00-10:00"),
        ("Mo-Mo 09:00-10:00", "Mo 09:00-10:00"),
        ("Su-Sa 09:00-10:00", "Mo-Su 09:00-10:00"),
        ("closed", "off"),
        ("24/7; PH off", "Mo-Su 00:00-24:00; PH off"),
        ("24/7; Su off", "Mo-Sa 00:00-24:00; PH 00:00-24:00"),
        ("Mo-Fr 09:00-10:00; We off", "Mo-Tu,Th-Fr 09:00-10:00"),
        ("PH 09:00-10:00; off", "off"),
        ("Mo-Fr off", "Mo-Su off"),
        ("Mo off; PH 09:00-10:00", "Mo-Su off; PH 09:00-10:00"),
        ("; Mo off;", "Mo-Su off"),
        (" mo 9:00 - 10:00 , 11:00-12:00", "Mo 09:00-10:00,11:00-12:00"),
        ("Mo 9:59-10:00", "Mo 09:59-10:00"),
    ],
)
def test_is_read_and_written_again(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "fault", "piece"),
    [
        ("Mo 09:00-17:00" + " " * (LENGTH - 13), Fault.TOO_LONG, "Mo 09:00-17:00" + " " * 6),
        ("Mo 9:00-17:60", Fault.TIME, "9:00-17:60"),
        ("Mo 24:00-25:00", Fault.TIME, "24:00-25:00"),
        ("Mo 23:59-48:00", Fault.SPAN, "23:59-48:00"),
        ("Mo 23:59-48:01", Fault.TIME, "23:59-48:01"),
        ("Mo 00:00-24:01", Fault.SPAN, "00:00-24:01"),
        ("Mo 09:00-09:00", Fault.SPAN, "09:00-09:00"),
        ("Mo 09:00-33:01", Fault.SPAN, "09:00-33:01"),
        ("Mo 09:00-10:00,09:59-11:00", Fault.OVERLAP, "09:00-10:00,09:59-11:00"),
        (
            "Mo 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00",
            Fault.TOO_MANY,
            "01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00",
        ),
        ("PH off", Fault.NO_TIMES, "PH off"),
        (" PH  09:00-10:00 ", Fault.NO_TIMES, "PH  09:00-10:00"),
        ("Mo  x", Fault.UNREADABLE, "Mo x"),
        ("Mo off;;Tu off", Fault.UNREADABLE, ""),
    ],
)
def test_is_refused_with_the_piece(text: str, fault: Fault, piece: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse(text)
    assert (refused.value.fault, refused.value.text) == (fault, piece)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        (0, 1, (0, 1)),
        (0, DAY, (0, DAY)),
        (DAY - 1, 2 * DAY - 1, (DAY - 1, 2 * DAY - 1)),
        (1, 0, (1, DAY)),
        (0, 0, Fault.SPAN),
        (0, DAY + 1, Fault.SPAN),
        (-1, 5, Fault.TIME),
        (DAY, DAY + 1, Fault.TIME),
        (5, -1, Fault.TIME),
        (DAY - 1, 2 * DAY, Fault.SPAN),
        (DAY - 1, 2 * DAY + 1, Fault.TIME),
    ],
)
def test_the_minutes_of_an_interval(
    opens: int, closes: int, expected: tuple[int, int] | Fault
) -> None:
    if isinstance(expected, tuple):
        assert interval(opens, closes, "x") == Interval(*expected)
        return
    with pytest.raises(HoursError) as refused:
        interval(opens, closes, "x")
    assert (refused.value.fault, refused.value.text) == (expected, "x")


@pytest.mark.parametrize(
    ("row", "holiday", "always"),
    [
        ((Interval(0, DAY),), None, True),
        ((Interval(360, 360 + DAY),), None, True),
        ((Interval(0, DAY),), (Interval(0, DAY),), True),
        ((Interval(0, DAY),), (), False),
        ((Interval(0, DAY - 1),), None, False),
        ((Interval(0, DAY - 1),), (Interval(0, DAY - 1),), False),
        ((), None, False),
    ],
)
def test_only_whole_days_without_an_end_are_always_open(
    row: tuple[Interval, ...], holiday: tuple[Interval, ...] | None, *, always: bool
) -> None:
    assert is_always_open(Hours((row,) * 7, holiday)) == always


@pytest.mark.parametrize("days", [6, 8])
def test_a_week_has_seven_rows(days: int) -> None:
    with pytest.raises(ValueError, match="seven"):
        Hours(((),) * days)


def test_closed_is_closed_on_all_days() -> None:
    assert Hours(((),) * 7, ()) == CLOSED
