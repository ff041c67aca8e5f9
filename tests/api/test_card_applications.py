"""`POST /api/v1/card-applications`: results, signatures, idempotency, and bad requests."""

import asyncio
import hashlib
import logging
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.api import signing
from bot.api.errors import SENTENCES, ErrorCode
from bot.services.cards import api_batches
from bot.store.engine import Store
from bot.store.models.api import ApiRequestRow
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardStageRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.api.bank import ITEM, SECRET, Bank, body_of, kinds, rows
from tests.conftest import ManualClock


async def test_a_signed_batch_is_taken_and_answered_item_by_item(bank: Bank, store: Store) -> None:
    bad = {**ITEM, "number": "NM20260002", "name": "王 150102199003071234"}
    told = await bank.sends(body_of(ITEM, bad, {"number": "NM20260003", "status": "审核中"}))
    assert told == (
        200,
        {
            "results": [
                {"index": 0, "outcome": "new"},
                {"index": 1, "outcome": "refused", "reason": "forbidden", "field": "name"},
                {"index": 2, "outcome": "refused", "reason": "no_fact"},
            ],
            "counts": {"new": 1, "refused": 2},
        },
    )
    assert await rows(store, CardApplicationRow) == 1


async def test_a_change_of_stage_tells_once_however_often_it_is_sent(
    bank: Bank, store: Store, clock: ManualClock
) -> None:
    await bank.sends(body_of(ITEM))
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        found = await db.scalar(select(CardApplicationRow.id))
        await db.execute(
            insert(CardBindingRow).values(courier_id=1, application_id=found, at=clock())
        )
    moved = body_of({**ITEM, "status": "待领取", "status_at": "2026-11-21T09:00:00+08:00"})
    answers = await asyncio.gather(*(bank.sends(moved, away=one) for one in range(8)))
    assert sorted(kinds(one)[0] for one in answers) == ["moved"] + ["unchanged"] * 7
    assert (await rows(store, OutboxRow), await rows(store, CardStageRow)) == (1, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret": "another secret altogether"}, ErrorCode.FORGED),
        ({"away": 301}, ErrorCode.STALE),
        ({"away": -301}, ErrorCode.STALE),
        ({"X_Signature": ""}, ErrorCode.UNSIGNED),
        ({"X_Timestamp": ""}, ErrorCode.UNSIGNED),
        ({"X_Timestamp": "yesterday"}, ErrorCode.UNSIGNED),
        ({"X_Signature": "0" * 64}, ErrorCode.FORGED),
        ({"X_Signature": "é"}, ErrorCode.FORGED),
        ({"X_Timestamp": "1"}, ErrorCode.STALE),
    ],
)
async def test_what_is_not_signed_is_refused(
    bank: Bank, store: Store, change: dict[str, Any], code: ErrorCode
) -> None:
    assert await bank.sends(body_of(ITEM), **change) == (
        401,
        {"code": code, "error": SENTENCES[code]},
    )
    assert await rows(store, CardApplicationRow) == 0


@pytest.mark.parametrize("away", [-299, 299])
async def test_clocks_may_differ_by_five_minutes(bank: Bank, away: int) -> None:
    assert kinds(await bank.sends(body_of(ITEM), away=away)) == ["new"]


async def test_another_body_under_the_same_signature_is_refused(
    bank: Bank, clock: ManualClock
) -> None:
    timestamp = str(int(clock().timestamp()))
    signature = signing.sign(SECRET.encode(), timestamp, body_of(ITEM))
    other = body_of({**ITEM, "status": "待领取"})
    status, told = await bank.sends(other, X_Timestamp=timestamp, X_Signature=signature)
    assert (status, told["code"]) == (401, "forged")


