"""The stages of an application: steps back, late records, and several at once."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.services.cards.records import CardRecord
from bot.services.operators import notes
from bot.store.engine import Store
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardApplicationRow
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
