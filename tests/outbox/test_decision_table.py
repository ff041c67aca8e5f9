"""What becomes of a claimed notice: a table of values, with every limit met to the microsecond."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.common.clock import CHINA
from bot.outbox.policy import (
    GRACE,
    DeliveryDecision,
    Due,
    Hold,
    Postpone,
    Reroute,
    Send,
    Terminate,
    decide,
)
from bot.services.notifications.quiet_hours import USUAL, OwnQuiet, Quiet
from bot.services.notifications.statuses import OutboxStatus, Priority, Reason

NOON = datetime(2026, 11, 23, 10, tzinfo=CHINA)
"""Ten o'clock on a Monday: a moment that is not quiet."""
NIGHT = datetime(2026, 11, 23, 2, tzinfo=CHINA)
PEAK = datetime(2026, 11, 23, 11, tzinfo=CHINA)
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
WINDOW = timedelta(hours=48)
NOTICE = Due(
    id=1,
    courier_id=7,
    kind="remind",
    params={},
    priority=Priority.REMINDER,
    due_at=NOON,
    not_after=NOON + 12 * HOUR,
    attempts=1,
    reason=Reason.NONE,
    chat_id=3,
    address="42",
    written_at=NOON,
    turns=1,
    locale=None,
    wanted=True,
    quiet=USUAL,
)
SENT = Send(3, "42")
MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=CHINA)


def decided(
    one: Due, now: datetime = NOON, window: timedelta | None = None, *, absent: bool = False
) -> DeliveryDecision:
    return decide(one, now, window, absent=absent)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (-INSTANT, SENT),
        (timedelta(0), SENT),
        (INSTANT, Terminate(OutboxStatus.EXPIRED, Reason.LATE)),
    ],
)
def test_a_notice_may_go_until_its_last_instant(
    late: timedelta, expected: DeliveryDecision
) -> None:
    assert decided(replace(NOTICE, not_after=NOON), NOON + late) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (WINDOW - INSTANT, SENT),
        (WINDOW, SENT),
        (WINDOW + INSTANT, Reroute(Reason.WINDOW)),
    ],
)
def test_a_channel_may_write_first_until_its_window_ends(
    age: timedelta, expected: DeliveryDecision
) -> None:
    assert decided(replace(NOTICE, written_at=NOON - age), window=WINDOW) == expected


def test_a_window_is_closed_to_whom_never_wrote_and_no_window_is_always_open() -> None:
    silent = replace(NOTICE, written_at=None)
    assert decided(silent, window=WINDOW) == Reroute(Reason.WINDOW)
    assert decided(silent) == SENT


@pytest.mark.parametrize("gone", [replace(NOTICE, chat_id=None), replace(NOTICE, address=None)])
def test_a_chat_that_cannot_be_written_to_is_passed_over(gone: Due) -> None:
    assert decided(gone) == Reroute(Reason.UNREACHABLE)


def test_a_page_that_nobody_has_open_is_passed_over() -> None:
    assert decided(NOTICE, absent=True) == Reroute(Reason.AWAY)


def test_a_topic_that_was_switched_off_cancels_what_is_still_due() -> None:
    unwanted = replace(NOTICE, wanted=False)
    assert decided(unwanted) == Terminate(OutboxStatus.CANCELLED, Reason.TOPIC)
    late = decided(unwanted, NOTICE.not_after + INSTANT)
    assert late == Terminate(OutboxStatus.EXPIRED, Reason.LATE)


@pytest.mark.parametrize("priority", Priority)
def test_only_an_interactive_notice_goes_in_the_night(priority: Priority) -> None:
    at_night = replace(NOTICE, priority=priority, due_at=NIGHT)
    expected = SENT if priority is Priority.INTERACTIVE else Postpone(MORNING)
    assert decided(at_night, NIGHT) == expected


@pytest.mark.parametrize("priority", Priority)
def test_broadcasts_leave_a_reserve_to_what_is_urgent(priority: Priority) -> None:
    assert replace(NOTICE, priority=priority).urgent == (priority <= Priority.REMINDER)


