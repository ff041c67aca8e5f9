"""Lines that a stranger can cause: one a minute, and none of them uncounted."""

from bot.common.limited_log import LogLimiter


def test_the_first_is_logged_and_the_rest_is_counted_for_a_minute() -> None:
    now = 0.0
    limiter = LogLimiter(lambda: now)
    assert [limiter.due("forged") for _ in range(100)] == [1, *[0] * 99]
    assert limiter.due("silent") == 1
    now = 59.9
    assert limiter.due("forged") == 0
    now = 60.0
    assert [limiter.due("forged"), limiter.due("forged")] == [101, 0]
