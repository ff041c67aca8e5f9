"""Why opening hours were refused: a code to be worded by the caller, and the piece it is about."""

from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """What is wrong with written hours; the value is stable and may be stored or translated."""

    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    TIME = "time"
    SPAN = "span"
    BACKWARDS = "backwards"
    OVERLAP = "overlap"
    TOO_MANY = "too_many"
    NO_TIMES = "no_times"
    CONFLICT = "conflict"
    SEASON = "season"


_ADVICE: Final = {
    Fault.UNREADABLE: "not understood; write 周一至周五 9:00-17:00 or Mo-Fr 09:00-17:00",
    Fault.TOO_LONG: "too long; write the hours only, for example 周一至周五 9:00-17:00",
    Fault.TIME: "not a time of day; write 24-hour times from 00:00 to 24:00",
    Fault.SPAN: "opens and closes at once, or lasts over 24 hours; write 24/7 for all day",
    Fault.BACKWARDS: "closes before it opens; write 14:30-17:00, or 18:00-次日2:00 past midnight",
    Fault.OVERLAP: "two intervals of one day overlap; write them apart or as one",
    Fault.TOO_MANY: "more than three intervals in one day; write at most three",
    Fault.NO_TIMES: "days without hours; write the opening times of the ordinary week as well",
    Fault.CONFLICT: "different hours for the same day; name each day once",
    Fault.SEASON: "a season without dates; write 夏季(5月1日-9月30日)8:00-20:00",
}


class HoursError(ValueError):
    """Written hours that are not accepted: `fault` says why, `text` is the piece at fault.

    The message names both and how to write it instead, in English, for logs and operators' tools.
    """

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(f"{text!r}: {_ADVICE[fault]}")
        self.fault = fault
        self.text = text
