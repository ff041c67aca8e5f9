"""Hours as people write them, at the exact values at which their meaning changes."""

import pytest

from bot.hours.errors import Fault, HoursError
from bot.hours.parser import read
from bot.hours.weekly import LENGTH

PARTS_OF_THE_DAY = [
    ("凌晨", {0: "00", 1: "01", 6: "06", 7: "", 11: "", 12: "00", 13: ""}),
    ("上午", {0: "00", 11: "11", 12: "12", 13: ""}),
    ("中午", {0: "", 1: "13", 2: "14", 3: "", 9: "", 10: "10", 12: "12", 14: "14", 15: ""}),
    ("下午", {0: "", 1: "13", 11: "23", 12: "12", 13: "13"}),
    ("晚上", {5: "", 6: "18", 11: "23", 13: "13"}),
]


@pytest.mark.parametrize(
    ("part", "said", "meant"),
    [(part, said, meant) for part, hours in PARTS_OF_THE_DAY for said, meant in hours.items()],
)
def test_an_hour_fits_its_part_of_the_day_or_is_refused(part: str, said: int, meant: str) -> None:
    text = f"{part}{said}:00-23:30"
    if meant:
        assert str(read(text)) == f"Mo-Su {meant}:00-23:30"
        return
    with pytest.raises(HoursError) as refused:
        read(text)
    assert (refused.value.fault, refused.value.text) == (Fault.TIME, text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        # From 17:00 on a close before the opening is that of the next morning.
        ("17:00-5:00", "Mo-Su 17:00-05:00"),
        ("17:01-5:00", "Mo-Su 17:01-05:00"),
        ("8:00-0:00", "Mo-Su 08:00-24:00"),
        ("9:00-凌晨2:00", "Mo-Su 09:00-02:00"),
        ("20:00-凌晨0:00", "Mo-Su 20:00-24:00"),
        ("18:00-次日2:00", "Mo-Su 18:00-02:00"),
        ("18:00-次日18:00", "Mo-Su 18:00-42:00"),
        ("下午2:00-2:01", "Mo-Su 14:00-14:01"),
        ("18:00-晚上12:00", "Mo-Su 18:00-24:00"),
        ("9:59-17:00", "Mo-Su 09:59-17:00"),
        ("9:00-24:00", "Mo-Su 09:00-24:00"),
        ("9:00-24:01", "Mo-Su 09:00-00:01"),
        ("9:00-24:59", "Mo-Su 09:00-00:59"),
        # Two digits from 00 to 09 are of 24 hours; one digit may be the afternoon, if it is later.
        ("11:00-02:00", "Mo-Su 11:00-02:00"),
        ("14:00-2:00", "Mo-Su 14:00-02:00"),
        ("14:01-2:00", "Mo-Su 14:01-02:00"),
        ("9点半-17点一刻", "Mo-Su 09:30-17:15"),
        ("9点三刻-17点", "Mo-Su 09:45-17:00"),
        ("9点-17", "Mo-Su 09:00-17:00"),
        ("二十四小时", "24/7"),
        # Hours are said twice.
        ("周一9:00-17:00,周一9:00-17:00", "Mo 09:00-17:00"),
        ("9:00-10:00 9:00-10:00", "Mo-Su 09:00-10:00"),
        # The narrower statement counts, in either order.
        ("周六9:00-17:00,周末10:00-12:00", "Sa 09:00-17:00; Su 10:00-12:00"),
        ("周末10:00-12:00,周六9:00-17:00", "Sa 09:00-17:00; Su 10:00-12:00"),
        ("24小时,周一9:00-17:00", "Mo 09:00-17:00; Tu-Su 00:00-24:00"),
        ("周一休息,9:00-17:00", "Tu-Su 09:00-17:00"),
        ("工作日9:00-17:00,节假日10:00-12:00", "Mo-Fr 09:00-17:00; PH 10:00-12:00"),
        ("工作日全天,周末全天", "24/7"),
        ("周一含节假日9:00-17:00", "Mo 09:00-17:00; PH 09:00-17:00"),
        ("9:00-17:00含节假日", "Mo-Su 09:00-17:00; PH 09:00-17:00"),
        (
            "周一至周日9:00-17:00,节假日9:00-17:00,节假日照常",
            "Mo-Su 09:00-17:00; PH 09:00-17:00",
        ),
        # Runs of days
        ("周五至周一9:00-17:00", "Mo,Fr-Su 09:00-17:00"),
        ("周一至周一9:00-17:00", "Mo 09:00-17:00"),
        ("9:00-12:00,周一", "Mo 09:00-12:00"),
        ("9:00-17:00" + " " * (2 * LENGTH - 10), "Mo-Su 09:00-17:00"),
        ("周一" * 195 + "9:00-17:00", "Mo 09:00-17:00"),
    ],
)
def test_reads(text: str, stored: str) -> None:
    assert str(read(text)) == stored