async def test_a_replay_is_refused_and_a_repetition_gets_the_same_answer(
    bank: Bank, store: Store, clock: ManualClock
) -> None:
    body = body_of(ITEM)
    first = await bank.sends(body, key="a")
    assert await bank.sends(body, key="a") == first  # the very same request
    clock.forward(minutes=1)
    assert await bank.sends(body, key="a") == first  # signed anew
    assert kinds(await bank.sends(body, key="b", away=1)) == ["unchanged"]  # another batch
    status, told = await bank.sends(body, key="c")
    assert (status, told["code"]) == (401, "replayed")
    assert await rows(store, ApiRequestRow) == 2


async def test_a_key_with_another_body_is_refused(bank: Bank) -> None:
    await bank.sends(body_of(ITEM), key="a")
    status, told = await bank.sends(body_of({**ITEM, "status": "待领取"}), key="a")
    assert (status, told["code"]) == (409, "key_reused")


@pytest.mark.parametrize("key", [" ", "两个", "x" * 81, "a b"])
async def test_a_key_is_required(bank: Bank, key: str) -> None:
    status, told = await bank.sends(body_of(ITEM), Idempotency_Key=key)
    assert (status, told["code"]) == (400, "no_key")


async def test_two_at_once_with_one_key_take_it_once(bank: Bank, store: Store) -> None:
    answers = await asyncio.gather(*(bank.sends(body_of(ITEM), key="a") for _ in range(6)))
    assert {status for status, _ in answers} <= {200, 409}
    taken = [told for status, told in answers if status == 200]
    assert taken
    assert all(told["results"] == [{"index": 0, "outcome": "new"}] for told in taken)
    assert await rows(store, CardStageRow) == 1


async def test_a_batch_that_failed_half_way_is_taken_when_it_is_sent_again(
    bank: Bank, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("NM20260001 王小强")

    body = body_of(ITEM)
    with monkeypatch.context() as broken:
        broken.setattr(api_batches, "take", fail)
        status, told = await bank.sends(body, key="a")
    assert (status, told) == (500, {"code": "failed", "error": SENTENCES[ErrorCode.FAILED]})
    assert kinds(await bank.sends(body, key="a")) == ["new"]
    assert kinds(await bank.sends(body, key="a")) == ["new"]


async def test_a_batch_whose_process_died_may_be_taken_over_after_a_while(
    bank: Bank, store: Store, clock: ManualClock
) -> None:
    body = body_of(ITEM)
    async with store.writing() as db:
        digest = hashlib.sha256(body).digest()
        db.add(ApiRequestRow(key="a", body_hash=digest, at=clock()))
    status, told = await bank.sends(body, key="a")
    assert (status, told["code"]) == (409, "in_progress")
    clock.forward(minutes=2)
    assert kinds(await bank.sends(body, key="a")) == ["new"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The body: Invalid JSON"),
        (b"{", "The body: Invalid JSON"),
        (b"[]", "The body: "),
        (b'{"as_of":"2026-11-22","items":[]}', "items: "),
        (b'{"as_of":"now","items":[{"number":"1","status":"x"}]}', "as_of: "),
        (b'{"as_of":"2026-11-22","items":[{"number":1,"status":"x"}]}', "items[0].number: "),
        (b'{"as_of":"2026-11-22","items":[{"status":"x"}]}', "items[0].number: "),
        (
            b'{"as_of":"2026-11-22","items":[{"number":"1","status":"x","13812345678":1}]}',
            "items[0]: ",
        ),
    ],
)
async def test_what_is_no_batch_is_refused_in_one_sentence(
    bank: Bank, body: bytes, said: str
) -> None:
    status, told = await bank.sends(body)
    assert (status, told["code"]) == (422, "schema")
    assert told["error"].startswith(said)
    assert "\n" not in told["error"]
    assert "13812345678" not in told["error"]


async def test_nothing_that_was_sent_is_logged(
    bank: Bank, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await bank.sends(body_of(ITEM))
    await bank.sends(body_of({**ITEM, "phone": 1}))
    await bank.sends(body_of({**ITEM, "name": "王 150102199003071234"}))
    out, err = capfd.readouterr()
    for value in ("NM20260001", "王", "13812345678", "150102199003071234"):
        assert value not in caplog.text + out + err
