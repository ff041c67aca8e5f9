"""待看箱: what waited is shown once, and one bad row spoils nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.common.clock import CHINA
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.models.broadcasts import BroadcastRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, lines

SECRET = "王强 13812345678"


async def test_a_notice_that_cannot_be_worded_is_put_away_and_the_rest_is_said(
    deployment: Deployment, courier: Line, clock: ManualClock
) -> None:
    """Such as one that an older deploy wrote in a form which this wording does not know."""
    await courier.arrives()
    now = clock()
    async with deployment.replicas[0].store.writing() as db:
        who = await db.scalar(select(CourierRow.id))
        said = BroadcastRow(
            texts={"zh_CN": "明天大风，注意安全。"}, audience={"topic": "training"}, at=now,
            not_after=now + timedelta(days=1), status="done", created_at=now,
        )  # fmt: skip
        db.add(said)
        await db.flush()

        def held(key: str, params: dict[str, Any]) -> OutboxRow:
            return OutboxRow(
                dedupe_key=key, courier_id=who, kind=NoticeKind.BROADCAST, params=params,
                topic="training", status="held", due_at=now, not_after=now + timedelta(days=3),
                attempts=0, created_at=now,
            )  # fmt: skip

        db.add_all([held("bad", {"old": SECRET}), held("good", {"broadcast": said.id})])
    with capture_logs() as logs:
        first = await courier.says("帮助")
    assert "注意安全" in first
    assert "出错" not in first
    (logged,) = [one for one in logs if one["log_level"] == "error"]
    assert (logged["event"], logged["kind"]) == ("waiting.unworded", NoticeKind.BROADCAST)
    assert any(place.startswith("broadcasts.py:") for place in logged["at"])
    assert "王强" not in repr(logs)
    assert "注意安全" not in await courier.says("帮助")
    async with deployment.replicas[0].store.reading() as db:
        rows = await db.execute(select(OutboxRow.dedupe_key, OutboxRow.status))
        assert {row.dedupe_key: row.status for row in rows} == {"bad": "dead", "good": "shown"}


async def enqueued(
    deployment: Deployment,
    clock: ManualClock,
    *,
    hold: bool = False,
    priority: Priority = Priority.REMINDER,
) -> None:
    """A broadcast's notice to the only courier."""
    now = clock()
    async with deployment.replicas[0].store.writing() as db:
        who = (await db.scalars(select(CourierRow.id))).one()
        said = BroadcastRow(
            texts={"zh_CN": "明天大风，注意安全。"}, audience={"topic": "training"}, at=now,
            not_after=now + timedelta(days=1), status="done", created_at=now,
        )  # fmt: skip
        db.add(said)
        await db.flush()
        notice = Notice(
            NoticeKind.BROADCAST, who, {"broadcast": said.id}, Topic.TRAINING, "one", now,
            now + timedelta(days=1), priority,
        )  # fmt: skip
        assert await queue.enqueue(db, notice, now, keep_for_pending_box=hold)


async def statuses(deployment: Deployment) -> list[str]:
    async with deployment.replicas[0].store.reading() as db:
        return list(await db.scalars(select(OutboxRow.status)))


async def test_leaving_while_notices_are_held_keeps_them_for_the_next_message(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await courier.arrives()
    await enqueued(deployment, clock, hold=True)
    await courier.leaves()
    assert await statuses(deployment) == ["held"]
    assert "注意安全" in await courier.arrives()
    assert await statuses(deployment) == ["shown"]


async def test_a_notice_to_who_blocked_the_bot_meanwhile_is_not_sent(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await courier.arrives()
    await enqueued(deployment, clock)
    await courier.leaves()
    calls = len(deployment.telegram.calls)
    await deployment.deliver()
    assert len(deployment.telegram.calls) == calls
    assert await statuses(deployment) == ["held"]


@pytest.mark.parametrize(
    ("priority", "becomes"), [(Priority.INTERACTIVE, "sent"), (Priority.REMINDER, "ready")]
)
async def test_at_two_in_the_morning_only_an_interactive_notice_goes(
    deployment: Deployment,
    pushed_to: Line,
    clock: ManualClock,
    priority: Priority,
    becomes: str,
) -> None:
    await pushed_to.says("你好")
    clock.set(datetime(2026, 11, 24, 2, tzinfo=CHINA))
    await enqueued(deployment, clock, priority=priority)
    await deployment.deliver()
    assert await statuses(deployment) == [becomes]


async def test_a_held_notice_of_an_unknown_kind_waits_for_the_version_that_renders_it(
    deployment: Deployment, courier: Line, clock: ManualClock
) -> None:
    await courier.arrives()
    await enqueued(deployment, clock, hold=True)
    async with deployment.replicas[0].store.writing() as db:
        await db.execute(update(OutboxRow).values(kind="of.a.later.version"))
    assert "出错" not in await courier.says("帮助")
    assert await statuses(deployment) == ["held"]
