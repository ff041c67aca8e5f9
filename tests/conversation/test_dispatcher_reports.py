"""What a dispatcher reports of failed writes, and what it adds to an answer that was held back."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import DBAPIError

from bot.conversation import dispatcher
from bot.conversation.context import Context
from bot.conversation.dispatcher import RETRY_DELAYS
from bot.conversation.events import ChatLeft, Content, Text, Unavailable
from bot.conversation.replies import Part, Say
from bot.conversation.repository import TurnRepository
from tests.support.turn_replicas import Replicas, fall_over


class DriverError(Exception):
    """What a driver raises; `sqlstate` is the database's code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def failure(sqlstate: str) -> DBAPIError:
    return DBAPIError("INSERT", {}, DriverError(sqlstate))


def raising(error: Exception, cause: Exception | None = None) -> Callable[[Context], None]:
    def fail(_: Context) -> None:
        raise error from cause

    return fail


def unavailable() -> float:
    labels = {"channel": "web", "kind": "text", "outcome": "unavailable"}
    return REGISTRY.get_sample_value("yizhan_turns_total", labels) or 0


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The process's seconds, which the test sets."""
    now = [1000.0]
    monkeypatch.setattr(dispatcher, "perf_counter", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        (raising(failure("53100")), True),  # disk full
        (raising(failure("25006")), True),  # read-only
        (raising(Unavailable(), failure("58030")), True),  # I/O error, behind an outage
        (raising(failure("57P01")), False),  # shut down: nothing is known of writes
        (raising(Unavailable(), failure("08006")), False),
        (raising(Unavailable()), False),
    ],
)
async def test_only_a_database_that_takes_no_writes_is_reported_so(
    replicas: Replicas, seconds: list[float], fails: Callable[[Context], None], *, expected: bool
) -> None:
    replica, other = replicas.each
    assert not replica.write_failed(1e9)
    replicas.handlers.failure = fails
    before = unavailable()
    with pytest.raises(Unavailable):
        await replica.turn(replicas.event("一"))
    assert unavailable() == before + 1
    assert replica.write_failed(0.0) == expected
    assert not other.write_failed(1e9)


@pytest.mark.parametrize(("later", "reported"), [(29.5, True), (30.0, True), (30.5, False)])
async def test_a_failed_write_is_reported_for_exactly_so_long(
    replicas: Replicas, seconds: list[float], later: float, *, reported: bool
) -> None:
    replica = replicas.each[0]
    replicas.handlers.failure = raising(failure("53100"))
    with pytest.raises(Unavailable):
        await replica.turn(replicas.event("一"))
    seconds[0] += later
    assert replica.write_failed(30.0) == reported


async def test_a_mistake_of_a_handler_is_no_failed_write(
    replicas: Replicas, seconds: list[float]
) -> None:
    replicas.handlers.failure = fall_over
    replica = replicas.each[0]
    answer = await replica.turn(replicas.event("一"))
    assert re.search(r"编号 [0-9A-F]{6}'", repr(answer))
    assert not replica.write_failed(1e9)


async def test_a_pause_before_each_repeat(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def sleep(delay: float) -> None:
        pauses.append(delay)

    monkeypatch.setattr(dispatcher.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
    replicas.handlers.failure = raising(failure("40001"))
    await replicas.says("一")
    assert pauses == [0.05, 0.2] == list(RETRY_DELAYS)


@pytest.mark.parametrize(
    ("content", "has_pending", "added"),
    [
        (Text("一"), True, ["held back"]),
        (Text("一"), False, []),
        (ChatLeft(), True, []),
    ],
)
async def test_what_is_held_is_added_to_an_answer_but_not_for_who_leaves(
    replicas: Replicas,
    monkeypatch: pytest.MonkeyPatch,
    content: Content,
    added: list[str],
    *,
    has_pending: bool,
) -> None:
    begin = TurnRepository.begin

    async def found(*args: Any, **more: Any) -> Any:
        conversation = await begin(*args, **more)
        assert conversation is not None
        return replace(conversation, has_pending=has_pending)

    async def pending(_: Context) -> tuple[Part, ...]:
        return (Say("held back"),)

    monkeypatch.setattr(TurnRepository, "begin", found)
    for replica in replicas.each:
        replica._pending = pending
    said = await replicas.says(content)
    assert said[1:] == added
    assert len(said) == 1 + len(added)
