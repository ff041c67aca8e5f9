"""The limit of file descriptors, and what clients may use of it."""

import resource

import pytest

from bot.common.descriptors import (
    connection_capacity,
    descriptor_limit,
    raise_descriptor_limit,
)

INFINITY = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "limit", "capacity"),
    [
        (1024, 524_288, 16_384, 16_128),
        (1024, 4096, 4096, 3840),
        (1024, 1024, 1024, 768),
        (256, 256, 256, 128),
        (65_536, 524_288, 65_536, 16_128),
        (256, INFINITY, 16_384, 16_128),
        (INFINITY, INFINITY, 16_384, 16_128),
    ],
)
def test_the_soft_limit_is_raised_and_a_reserve_is_kept(
    soft: int, hard: int, limit: int, capacity: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: raised.append(both))
    assert descriptor_limit() == limit
    assert connection_capacity() == capacity
    raise_descriptor_limit()
    assert raised == ([] if soft in {limit, INFINITY} else [(limit, hard)])
