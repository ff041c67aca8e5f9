"""What a bank reports, taken: once, in order, and never silently back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, insert, select

from bot.common.clock import CHINA
from bot.services.cards import ingest
from bot.services.cards.blind_index import FactKind, fact, number_fact
from bot.services.cards.errors import CardsChanged
from bot.services.cards.ingest import apply, plan, take
from bot.services.cards.notifications import stage_changed
from bot.services.cards.records import CardRecord, RecordSource
from bot.services.operators import notes
from bot.store.encryption import Keyring, new_key, parse_keys
from bot.store.engine import Store
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardFactRow, CardStageRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.operators import OperatorNoteRow
from tests.conftest import ManualClock
from tests.support.trainings import create_couriers

FIRST = datetime(2026, 11, 2, 9, tzinfo=CHINA)
KEYS = parse_keys(new_key())
DAY = timedelta(days=1)
RECORD = CardRecord(
    number="NM20260001",
    label="已提交",
    as_of=FIRST + DAY,
    at=FIRST,
    name="王小强",
    phone="13812345678",
    id_last4="123X",
    outlet_code="S1",
    outlet_name="新城支行",
    office="新城支行",
)


def later(days: int, label: str, **said: object) -> CardRecord:
    """The same application some days on; nothing else is said."""
    at = FIRST + days * DAY
    return CardRecord(number=RECORD.number, label=label, as_of=at + DAY, at=at, **said)  # type: ignore[arg-type]


async def push(store: Store, clock: ManualClock, *records: CardRecord) -> list[str]:
    """Kinds of the outcomes, with the reasons of what was refused."""
    async with store.writing() as db:
        outcomes = await take(db, KEYS, records, clock(), RecordSource.API)
    return [f"{one.kind} {one.reason or ''}".strip() for one in outcomes]


async def bind(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        found = await db.scalar(select(CardApplicationRow.id))
        await db.execute(
            insert(CardBindingRow).values(courier_id=1, application_id=found, at=clock())
        )


async def row(store: Store) -> CardApplicationRow:
    async with store.reading() as db:
        return (await db.scalars(select(CardApplicationRow))).one()


async def history(store: Store) -> list[tuple[str, datetime, bool]]:
    async with store.reading() as db:
        found = await db.scalars(select(CardStageRow).order_by(CardStageRow.at))
        return [(one.code, one.at, one.backwards) for one in found]


async def news(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(OutboxRow)) or 0


def opened(sealed: bytes | None, name: str) -> str:
    return KEYS.open(sealed, f"card_application.{name}") if sealed else ""


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


async def test_a_step_back_must_be_allowed_is_marked_and_notifies_again(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD, later(3, "制卡中"))
    await bind(store, clock)
    back = later(5, "审核中")
    assert await push(store, clock, back) == ["refused backwards"]
    assert (await row(store)).status == "making"
    assert await push(store, clock, replace(back, allow_backwards=True)) == ["moved"]
    assert (await row(store)).backwards
    assert (await history(store))[-1] == ("reviewing", FIRST + 5 * DAY, True)
    assert await push(store, clock, back) == ["unchanged"]
    assert await push(store, clock, later(6, "制卡中")) == ["moved"]
    assert not (await row(store)).backwards
    assert await news(store) == 2


async def test_an_unknown_status_hides_no_step_back(store: Store, clock: ManualClock) -> None:
    await push(store, clock, RECORD, later(3, "制卡中"))
    assert await push(store, clock, later(4, "等待天晴")) == ["moved"]
    assert await push(store, clock, later(5, "已提交")) == ["refused backwards"]
    found = await row(store)
    assert (found.status, opened(found.label, "label")) == ("unknown", "等待天晴")
    async with store.writing() as db:
        waiting = await notes.waiting(db, KEYS, "test", clock())
    assert [(one.kind, one.detail) for one in waiting] == [("card.label", "等待天晴")]
    assert await push(store, clock, later(4, "等待天晴")) == ["unchanged"]
    assert await push(store, clock, later(5, "等待下雨")) == ["moved"]
    async with store.reading() as db:
        kinds = list(await db.scalars(select(OperatorNoteRow.kind)))
    assert kinds == ["card.label", "card.label"]


async def test_a_record_older_than_what_is_known_changes_nothing(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD)
    await push(store, clock, later(6, "待领取"))
    await bind(store, clock)
    late = replace(later(3, "制卡中"), as_of=FIRST + 4 * DAY)
    assert await push(store, clock, late) == ["outdated"]
    assert (await row(store)).status == "at_branch"
    assert await news(store) == 0


async def test_several_records_of_one_number_are_its_history_and_notify_once(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD)
    await bind(store, clock)
    told = [later(6, "待领取"), later(2, "审核中"), later(4, "制卡中")]
    assert await push(store, clock, *told) == ["moved"] * 3
    assert [code for code, _, _ in await history(store)] == [
        "submitted", "reviewing", "making", "at_branch",
    ]  # fmt: skip
    assert await push(store, clock, *told) == ["unchanged"] * 3
    assert len(await history(store)) == 4
    assert await news(store) == 1


async def test_a_whole_history_begins_an_application(store: Store, clock: ManualClock) -> None:
    told = [RECORD, later(2, "初审中"), later(3, "终审中"), later(4, "制卡中")]
    assert await push(store, clock, *told) == ["new"] * 4
    assert await history(store) == [
        ("submitted", FIRST, False),
        ("reviewing", FIRST + 2 * DAY, False),
        ("making", FIRST + 4 * DAY, False),
    ]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([replace(RECORD, phone="", id_last4="")], "no_fact"),
        ([RECORD, replace(RECORD, label="制卡中")], "twice"),
        ([replace(RECORD, at=FIRST + 90 * DAY)], "future"),
        ([replace(RECORD, as_of=FIRST + 90 * DAY)], "future"),
        ([RECORD, later(2, "制卡中"), later(3, "审核中")], "backwards"),
    ],
)
async def test_contradictory_records_are_refused_and_not_written(
    store: Store, clock: ManualClock, records: list[CardRecord], reason: str
) -> None:
    assert await push(store, clock, *records) == [f"refused {reason}"] * len(records)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardApplicationRow)) == 0


async def test_a_day_without_its_hour_does_not_stand_before_the_stage_it_follows(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD)
    same_day = FIRST.replace(hour=0)
    assert await push(store, clock, replace(later(0, "审核中"), at=same_day)) == ["moved"]
    assert [code for code, _, _ in await history(store)] == ["submitted", "reviewing"]


async def test_a_settled_application_says_since_when(store: Store, clock: ManualClock) -> None:
    await push(store, clock, RECORD, later(9, "已激活"))
    assert (await row(store)).settled_at == FIRST + 9 * DAY


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
