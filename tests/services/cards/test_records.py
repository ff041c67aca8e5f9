"""What a bank reports, taken: once, in order, and never silently back."""

from dataclasses import replace

import pytest
from sqlalchemy import event, insert, select

from bot.services.cards import ingest
from bot.services.cards.blind_index import FactKind, fact, number_fact
from bot.services.cards.errors import CardsChanged
from bot.services.cards.ingest import apply, plan, take
from bot.services.cards.notifications import stage_changed
from bot.services.cards.records import RecordSource
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.cards import CardBindingRow, CardFactRow
from tests.conftest import ManualClock
from tests.services.cards.card_records import (
    DAY,
    FIRST,
    KEYS,
    RECORD,
    bind,
    history,
    later,
    news,
    opened,
    push,
    row,
)
from tests.support.trainings import create_couriers


async def test_a_new_application_is_sealed_and_found_again_by_number_and_both_facts(
    store: Store, clock: ManualClock
) -> None:
    assert await push(store, clock, RECORD) == ["new"]
    found = await row(store)
    assert found.number_index == KEYS.index(*number_fact(RECORD.number))
    assert (opened(found.name, "name"), opened(found.phone, "phone")) == ("王小强", "13812345678")
    assert (found.status, found.outlet_code, found.settled_at) == ("submitted", "S1", None)
    async with store.reading() as db:
        facts = set(await db.scalars(select(CardFactRow.fact_index)))
    number = RECORD.number
    assert facts == {KEYS.index(*fact(kind, number, digits)) for kind, digits in
                     ((FactKind.PHONE, "5678"), (FactKind.ID, "123X"))}  # fmt: skip
    for sealed in (found.number, found.name, found.phone, found.id_last4, found.label):
        assert sealed is not None
        for clear in ("NM2026", "王小强", "1381234", "123X", "已提交"):
            assert clear.encode() not in sealed


async def test_the_same_record_does_nothing_however_often_it_comes(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD)
    await bind(store, clock)
    moved = later(3, "制卡中")
    assert await push(store, clock, moved, moved) == ["moved", "moved"]
    for _ in range(3):
        clock.forward(hours=1)
        assert await push(store, clock, moved) == ["unchanged"]
        assert await push(store, clock, replace(moved, at=None)) == ["unchanged"]
    assert [code for code, _, _ in await history(store)] == ["submitted", "making"]
    assert await news(store) == 1


async def test_a_stage_belongs_to_a_code_and_details_go_with_it(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD)
    await bind(store, clock)
    lacking = later(2, "待补件", missing_docs="居住证", office="东街支行")
    assert await push(store, clock, lacking) == ["moved"]
    assert opened((await row(store)).missing_docs, "missing_docs") == "居住证"
    assert await push(store, clock, later(3, "资料不全")) == ["updated"]
    found = await row(store)
    assert opened(found.label, "label") == "资料不全"
    assert opened(found.missing_docs, "missing_docs") == "居住证"
    assert found.stage_at == FIRST + 2 * DAY
    assert await push(store, clock, later(4, "审核中")) == ["moved"]
    found = await row(store)
    assert (found.missing_docs, found.office) == (None, "")
    assert opened(found.name, "name") == "王小强"
    assert await news(store) == 2


async def test_a_new_phone_replaces_the_old_fact(store: Store, clock: ManualClock) -> None:
    await push(store, clock, RECORD)
    assert await push(store, clock, later(1, "已提交", phone="13900009999")) == ["updated"]
    number = RECORD.number
    async with store.reading() as db:
        facts = set(await db.scalars(select(CardFactRow.fact_index)))
    assert KEYS.index(*fact(FactKind.PHONE, number, "9999")) in facts
    assert KEYS.index(*fact(FactKind.PHONE, number, "5678")) not in facts


async def test_an_application_is_found_under_an_older_key(store: Store, clock: ManualClock) -> None:
    await push(store, clock, RECORD)
    newer = Keyring(2, {**KEYS.keys, 2: bytes(range(32))})
    async with store.writing() as db:
        outcomes = await take(db, newer, [later(3, "制卡中")], clock(), RecordSource.API)
    assert [one.kind for one in outcomes] == ["moved"]
    found = await row(store)
    assert found.number_index == newer.index(*number_fact(RECORD.number))
    assert newer.open(found.number, "card_application.number") == RECORD.number


async def test_a_plan_made_for_other_applications_is_not_applied(
    store: Store, clock: ManualClock
) -> None:
    async with store.reading() as db:
        made = await plan(db, KEYS, [RECORD], clock())
    await push(store, clock, later(3, "制卡中", phone="1234"))
    with pytest.raises(CardsChanged):
        async with store.writing() as db:
            await apply(db, KEYS, made, clock(), RecordSource.IMPORT)
    assert (await row(store)).status == "making"


async def test_thousands_are_taken_in_pieces(store: Store, clock: ManualClock) -> None:
    count = 2 * ingest.PIECE + 1
    records = [replace(RECORD, number=f"NM{number:08}") for number in range(count)]
    assert await push(store, clock, *records) == ["new"] * count
    assert await push(store, clock, *records[::-1]) == ["unchanged"] * count


async def test_notifying_many_of_a_stage_takes_no_more_statements_than_notifying_one(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD)
    application = (await row(store)).id
    said: list[str] = []

    def hear(_1: object, _2: object, statement: str, *_3: object) -> None:
        said.append(statement)

    event.listen(store.writer.sync_engine, "before_cursor_execute", hear)
    counts = []
    for day, couriers in enumerate((1, 5), 1):
        async with store.writing() as db:
            for courier_id in await create_couriers(db, couriers, clock()):
                bound = insert(CardBindingRow).values(application_id=application, at=clock())
                await db.execute(bound.values(courier_id=courier_id))
            said.clear()
            told = await stage_changed(db, application, day, clock())
            counts.append((told, len(said)))
    assert counts == [(1, 1), (6, 1)]