@pytest.mark.parametrize(
    ("not_after", "expected"),
    [
        (MORNING + INSTANT, Postpone(MORNING)),
        (MORNING, Postpone(MORNING)),
        (MORNING - INSTANT, Hold(Reason.QUIET)),
    ],
)
def test_what_can_wait_for_morning_waits_and_what_cannot_is_held(
    not_after: datetime, expected: DeliveryDecision
) -> None:
    """It became due in quiet hours, so it is not sent late in them."""
    due = replace(NOTICE, due_at=NIGHT, not_after=not_after)
    assert decided(due, NIGHT + timedelta(minutes=1)) == expected


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (GRACE - INSTANT, SENT),
        (GRACE, SENT),
        (GRACE + INSTANT, Hold(Reason.QUIET)),
    ],
)
def test_what_became_due_before_quiet_hours_and_cannot_wait_may_go_a_little_late(
    late: timedelta, expected: DeliveryDecision
) -> None:
    due = PEAK - timedelta(minutes=1)
    one = replace(NOTICE, due_at=due, not_after=PEAK + HOUR)
    assert decided(one, due + late) == expected
    assert timedelta(minutes=15) == GRACE


def at(clock: str, day: int = 0) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 23 + day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at("21:30") - INSTANT, SENT),
        (at("21:30"), Postpone(at("7:30", 1))),
        (at("7:30") - INSTANT, Postpone(at("7:30"))),
        (at("7:30"), SENT),
        (at("11:00") - INSTANT, SENT),
        (at("11:00"), Postpone(at("13:00"))),
        (at("13:00") - INSTANT, Postpone(at("13:00"))),
        (at("13:00"), SENT),
        (at("17:00"), Postpone(at("19:30"))),
        (at("19:30"), SENT),
    ],
)
def test_quiet_hours_begin_and_end(now: datetime, expected: DeliveryDecision) -> None:
    due = replace(NOTICE, due_at=now, not_after=at("20:00", 1))
    assert decided(due, now) == expected


@pytest.mark.parametrize(
    ("now", "due_at", "expected"),
    [
        (at("21:44"), at("21:29"), SENT),
        (at("21:29") + GRACE, at("21:29"), SENT),
        (at("21:29") + GRACE + INSTANT, at("21:29"), Hold(Reason.QUIET)),
        (at("21:31"), at("21:30"), Hold(Reason.QUIET)),
        (at("2:00", 1), at("2:00", 1), Hold(Reason.QUIET)),
        (at("2:00", 1), at("20:00"), Hold(Reason.QUIET)),
    ],
)
def test_what_cannot_wait_for_morning_goes_shortly_after_an_allowed_moment_and_never_else(
    now: datetime, due_at: datetime, expected: DeliveryDecision
) -> None:
    assert decided(replace(NOTICE, due_at=due_at, not_after=at("7:00", 1)), now) == expected


def test_own_quiet_hours_count() -> None:
    one = replace(NOTICE, quiet=OwnQuiet((9 * 60, 10 * 60 + 30)).quiet)
    assert decided(one) == Postpone(at("10:30"))


@pytest.mark.parametrize(
    ("one", "absent", "expected"),
    [
        (
            replace(NOTICE, wanted=False, chat_id=None),
            False,
            Terminate(OutboxStatus.CANCELLED, Reason.TOPIC),
        ),
        (
            replace(NOTICE, wanted=False, not_after=at("9:00")),
            False,
            Terminate(OutboxStatus.EXPIRED, Reason.LATE),
        ),
        (replace(NOTICE, address=None, written_at=None), True, Reroute(Reason.UNREACHABLE)),
        (replace(NOTICE, written_at=None), True, Reroute(Reason.WINDOW)),
    ],
)
def test_of_several_reasons_the_first_one_counts(
    one: Due, expected: DeliveryDecision, *, absent: bool
) -> None:
    assert decided(one, window=WINDOW, absent=absent) == expected


def test_a_day_without_a_gap_holds_what_is_due() -> None:
    always = replace(NOTICE, quiet=Quiet(((0, 0), (0, 12 * 60), (12 * 60, 0))))
    assert decided(always) == Hold(Reason.QUIET)