@pytest.mark.parametrize(
    ("text", "fault", "piece"),
    [
        ("16:59-5:00", Fault.BACKWARDS, "16:59-5:00"),
        ("下午2:00-2:00", Fault.SPAN, "下午2:00-2:00"),
        ("下午2:00-1:59", Fault.BACKWARDS, "下午2:00-1:59"),
        ("9:00-9:00", Fault.SPAN, "9:00-9:00"),
        ("13:59-2:00", Fault.BACKWARDS, "13:59-2:00"),
        ("18:00-次日18:01", Fault.SPAN, "18:00-次日18:01"),
        ("8:00-次日9:00", Fault.SPAN, "8:00-次日9:00"),
        ("9:60-17:00", Fault.TIME, "9:60-17:00"),
        ("9:00-25:00", Fault.TIME, "9:00-25:00"),
        ("0:30-24:30", Fault.SPAN, "0:30-24:30"),
        ("9-17", Fault.UNREADABLE, "9-17"),
        ("9:00-10:00 8:00-9:00", Fault.BACKWARDS, "08:00"),
        ("9:00-10:00 8:45-9:00", Fault.BACKWARDS, "08:45"),
        ("周一9:00-10:00,9:30-12:00", Fault.OVERLAP, "09:00-10:00,09:30-12:00"),
        ("周末至周五9:00-17:00", Fault.UNREADABLE, "至周五9:00-17:0"),
        ("周一至周末9:00-17:00", Fault.UNREADABLE, "周一至周末"),
        ("周一至周三至周五9:00-17:00", Fault.UNREADABLE, "周一至周三至周五"),
        ("9:00-17:00,看门大爷在这里就一直开着门的", Fault.UNREADABLE, "看门大爷在这里就一直开着"),
        ("休息", Fault.UNREADABLE, "休息"),
        ("节假日9:00-17:00", Fault.NO_TIMES, "节假日9:00-17:00"),
        ("周一9:00-12:00,周二", Fault.NO_TIMES, ":00-12:00,周二"),
        ("9:00-17:00,周一休息,10:00-12:00", Fault.CONFLICT, "9:00-17:00,周一休息,10:0"),
        ("周一周二9:00-10:00,周二周三9:00-11:00", Fault.CONFLICT, "周一周二9:00-10:00,周二周三9"),
        (
            "周一至周日9:00-17:00,节假日10:00-12:00,节假日照常",
            Fault.CONFLICT,
            "周一至周日9:00-17:00,节假日1",
        ),
        ("9:00-17:00" + " " * (2 * LENGTH - 9), Fault.TOO_LONG, "9:00-17:00" + " " * 10),
        ("周一" * 195 + "9:00-17:000", Fault.TOO_LONG, "周一" * 10),
    ],
)
def test_refuses_and_names_the_piece(text: str, fault: Fault, piece: str) -> None:
    with pytest.raises(HoursError) as refused:
        read(text)
    assert (refused.value.fault, refused.value.text) == (fault, piece)
