"""How a turn ends for whoever watches: repeats after a rollback, counters, and references."""

import re

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import DBAPIError

from bot.conversation.context import Context
from bot.conversation.dispatcher import RETRY_DELAYS
from bot.conversation.events import Unavailable
from tests.support.turn_replicas import Replicas, fall_over, lines


class UndoneError(Exception):
    """What a driver raises; `sqlstate` is the database's code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def turns(outcome: str) -> float:
    labels = {"channel": "web", "kind": "text", "outcome": outcome}
    return REGISTRY.get_sample_value("yizhan_turns_total", labels) or 0


def seconds(of: str) -> float:
    return REGISTRY.get_sample_value(f"yizhan_turn_seconds_{of}", {"channel": "web"}) or 0


@pytest.mark.parametrize(
    ("sqlstate", "runs"), [("40P01", 1 + len(RETRY_DELAYS)), ("40001", 3), ("23505", 1)]
)
async def test_only_what_the_database_rolled_back_runs_again(
    replicas: Replicas, sqlstate: str, runs: int
) -> None:
    def collide(_: Context) -> None:
        raise DBAPIError("UPDATE", {}, UndoneError(sqlstate))

    replicas.handlers.failure = collide
    before = turns("failed")
    (said,) = await replicas.says("一")
    assert re.search(r"编号 [0-9A-F]{6}$", said)
    assert replicas.handlers.runs == runs
    assert turns("failed") == before + 1


async def test_a_rolled_back_turn_that_then_succeeds_is_answered_once(replicas: Replicas) -> None:
    def collide_first(_: Context) -> None:
        if replicas.handlers.runs == 1:
            raise DBAPIError("UPDATE", {}, UndoneError("40001"))

    replicas.handlers.failure = collide_first
    before = turns("answered"), turns("failed")
    assert await replicas.says("一") == ["一 1"]
    assert replicas.handlers.runs == 2
    assert (turns("answered"), turns("failed")) == (before[0] + 1, before[1])


async def test_a_connection_that_is_gone_counts_as_unavailable(replicas: Replicas) -> None:
    def disconnect(_: Context) -> None:
        raise DBAPIError("UPDATE", {}, UndoneError("57P01"), connection_invalidated=True)

    replicas.handlers.failure = disconnect
    before = turns("unavailable"), turns("failed")
    with pytest.raises(Unavailable):
        await replicas.says("一")
    assert (turns("unavailable"), turns("failed")) == (before[0] + 1, before[1])


async def test_answers_and_repeats_are_counted_apart_and_timed(replicas: Replicas) -> None:
    event = replicas.event("一")
    before = [turns(one) for one in ("answered", "repeated")]
    count, total = seconds("count"), seconds("sum")
    first = await replicas.turn(event)
    assert [turns(one) for one in ("answered", "repeated")] == [before[0] + 1, before[1]]
    assert lines(await replicas.turn(event)) == lines(first)
    assert [turns(one) for one in ("answered", "repeated")] == [before[0] + 1, before[1] + 1]
    assert seconds("count") == count + 2
    assert 0 < seconds("sum") - total < 60


async def test_references_of_failures_differ(replicas: Replicas) -> None:
    replicas.handlers.failure = fall_over
    said = {line for n in range(4) for line in await replicas.says(str(n))}
    assert len(said) == 4
