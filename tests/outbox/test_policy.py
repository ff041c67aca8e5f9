"""The delivery decision at the exact instants at which it changes."""

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
from bot.services.notifications.quiet_hours import USUAL, quiet_with
from bot.services.notifications.statuses import OutboxStatus, Priority, Reason

TICK = timedelta(microseconds=1)
WINDOW = timedelta(hours=48)
SEND = Send(1, "li")
LATE = Terminate(OutboxStatus.EXPIRED, Reason.LATE)
QUIET = Hold(Reason.QUIET)


def at(clock: str, day: int = 0) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 23 + day, hour, minute, tzinfo=CHINA)


def due(now: datetime, **changed: object) -> Due:
    """A reminder that is due at that moment and may wait until the evening of the next day."""
    one = Due(
        id=1,
        courier_id=1,
        kind="test",
        params={},
        priority=Priority.REMINDER,
        due_at=now,
        not_after=at("20:00", 1),
        attempts=0,
        reason=Reason.NONE,
        chat_id=1,
        address="li",
        written_at=now - timedelta(hours=1),
        turns=1,
        locale=None,
        wanted=True,
        quiet=USUAL,
    )
    return replace(one, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at("21:30") - TICK, SEND),
        (at("21:30"), Postpone(at("7:30", 1))),
        (at("7:30") - TICK, Postpone(at("7:30"))),
        (at("7:30"), SEND),
        (at("11:00") - TICK, SEND),
        (at("11:00"), Postpone(at("13:00"))),
        (at("13:00") - TICK, Postpone(at("13:00"))),
        (at("13:00"), SEND),
        (at("17:00"), Postpone(at("19:30"))),
        (at("19:30"), SEND),
    ],
)
def test_quiet_hours_begin_and_end(now: datetime, expected: DeliveryDecision) -> None:
    assert decide(due(now), now, None, absent=False) == expected


@pytest.mark.parametrize(("after", "expected"), [(-TICK, SEND), (timedelta(0), SEND), (TICK, LATE)])
def test_its_last_moment_is_in_time(after: timedelta, expected: DeliveryDecision) -> None:
    now = at("10:00")
    assert decide(due(now, not_after=now - after), now, None, absent=False) == expected


@pytest.mark.parametrize(
    ("not_after", "expected"),
    [
        (at("7:30", 1), Postpone(at("7:30", 1))),
        (at("7:30", 1) - TICK, QUIET),
    ],
)
def test_what_can_just_wait_for_the_morning_waits(
    not_after: datetime, expected: DeliveryDecision
) -> None:
    now = at("22:00")
    one = due(now, not_after=not_after, due_at=at("22:00"))
    assert decide(one, now, None, absent=False) == expected


@pytest.mark.parametrize(
    ("now", "due_at", "expected"),
    [
        (at("21:44"), at("21:29"), SEND),
        (at("21:29") + GRACE, at("21:29"), SEND),
        (at("21:29") + GRACE + TICK, at("21:29"), QUIET),
        (at("21:31"), at("21:30"), QUIET),
        (at("2:00", 1), at("2:00", 1), QUIET),
        (at("2:00", 1), at("20:00"), QUIET),
    ],
)
def test_what_cannot_wait_goes_shortly_after_an_allowed_moment_and_never_else(
    now: datetime, due_at: datetime, expected: DeliveryDecision
) -> None:
    one = due(now, due_at=due_at, not_after=at("7:00", 1))
    assert decide(one, now, None, absent=False) == expected


@pytest.mark.parametrize("priority", [Priority.REMINDER, Priority.BROADCAST])
def test_only_an_interactive_notice_goes_at_night(priority: Priority) -> None:
    now = at("2:00")
    interactive = due(now, priority=Priority.INTERACTIVE)
    assert decide(interactive, now, None, absent=False) == SEND
    other = due(now, priority=priority)
    assert decide(other, now, None, absent=False) == Postpone(at("7:30"))


def test_own_quiet_hours_count() -> None:
    now = at("10:00")
    one = due(now, quiet=quiet_with((9 * 60, 10 * 60 + 30)))
    assert decide(one, now, None, absent=False) == Postpone(at("10:30"))


@pytest.mark.parametrize(
    ("written_at", "expected"),
    [
        (at("10:00") - WINDOW, SEND),
        (at("10:00") - WINDOW - TICK, Reroute(Reason.WINDOW)),
        (None, Reroute(Reason.WINDOW)),
    ],
)
def test_the_window_of_a_platform(written_at: datetime | None, expected: DeliveryDecision) -> None:
    now = at("10:00")
    assert decide(due(now, written_at=written_at), now, WINDOW, absent=False) == expected
    assert decide(due(now, written_at=written_at), now, None, absent=False) == SEND


@pytest.mark.parametrize(
    ("changed", "absent", "expected"),
    [
        ({"wanted": False}, False, Terminate(OutboxStatus.CANCELLED, Reason.TOPIC)),
        ({"chat_id": None}, False, Reroute(Reason.UNREACHABLE)),
        ({"address": None}, False, Reroute(Reason.UNREACHABLE)),
        ({}, True, Reroute(Reason.AWAY)),
        ({"wanted": False, "not_after": at("9:00")}, False, LATE),
        ({"address": None, "written_at": None}, True, Reroute(Reason.UNREACHABLE)),
    ],
)
def test_what_is_looked_at_first(
    changed: dict[str, object], absent: bool, expected: DeliveryDecision
) -> None:
    now = at("10:00")
    assert decide(due(now, **changed), now, WINDOW, absent=absent) == expected
