"""Warnings against fraud: to whoever switched them on, at a decent hour, until they are over."""

from datetime import datetime

import pytest

from bot.common.clock import CHINA
from bot.services.content import warnings
from bot.services.content.importing.plan import apply
from bot.services.content.importing.sources import plan_import, read_sources
from bot.services.operators.revisions import Origin, RevisionAction
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line

WARNING = """---
kind: warning
code: refund
title: 假客服退款
title_en: False refunds
source: 96110
valid_until: 2026-11-30
---

# 中文

别共享屏幕，鸬鹚。

# English

Share no screen.
"""
MORNING = datetime(2026, 11, 24, 9, tzinfo=CHINA)


@pytest.fixture
async def warned_at_night(deployment: Deployment, pushed_to: Line, clock: ManualClock) -> Line:
    """A courier who switched warnings on in the menu of money matters; one is sent at night."""
    await pushed_to.says("钱的事")
    seen = await pushed_to.picks("有新骗术告诉我")
    assert "防骗提醒：开" in seen
    clock.set(datetime(2026, 11, 23, 23, tzinfo=CHINA))
    async with deployment.replicas[0].store.writing() as db:
        files = {"refund.md": WARNING.encode()}
        plan = await plan_import(db, read_sources(files), {}, lambda _name: None)
        assert not plan.problems
        await apply(db, plan, Origin("test", RevisionAction.IMPORT, "refund.md"), clock())
        assert await warnings.send(db, "refund", clock()) == 1
    return pushed_to


async def test_a_warning_waits_for_the_morning_and_comes_once(
    warned_at_night: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await deployment.deliver()
    assert not [one for one in deployment.texts_sent() if "鸬鹚" in one]
    clock.set(MORNING)
    for _ in range(2):
        await deployment.deliver()
    told = [one for one in deployment.texts_sent() if "别共享屏幕，鸬鹚" in one]
    assert len(told) == 1


async def test_who_switched_them_off_again_gets_none(
    warned_at_night: Line, deployment: Deployment, clock: ManualClock
) -> None:
    assert "停了：防骗提醒" in await warned_at_night.says("停防骗")
    clock.set(MORNING)
    await deployment.deliver()
    assert not [one for one in deployment.texts_sent() if "鸬鹚" in one]


async def test_one_that_is_over_by_then_is_not_pushed(
    warned_at_night: Line, deployment: Deployment, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 12, 1, 9, tzinfo=CHINA))
    await deployment.deliver()
    assert not [one for one in deployment.texts_sent() if "鸬鹚" in one]


async def test_nobody_is_warned_who_did_not_ask(
    pushed_to: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await pushed_to.says("你好")
    async with deployment.replicas[0].store.writing() as db:
        assert await warnings.send(db, "refund", clock()) == 0
