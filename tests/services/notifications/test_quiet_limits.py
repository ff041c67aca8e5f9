"""Quiet hours at the instants at which they begin and end, and gaps a day away."""

from datetime import datetime, timedelta

import pytest

from bot.common.clock import CHINA
from bot.services.notifications.quiet_hours import NIGHT, PEAKS, Quiet

INSTANT = timedelta(microseconds=1)
NOON = Quiet(((12 * 60, 13 * 60),))
OVER_MIDNIGHT = Quiet(((23 * 60, 60),))
ALWAYS = Quiet(((0, 12 * 60), (12 * 60, 0)))
ALL_BUT_A_MINUTE = Quiet(((12 * 60 + 1, 12 * 60),))


def at(clock: str, day: int = 0) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 23 + day, hour, minute, tzinfo=CHINA)


def test_the_usual_hours() -> None:
    assert (NIGHT, PEAKS) == ((1290, 450), ((660, 780), (1020, 1170)))


@pytest.mark.parametrize(
    ("quiet", "moment", "covered"),
    [
        (NOON, at("12:00") - INSTANT, False),
        (NOON, at("12:00"), True),
        (NOON, at("13:00") - INSTANT, True),
        (NOON, at("13:00"), False),
        (OVER_MIDNIGHT, at("23:00") - INSTANT, False),
        (OVER_MIDNIGHT, at("23:00"), True),
        (OVER_MIDNIGHT, at("0:00", 1), True),
        (OVER_MIDNIGHT, at("1:00", 1) - INSTANT, True),
        (OVER_MIDNIGHT, at("1:00", 1), False),
        (Quiet(((300, 300),)), at("5:00"), False),  # from and to are equal: no time at all
    ],
)
def test_from_counts_and_to_does_not(quiet: Quiet, moment: datetime, *, covered: bool) -> None:
    assert quiet.covers(moment) == covered


@pytest.mark.parametrize(
    ("quiet", "moment", "following", "preceding"),
    [
        (NOON, at("11:59"), at("11:59"), at("11:59")),
        (NOON, at("12:00"), at("13:00"), at("11:59")),
        (NOON, at("12:59"), at("13:00"), at("11:59")),
        (NOON, at("13:00"), at("13:00"), at("13:00")),
        (OVER_MIDNIGHT, at("0:30", 1), at("1:00", 1), at("22:59")),
        (ALWAYS, at("12:00"), None, None),
        (ALL_BUT_A_MINUTE, at("12:00"), at("12:00"), at("12:00")),
        (ALL_BUT_A_MINUTE, at("12:01"), at("12:00", 1), at("12:00")),
        (ALL_BUT_A_MINUTE, at("11:59"), at("12:00"), at("12:00", -1)),
        # of overlapping hours the one that ends last, and the one that begins first
        (Quiet(((600, 720), (660, 900))), at("11:30"), at("15:00"), at("9:59")),
        (Quiet(((600, 720), (720, 900))), at("11:30"), at("15:00"), at("9:59")),
    ],
)
def test_the_next_and_the_last_gap(
    quiet: Quiet, moment: datetime, following: datetime | None, preceding: datetime | None
) -> None:
    assert quiet.next_gap(moment) == following
    assert quiet.last_gap(moment) == preceding
