"""Reports on applications: statistics, what is overdue, pre-applications, advice."""

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.commands.cards import card_lists
from bot.commands.cards.reports import line
from bot.common.clock import CHINA
from bot.services.cards.ingest import take
from bot.services.cards.records import CardRecord, RecordSource
from bot.services.spreadsheets.reader import Problem
from bot.store.engine import Store
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.cards import CardRequestRow
from bot.store.models.couriers import CourierRow
from tests.commands.cards.bank_lists import KEYS, arguments, say
from tests.conftest import ManualClock


async def fill(store: Store, clock: ManualClock) -> None:
    """Ten applications that were reviewed for 1 to 10 days, and two that still are."""
    begun = datetime(2026, 9, 1, tzinfo=CHINA)
    one = CardRecord(
        number="", label="审核中", as_of=begun, at=begun, phone="1234", outlet_code="S1",
        outlet_name="新城支行",
    )  # fmt: skip
    told = []
    for days in range(1, 11):
        told.append(replace(one, number=f"NM{days:08}"))
        after = begun + timedelta(days=days)
        told.append(replace(told[-1], label="已激活", at=after, as_of=after))
    for days in (2, 30):
        since = clock() - timedelta(days=days)
        told.append(replace(one, number=f"OPEN{days:04}", at=since, as_of=since))
    async with store.writing() as db:
        await take(db, KEYS, told, clock(), RecordSource.API)


async def test_statistics_tell_median_and_spread_by_stage_and_outlet(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = arguments("cards", "statistics")
    assert await card_lists.statistics(empty, store, say, clock=clock) == 0
    assert "No stage was left" in capsys.readouterr().out
    await fill(store, clock)
    assert await card_lists.statistics(empty, store, say, clock=clock) == 0
    out = capsys.readouterr().out.splitlines()
    told = "10 cases, median 5.5 days, half of them 3.2–7.8, nine in ten within 9.1"
    assert out == [f"预审中 · all outlets: {told}".replace("预审中", "审核中"),
                   f"审核中 · S1 新城支行: {told}"]  # fmt: skip


async def test_overdue_lists_what_takes_longer_than_nine_in_ten(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(store, clock)
    args = arguments("cards", "overdue")
    assert await card_lists.overdue(args, store, KEYS, say, clock=clock) == 0
    out = capsys.readouterr().out
    assert "****0030 审核中: 30 days, usually up to 9.1 · S1 新城支行" in out
    assert "1 applications take longer than usual" in out
    async with store.reading() as db:
        logged = (await db.scalars(select(AccessLogRow))).all()
    assert [(one.action, one.field) for one in logged] == [("read", "card_application.number")]
    assert logged[0].actor.startswith("cli")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_requests_are_masked_on_screen_and_whole_in_a_private_file(
    file: Store, clock: ManualClock, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with file.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        said = {"number": "YQ-7K3M9P", "name": "王小强", "phone": "13812345678",
                "firm": "中通", "outlet": "新城支行"}  # fmt: skip
        sealed = {name: KEYS.seal(text, f"card_request.{name}") for name, text in said.items()}
        await db.execute(
            insert(CardRequestRow).values(
                **sealed,
                number_index=KEYS.index("YQ-7K3M9P", "card_request.number"),
                courier_id=1,
                firm_code="",
                consent="1",
                status="new",
                created_at=clock(),
            )
        )
    shown = arguments("cards", "requests")
    assert await card_lists.requests(shown, file, KEYS, say, clock=clock) == 0
    out = capsys.readouterr().out
    assert "王*  138****5678  中通  新城支行" in out
    assert "小强" not in out
    path = tmp_path / f"out.{suffix}"
    saved = arguments("cards", "requests", path, "--passed")
    assert await card_lists.requests(saved, file, KEYS, say, clock=clock) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    if suffix == "csv":
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        assert rows[1][:5] == ["YQ-7K3M9P", "王小强", "13812345678", "中通", "新城支行"]
    assert await card_lists.requests(saved, file, KEYS, say, clock=clock) == 2
    async with file.reading() as db:
        logged = (await db.scalars(select(AccessLogRow))).all()
        assert await db.scalar(select(CardRequestRow.status)) == "passed"
    for action in ("read", "export"):
        fields = sorted(one.field for one in logged if one.action == action)
        assert fields == sorted(f"card_request.{name}" for name in said)
    assert len({one.subject for one in logged}) == 1
    capsys.readouterr()
    assert await card_lists.requests(shown, file, KEYS, say, clock=clock) == 0
    assert "0 pre-applications" in capsys.readouterr().out


@pytest.mark.parametrize(
    "code",
    ["forbidden", "fact_column", "no_fact", "number", "phone_or_last4", "last4", "moment",
     "future", "backwards", "twice", "unknown_label", "unknown_outlet", "rounded", "date",
     "required", "too_long"],
)  # fmt: skip
def test_each_problem_has_its_advice(code: str) -> None:
    params = {"max_length": "40", "n": "2"}
    told = line(Problem("名单", 2, "状态", "", code, params), say)
    assert told.startswith("名单, row 2, column 状态: ")
    assert "not accepted" not in told
