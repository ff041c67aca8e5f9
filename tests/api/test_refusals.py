"""Pushes that are refused leave a log line, a count and, after a burst, one note."""

import json
from gettext import NullTranslations
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from bot.api.refusals import BURST
from bot.common.i18n import Translator
from bot.operator_wording.notes import note_text
from bot.services.operators.notes import waiting
from bot.store.engine import Store
from bot.store.models.administration.operators import OperatorNoteRow
from tests.api.bank import ITEM, KEYS, Bank, body_of
from tests.conftest import ManualClock

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("forged", {"secret": "another secret altogether"}),
    ("stale", {"away": 400}),
    ("unsigned", {"X_Signature": ""}),
    ("no_key", {"Idempotency_Key": "a b"}),
]


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("yizhan_bank_pushes_refused_total", {"reason": reason}) or 0


async def notes(store: Store) -> list[dict[str, Any]]:
    async with store.reading() as db:
        return list(await db.scalars(select(OperatorNoteRow.params).order_by(OperatorNoteRow.id)))


@pytest.mark.parametrize(("reason", "change"), REFUSED)
async def test_a_refused_push_is_logged_and_counted_by_its_reason(
    bank: Bank, reason: str, change: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    before = counted(reason)
    for _ in range(3):
        await bank.sends(body_of(ITEM), **change)
    assert counted(reason) == before + 3
    out, err = capfd.readouterr()
    lines = [line for line in (out + err).splitlines() if "api.refused" in line]
    assert len(lines) == 1
    assert reason in lines[0]
    for value in (ITEM["number"], ITEM["phone"], "王小强"):
        assert value not in out + err


async def test_a_replay_and_a_body_that_is_no_batch_are_counted(bank: Bank) -> None:
    before = {reason: counted(reason) for reason in ("replayed", "schema", "key_reused")}
    await bank.sends(body_of(ITEM), key="a")
    await bank.sends(body_of(ITEM), key="b")
    await bank.sends(body_of({**ITEM, "status": "待领取"}), key="a")
    await bank.sends(json.dumps({"items": []}).encode())
    assert {reason: counted(reason) - n for reason, n in before.items()} == {
        "replayed": 1,
        "schema": 1,
        "key_reused": 1,
    }


async def test_a_burst_is_one_note_a_day_and_single_refusals_are_none(
    bank: Bank, store: Store, clock: ManualClock
) -> None:
    for _ in range(2 * BURST):
        await bank.sends(body_of(ITEM), secret="another secret altogether")
        clock.forward(minutes=3)
    assert await notes(store) == []
    for _ in range(3 * BURST):
        assert (await bank.sends(body_of(ITEM), secret="another secret altogether"))[0] == 401
    assert await notes(store) == [{"reason": "forged"}]
    for _ in range(BURST):
        await bank.sends(body_of(ITEM), away=-400)
    clock.forward(days=1)
    for _ in range(BURST):
        await bank.sends(body_of(ITEM), secret="another secret altogether")
    assert await notes(store) == [{"reason": one} for one in ("forged", "stale", "forged")]


async def test_a_note_says_what_to_look_at(bank: Bank, store: Store, clock: ManualClock) -> None:
    for _ in range(BURST):
        await bank.sends(body_of(ITEM), away=400)
    async with store.writing() as db:
        (note,) = await waiting(db, KEYS, "cli", clock())
    said = note_text(note, Translator("en", NullTranslations()))
    assert "Are both clocks right?" in said


async def test_a_store_that_cannot_take_the_note_changes_no_answer(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("bot.services.operators.notes.write", fail)
    for _ in range(BURST):
        status, told = await bank.sends(body_of(ITEM), secret="another secret altogether")
        assert (status, told["code"]) == (401, "forged")
