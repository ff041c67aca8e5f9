"""The limits of wrong tries, as the threat model gives them."""

from datetime import timedelta

from bot.services.cards.lockout import LIMITS, NEW_FOR, OWN, Subject
from bot.services.lockout.counters import RETENTION, Limit, Scope

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


def test_five_tries_a_day_of_ones_own_and_so_many_an_hour_of_all_new_couriers() -> None:
    assert {
        Subject.CHAT: Limit(5, DAY, DAY),
        Subject.NUMBER: Limit(5, DAY, DAY),
        Subject.NETWORK: Limit(30, HOUR, HOUR),
        Subject.CHANNEL: Limit(120, HOUR, HOUR),
        Subject.EVERYBODY: Limit(360, HOUR, HOUR),
    } == LIMITS
    assert frozenset({Scope.CHAT, Scope.NUMBER}) == OWN
    assert NEW_FOR == DAY


def test_a_counter_is_kept_for_as_long_as_it_can_lock() -> None:
    longest = max(limit.window + limit.lock for limit in LIMITS.values())
    assert longest == timedelta(hours=48) == RETENTION
