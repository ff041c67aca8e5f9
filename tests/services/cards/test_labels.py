"""What a bank's labels stand for is data: set, removed, and read again in what came before."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.services.cards import labels
from bot.services.cards.errors import CardsChanged
from bot.services.cards.ingest import apply, plan
from bot.services.cards.records import RecordSource
from bot.services.cards.statuses import CardStatus
from bot.store.engine import Store, open_store
from bot.store.models.administration.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.cards import CardApplicationRow, CardStageRow
from tests.conftest import ManualClock
from tests.services.cards.card_records import (
    FIRST,
    KEYS,
    RECORD,
    bind,
    history,
    later,
    news,
    push,
    row,
)

DAYS = [FIRST + (later(day, "x").as_of - later(0, "x").as_of) for day in range(6)]


async def set_label(store: Store, clock: ManualClock, text: str, status: CardStatus) -> int:
    async with store.writing() as db:
        return await labels.set_label(db, KEYS, text, status, "cli:dorji", clock())


async def remove_label(store: Store, clock: ManualClock, text: str) -> int | None:
    async with store.writing() as db:
        return await labels.remove_label(db, KEYS, text, "cli:dorji", clock())


async def unknown(store: Store) -> list[tuple[str, int]]:
    async with store.writing() as db:
        found = await labels.unknown(db, KEYS, "cli:dorji", FIRST)
        return [(one.text, one.count) for one in found]


async def test_a_label_that_is_set_is_read_at_once_on_every_replica(
    store: Store, database_url: str, clock: ManualClock
) -> None:
    other = await open_store(database_url)
    await set_label(store, clock, "总行已通过", CardStatus.APPROVED)
    assert await push(other, clock, RECORD, later(1, " 总行 已通过。")) == ["new", "new"]
    await other.close()
    assert (await row(store)).status == CardStatus.APPROVED
    assert await unknown(store) == []


async def test_applications_that_came_with_an_unknown_label_are_read_again(
    store: Store, clock: ManualClock
) -> None:
    others = [replace(RECORD, number=f"NM2026001{n}", label="总行退回重审") for n in range(3)]
    await push(store, clock, RECORD, later(1, "总行已通过"), *others)
    await bind(store, clock)
    assert (await row_of(store)) == ("unknown", DAYS[1])
    told = await news(store)
    assert await set_label(store, clock, "总行已通过", CardStatus.APPROVED) == 1
    assert await row_of(store) == ("approved", DAYS[1])
    assert await history_of(store) == ["submitted", "approved"]
    assert await unknown(store) == [("总行退回重审", 3)]
    assert await news(store) == told
    async with store.reading() as db:
        open_notes = select(OperatorNoteRow).where(OperatorNoteRow.done_at.is_(None))
        assert len(list(await db.scalars(open_notes))) == 1


async def row_of(store: Store) -> tuple[str, object]:
    async with store.reading() as db:
        first = select(CardApplicationRow).order_by(CardApplicationRow.id).limit(1)
        found = (await db.scalars(first)).one()
        return found.status, found.stage_at


async def history_of(store: Store) -> list[str]:
    async with store.reading() as db:
        first = select(CardStageRow.code).where(CardStageRow.application_id == 1)
        return list(await db.scalars(first.order_by(CardStageRow.at)))


async def test_a_stage_that_turns_out_to_be_the_one_before_joins_it(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD, later(1, "审批通过"), later(2, "总行已通过"))
    await push(store, clock, later(3, "总行复核通过"))
    assert [code for code, _, _ in await history(store)] == [
        "submitted", "approved", "unknown", "unknown"
    ]  # fmt: skip
    await set_label(store, clock, "总行复核通过", CardStatus.APPROVED)
    await set_label(store, clock, "总行已通过", CardStatus.APPROVED)
    assert await history(store) == [
        ("submitted", DAYS[0], False),
        ("approved", DAYS[1], False),
    ]
    found = await row(store)
    assert (found.status, found.stage_at) == ("approved", DAYS[1])


async def test_a_step_back_and_an_end_are_seen_once_the_label_is_known(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD, later(1, "制卡中"), later(2, "重新来过"))
    await set_label(store, clock, "重新来过", CardStatus.REVIEWING)
    assert (await history(store))[-1] == ("reviewing", DAYS[2], True)
    assert (await row(store)).settled_at is None
    await set_label(store, clock, "重新来过", CardStatus.REJECTED)
    assert (await history(store))[-1] == ("rejected", DAYS[2], False)
    assert (await row(store)).settled_at == DAYS[2]


async def test_what_was_set_is_taken_back_and_a_usual_label_is_set_aside(
    store: Store, clock: ManualClock
) -> None:
    await push(store, clock, RECORD, later(1, "正常"))
    assert await remove_label(store, clock, "总行已通过") is None
    assert await remove_label(store, clock, "正常") == 1
    assert ((await row(store)).status, (await row(store)).settled_at) == ("unknown", None)
    assert await unknown(store) == [("正常", 1)]
    assert await set_label(store, clock, "正常", CardStatus.REVIEWING) == 1
    async with store.reading() as db:
        (mine,) = [one for one in await labels.listed(db) if one.text == "正常"]
    assert (mine.status, mine.set_by, mine.set_at) == ("reviewing", "cli:dorji", clock())
    assert await remove_label(store, clock, "正常") == 1
    assert (await row(store)).status == "activated"


@pytest.mark.parametrize("text", ["", "  ", "长" * 61, "approved", "Approved "])
async def test_what_is_no_label_is_refused(store: Store, clock: ManualClock, text: str) -> None:
    with pytest.raises(ValueError, match=r"label|status"):
        await set_label(store, clock, text, CardStatus.MADE)


async def test_what_may_be_personal_is_counted_but_not_shown(
    store: Store, clock: ManualClock
) -> None:
    for number, label in enumerate(["联系王小强", "电话13800001234", "总行复核"]):
        await push(store, clock, replace(RECORD, number=f"NM2026100{number}", label=label))
    assert await unknown(store) == [("", 2), ("总行复核", 1)]
    async with store.reading() as db:
        fields = list(await db.scalars(select(AccessLogRow.field)))
    assert fields == ["card_stage.label"] * 2


async def test_an_import_planned_before_a_label_was_set_is_not_applied(
    store: Store, clock: ManualClock
) -> None:
    async with store.reading() as db:
        made = await plan(db, KEYS, [replace(RECORD, label="总行已通过")], clock())
    await set_label(store, clock, "总行已通过", CardStatus.APPROVED)
    async with store.writing() as db:
        with pytest.raises(CardsChanged):
            await apply(db, KEYS, made, clock(), RecordSource.IMPORT)


async def test_a_push_and_a_setting_at_once_leave_no_unknown_status(
    store: Store, clock: ManualClock
) -> None:
    records = [replace(RECORD, number=f"NM2026200{n}", label="总行已通过") for n in range(6)]
    await asyncio.gather(
        *(push(store, clock, one) for one in records[:3]),
        set_label(store, clock, "总行已通过", CardStatus.APPROVED),
        *(push(store, clock, one) for one in records[3:]),
    )
    assert await unknown(store) == []
