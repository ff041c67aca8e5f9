"""`yizhan appointments` and `yizhan warnings`: what operators see and set."""

import argparse
import csv
import io
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.commands.cli import parser
from bot.commands.finance import appointments, warnings
from bot.common.i18n import load_languages
from bot.services.content.importing.plan import apply
from bot.services.content.importing.sources import plan_import, read_sources
from bot.services.notifications import queue
from bot.services.notifications.queue import Topic
from bot.services.operators.revisions import Origin, RevisionAction
from bot.store.engine import Store
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.appointments import ask
from tests.support.cards import KEYS
from tests.support.trainings import create_couriers

say = load_languages().of("en", None)
WARNING = b"""---
kind: warning
code: refund
title: \xe9\x98\xb2\xe9\xaa\x97
source: 96110
valid_until: 2026-12-31
---

# \xe4\xb8\xad\xe6\x96\x87

\xe5\x88\xab\xe5\x85\xb1\xe4\xba\xab\xe5\xb1\x8f\xe5\xb9\x95\xe3\x80\x82
"""


def arguments(*typed: str) -> argparse.Namespace:
    return parser(say).parse_args(typed)


async def test_the_list_is_masked_and_the_file_whole(
    store: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        number = await ask(db, courier, clock())
    listed = arguments("appointments", "list")
    assert await appointments.show(listed, store, KEYS, say, clock=clock) == 0
    out = capsys.readouterr().out
    assert number in out
    assert "138****5678" in out
    assert "王强" not in out
    file = tmp_path / "appointments.csv"
    export = arguments("appointments", "export", str(file))
    assert await appointments.show(export, store, KEYS, say, clock=clock) == 0
    (row,) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    assert row["姓名"] == "王强"
    assert (row["手机号"], row["事项"], row["时间"]) == ("13812345678", "个人贷款", "回电·上午")
    assert file.stat().st_mode & 0o777 == 0o600
    assert await appointments.show(export, store, KEYS, say, clock=clock) == 2  # never overwritten
    async with store.reading() as db:
        actions = set(await db.scalars(select(AccessLogRow.action)))
    assert actions == {"read", "export"}


async def test_a_state_is_set_once_and_only_in_order(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        number = await ask(db, courier, clock())
    for status, code, said in (
        ("contacted", 0, "已联系; the courier is told."),
        ("contacted", 0, "It had that state already."),
        ("done", 0, "完成"),
        ("unreached", 1, "It is 完成; that state does not follow."),
    ):
        typed = arguments("appointments", "set", number, status)
        assert await appointments.set_state(typed, store, KEYS, say, clock=clock) == code
        assert said in capsys.readouterr().out
    unknown = arguments("appointments", "set", "YY-222222", "done")
    assert await appointments.set_state(unknown, store, KEYS, say, clock=clock) == 1
    listed = arguments("appointments", "list")
    await appointments.show(listed, store, KEYS, say, clock=clock)
    assert number not in capsys.readouterr().out
    whole = arguments("appointments", "list", "--all")
    await appointments.show(whole, store, KEYS, say, clock=clock)
    assert number in capsys.readouterr().out


async def test_a_warning_goes_once_to_those_who_switched_them_on(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = arguments("warnings", "send", "refund")
    assert await warnings.send(typed, store, say, clock=clock) == 1  # not imported yet
    async with store.writing() as db:
        asking, _silent, stopped = await create_couriers(db, 3, clock())
        await queue.set_topic(db, asking, Topic.WARNING, clock(), on=True)
        await queue.set_topic(db, stopped, Topic.WARNING, clock(), on=True)
        await queue.set_topic(db, stopped, Topic.WARNING, clock(), on=False)
        plan = await plan_import(db, read_sources({"w.md": WARNING}), {}, lambda _name: None)
        assert not plan.problems
        origin = Origin("cli:test", RevisionAction.IMPORT, "w.md")
        await apply(db, plan, origin, clock())
    assert await warnings.send(typed, store, say, clock=clock) == 0
    assert "goes to 1 couriers" in capsys.readouterr().out
    await warnings.send(typed, store, say, clock=clock)
    assert "goes to 0 couriers" in capsys.readouterr().out
    async with store.reading() as db:
        (row,) = await db.scalars(select(OutboxRow))
    assert (row.courier_id, row.kind, row.params) == (asking, "warning", {"code": "refund"})


async def test_a_warning_that_is_over_is_not_sent(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.writing() as db:
        plan = await plan_import(db, read_sources({"w.md": WARNING}), {}, lambda _name: None)
        await apply(db, plan, Origin("cli:test", RevisionAction.IMPORT, "w.md"), clock())
    clock.forward(days=60)
    typed = arguments("warnings", "send", "refund")
    assert await warnings.send(typed, store, say, clock=clock) == 1
    assert "No warning “refund” is in force" in capsys.readouterr().out
