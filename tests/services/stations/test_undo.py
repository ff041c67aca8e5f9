"""A revision of stations is undone as a whole, or refused by the name of what came after it."""

import time

import pytest
from sqlalchemy import func, select

from bot.services.operators import revisions
from bot.services.operators.revisions import (
    Conflict,
    Origin,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.stations.editing import undo
from bot.services.stations.editing.edit_kinds import Close, SetFacilities, SetFields, Verify
from bot.services.stations.editing.edits import find
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.stored import export
from bot.services.stations.statuses import StationStatus
from bot.store.engine import Store
from bot.store.models.administration.operators import RevisionRecordRow, RevisionRow
from bot.store.models.stations import FavouriteRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import LIST, TODAY, applied, count, planned, version
from tests.services.stations.test_editing import entry, keep, notices, saved

OTHER = """编号,名称,经度,纬度,坐标系,服务时间,服务设施,电话,星级,状态,例外安排
A1,新城支行驿站,111.6659,40.8264,gcj02,8:00-18:00,热水;充电,12351,五星,营业,
A2,鼓楼东驿站,111.7010,40.8010,gcj02,24小时,seat,12351,,营业,
B1,赛罕驿站,111.72,40.85,gcj02,9:00-17:00,热水,,,营业,
"""


async def imported(store: Store, text: str, clock: ManualClock) -> int:
    """Applies the list as a file of 王; the number of its revision."""
    plan = await planned(store, text)
    origin = Origin("cli:王", RevisionAction.IMPORT, "名单.xlsx")
    async with store.writing() as db:
        number = await apply(
            db, plan, clock(), allow_moves=True, allow_removals=True, origin=origin
        )
    assert number is not None
    return number


async def undone(store: Store, number: int, clock: ManualClock) -> int:
    async with store.writing() as db:
        return await undo.undo_revision(db, number, "cli:李", clock())


async def planned_undo(store: Store, number: int, clock: ManualClock) -> undo.StationsUndo:
    async with store.reading() as db:
        return await undo.plan_undo(db, number, clock())


async def exported(store: Store) -> list[tuple[str, ...]]:
    async with store.reading() as db:
        return await export(db)


async def test_a_list_undone_leaves_everything_as_it_was(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    before = await exported(store)
    number = await imported(store, OTHER, clock)
    assert await exported(store) != before
    found = await planned_undo(store, number, clock)
    assert (len(found.changed), len(found.removed), found.conflicts) == (2, 1, [])
    back = await undone(store, number, clock)
    assert await exported(store) == before
    assert await version(store) == 3
    async with store.reading() as db:
        [newest, old, _] = await revisions.latest(db, RevisionKind.STATIONS)
    assert (newest.id, newest.undoes, newest.actor) == (back, number, "cli:李")
    assert (newest.source, newest.records) == ("名单.xlsx", 3)
    assert old.undone_by == back


async def test_an_undo_is_undone_like_anything_else(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    number = await imported(store, OTHER, clock)
    after = sorted(await exported(store))
    back = await undone(store, number, clock)
    with pytest.raises(UndoRefused) as refused:
        await undone(store, number, clock)
    assert (refused.value.reason, refused.value.by) == (UndoRefusal.UNDONE, back)
    await undone(store, back, clock)
    assert sorted(await exported(store)) == after
    await undone(store, number, clock)  # it counts again, so it can be undone again
    assert await count(store) == 3


async def test_couriers_are_told_of_the_change_back(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    await keep(store, clock, "A1", couriers=2)
    number = await saved(store, "A1", SetFields({"hours": "8:00-18:00"}), clock)
    assert number is not None
    assert await notices(store) == 2
    assert (await planned_undo(store, number, clock)).keepers == 2
    clock.forward(days=1)
    await undone(store, number, clock)
    async with store.reading() as db:
        [(revision, record), *_] = await revisions.history(db, RevisionKind.STATIONS, "A1")
    assert revision.action is RevisionAction.UNDO
    assert record.after == {"hours": "Mo-Fr 09:00-12:00,13:30-17:00"}


async def test_a_later_change_of_the_same_field_is_named(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    number = await imported(store, OTHER, clock)
    later = await saved(store, "A1", SetFields({"hours": "7:00-19:00"}), clock)
    before = await exported(store)
    found = await planned_undo(store, number, clock)
    [conflict] = found.conflicts
    assert (conflict.code, conflict.field) == ("A1", "hours")
    assert conflict.later is not None
    assert (conflict.later.id, conflict.later.actor) == (later, "cli:王")
    with pytest.raises(UndoRefused) as refused:
        await undone(store, number, clock)
    assert refused.value.reason is UndoRefusal.CONFLICTS
    assert await exported(store) == before
    assert later is not None
    await undone(store, later, clock)
    await undone(store, number, clock)
    assert (await entry(store, "A1")).hours == "Mo-Fr 09:00-12:00,13:30-17:00"


async def test_a_later_change_of_another_field_stays(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    number = await imported(store, OTHER, clock)
    await saved(store, "A1", Verify(TODAY), clock)
    await undone(store, number, clock)
    found = await entry(store, "A1")
    assert (found.verified_at, found.phone) == (TODAY, "04711")


async def test_a_station_that_was_added_and_then_changed_stays(
    file: Store, clock: ManualClock
) -> None:
    number = await imported(file, LIST, clock)
    await saved(file, "A1", SetFacilities({"water": "broken"}), clock)
    found = await planned_undo(file, number, clock)
    assert [(one.code, one.field) for one in found.conflicts] == [("A1", "facilities")]


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (SetFields({"hours": "9:00-17:00"}), "hours"),
        (SetFacilities({"water": "broken"}), "facilities"),
        (Close(TODAY, TODAY, "装修", for_good=False), "changes"),
    ],
)
async def test_what_was_filled_in_after_a_station_was_added_blank_is_not_lost(
    file: Store, clock: ManualClock, edit: SetFields | SetFacilities | Close, field: str
) -> None:
    number = await imported(file, "编号,名称,经度,纬度\nA1,甲驿站,111.66,40.82\n", clock)
    later = await saved(file, "A1", edit, clock)
    found = await planned_undo(file, number, clock)
    assert [(one.code, one.field) for one in found.conflicts] == [("A1", field)]
    assert later is not None
    await undone(file, later, clock)
    await undone(file, number, clock)
    assert await count(file) == 0


async def test_a_station_that_a_courier_keeps_is_closed_and_not_removed(
    store: Store, clock: ManualClock
) -> None:
    number = await imported(store, LIST, clock)
    await keep(store, clock, "A1")
    found = await planned_undo(store, number, clock)
    assert ([one.after.code for one in found.closed], len(found.removed)) == (["A1"], 2)
    assert found.keepers == 1
    back = await undone(store, number, clock)
    assert await count(store) == 1
    assert (await entry(store, "A1")).status is StationStatus.CLOSED
    assert await notices(store) == 1
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(FavouriteRow)) == 1
    await undone(store, back, clock)
    assert await count(store) == 3
    assert (await entry(store, "A1")).status is StationStatus.OPEN
    assert (await entry(store, "A2")).changes[0].reason == "国庆停业"


async def test_a_removed_station_does_not_take_the_place_of_a_new_one(
    file: Store, clock: ManualClock
) -> None:
    number = await imported(file, LIST, clock)
    back = await undone(file, number, clock)
    again = await imported(file, LIST, clock)
    found = await planned_undo(file, back, clock)
    assert {one.code for one in found.conflicts} == {"A1", "A2", "A3"}
    assert {one.later.id for one in found.conflicts if one.later} == {again}


async def test_a_move_is_taken_back_as_a_whole(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    async with file.reading() as db:
        before = await find(db, "A1")
    place = {"lng": "111.70", "lat": "40.8264", "datum": "gcj02"}
    first = await saved(file, "A1", SetFields(place), clock)
    assert first is not None
    later = await saved(file, "A1", SetFields({**place, "lat": "40.83"}), clock)
    assert later is not None
    found = await planned_undo(file, first, clock)  # it changed the longitude only
    assert [(one.field, one.later and one.later.id) for one in found.conflicts] == [("lng", later)]
    await undone(file, later, clock)
    await undone(file, first, clock)
    async with file.reading() as db:
        assert await find(db, "A1") == before


async def test_undo_has_an_end_and_knows_its_own_revisions(file: Store, clock: ManualClock) -> None:
    number = await imported(file, LIST, clock)
    clock.forward(days=30)
    assert (await planned_undo(file, number, clock)).conflicts == []
    clock.forward(minutes=1)
    for wrong, reason in ((number, UndoRefusal.EXPIRED), (404, UndoRefusal.UNKNOWN)):
        with pytest.raises(UndoRefused) as refused:
            await planned_undo(file, wrong, clock)
        assert refused.value.reason is reason


async def test_a_change_that_nobody_recorded_is_found_too(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    number = await saved(file, "A1", Close(), clock)
    assert number is not None
    plan = await planned(file, LIST)
    async with file.writing() as db:
        await apply(db, plan, clock(), origin=None)
    assert (await planned_undo(file, number, clock)).conflicts == [Conflict("A1", "status")]


@pytest.mark.slow
async def test_ten_thousand_stations_are_undone(store: Store, clock: ManualClock) -> None:
    head = "编号,名称,经度,纬度,坐标系,服务时间,电话\n"
    rows = [
        f"N{n},驿站{n},{108 + n % 100 * 0.1:.2f},{40 + n // 100 * 0.01:.2f},gcj02,{{}},0471"
        for n in range(10_000)
    ]
    await applied(store, head + "\n".join(row.format("9:00-17:00") for row in rows), clock)
    before = await exported(store)
    number = await imported(
        store, head + "\n".join(row.format("8:00-18:00") for row in rows[:9_000]), clock
    )
    begun = time.monotonic()
    await undone(store, number, clock)
    assert time.monotonic() - begun < 60
    assert await exported(store) == before
    async with store.reading() as db:
        records = select(func.count()).select_from(RevisionRecordRow)
        assert await db.scalar(records) == 28_000
        assert await db.scalar(select(func.count()).select_from(RevisionRow)) == 3
