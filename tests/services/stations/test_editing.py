"""Single stations changed by hand: checked like a list, told to couriers, safe beside others."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.hours.doubts import Doubt
from bot.services.operators import revisions
from bot.services.operators.revisions import RevisionAction, RevisionKind
from bot.services.stations.editing import edits
from bot.services.stations.editing.edit_kinds import (
    Add,
    Close,
    Edit,
    Reopen,
    SetFacilities,
    SetFields,
    Verify,
)
from bot.services.stations.editing.errors import (
    EditFault,
    EditRefused,
    HoursDoubtful,
    StationEdited,
    StationExists,
    StationUnknown,
)
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.rows import StationEntry
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import FavouriteRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import LIST, TODAY, applied, version

NEW = {
    "name": "赛罕驿站", "lng": "111.70", "lat": "40.84", "datum": "gcj02", "hours": "9:00-17:00",
}  # fmt: skip


async def entry(store: Store, code: str) -> StationEntry:
    async with store.reading() as db:
        found = await edits.find(db, code)
    assert found is not None
    return found.entry


async def saved(
    store: Store, code: str, edit: Edit, clock: ManualClock, *, at: int | None = None
) -> int | None:
    """Saves it as 王 who saw the stations of version `at`, those of now by default."""
    seen = await version(store) if at is None else at
    async with store.writing() as db:
        return await edits.save(db, code, edit, "cli:王", clock(), version=seen)


async def drafted(store: Store, code: str, edit: Edit) -> edits.Draft:
    async with store.reading() as db:
        return await edits.draft(db, code, edit, TODAY)


async def keep(store: Store, clock: ManualClock, code: str, couriers: int = 1) -> None:
    """That many couriers keep the station."""
    async with store.writing() as db:
        found = await edits.find(db, code)
        assert found is not None
        for number in range(1, couriers + 1):
            db.add(CourierRow(id=number, created_at=clock(), seen_at=clock()))
            await db.flush()
            row = {"courier_id": number, "station_id": found.id, "added_at": clock()}
            await db.execute(insert(FavouriteRow).values(row))


async def notices(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(OutboxRow)) or 0


async def test_new_hours_are_stored_as_read_recorded_and_told(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    await keep(store, clock, "A1", couriers=2)
    edit = SetFields({"hours": "周一至周五 9:00-17:00"})
    draft = await drafted(store, "A1", edit)
    assert (draft.hours, draft.keepers, draft.doubts) == ("Mo-Fr 09:00-17:00", 2, ())
    number = await saved(store, "A1", edit, clock)
    assert (await entry(store, "A1")).hours == "Mo-Fr 09:00-17:00"
    assert await version(store) == 2
    assert await notices(store) == 2
    async with store.reading() as db:
        [(revision, record), (first, _)] = await revisions.history(db, RevisionKind.STATIONS, "A1")
        assert (revision.records, first.records) == (1, 2)  # the list had other stations
    assert number is not None
    assert (revision.id, revision.actor, revision.action, revision.version) == (
        number, "cli:王", RevisionAction.SET, 2,
    )  # fmt: skip
    assert record.before == {"hours": "Mo-Fr 09:00-12:00,13:30-17:00"}
    assert record.after == {"hours": "Mo-Fr 09:00-17:00"}
    assert first.action is RevisionAction.IMPORT


async def test_what_changes_nothing_is_no_revision(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    assert (await drafted(store, "A1", SetFields({"phone": "04711"}))).differences == ()
    assert await saved(store, "A1", SetFields({"phone": "04711"}), clock) is None
    assert await version(store) == 1


@pytest.mark.parametrize(
    ("edit", "column"),
    [
        (SetFields({"hours": "看心情"}), "服务时间"),
        (SetFields({"status": "不知道"}), "状态"),
        (SetFields({"verified_at": "2027-01-01"}), "核实日期"),
        (SetFields({"lng": "111.70", "lat": "40.84"}), "坐标系"),
        (SetFields({"lng": "121.47", "lat": "31.23", "datum": "wgs84"}), "经度"),
        (SetFields({"name": ""}), "名称"),
        (SetFacilities({"擦鞋机": "故障"}), "服务设施"),
        (SetFacilities({"water": "漏"}), "服务设施"),
        (Verify(date(2026, 11, 24)), "核实日期"),
        (Close(date(2026, 12, 1)), "例外安排"),
        (Close(date(2026, 12, 2), date(2026, 12, 1)), "例外安排"),
        (Close(date(2026, 11, 1), date(2026, 11, 2)), "例外安排"),
        (Close(date(2026, 12, 1), date(2026, 12, 2), "长" * 121), "例外安排"),
    ],
)
async def test_what_a_list_may_not_say_a_hand_may_not_either(
    edit: Edit, column: str, file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    draft = await drafted(file, "A1", edit)
    assert {one.column for one in draft.problems} == {column}
    assert draft.differences == ()
    with pytest.raises(EditRefused) as refusal:
        await saved(file, "A1", edit, clock)
    assert refusal.value.problems == draft.problems
    assert await version(file) == 1


async def test_a_closure_names_its_own_faults(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    codes = [
        (await drafted(file, "A1", edit)).problems[0].code
        for edit in (Close(TODAY), Close(None, TODAY - timedelta(days=1)))
    ]
    assert codes == [EditFault.NO_END, StationFault.CHANGES_ORDER]
    past = Close(TODAY - timedelta(days=3), TODAY - timedelta(days=1))
    assert (await drafted(file, "A1", past)).problems[0].code == EditFault.PAST


async def test_doubtful_hours_are_written_only_when_accepted(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    edit = SetFields({"hours": "周六周日 9:00-17:00"})
    assert (await drafted(file, "A1", edit)).doubts == (Doubt.CLOSED_ON_WORKDAYS,)
    with pytest.raises(HoursDoubtful):
        await saved(file, "A1", edit, clock)
    async with file.writing() as db:
        await edits.save(db, "A1", edit, "x", clock(), version=1, accept_doubtful=True)
    assert (await entry(file, "A1")).hours == "Sa-Su 09:00-17:00"


async def test_a_closure_for_some_days_is_cut_short_by_a_reopening(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    await keep(store, clock, "A1")
    await saved(store, "A1", Close(date(2026, 12, 1), date(2026, 12, 7), "装修"), clock)
    assert await notices(store) == 1
    [closure] = (await entry(store, "A1")).changes
    assert (closure.first, closure.last, closure.hours, closure.reason) == (
        date(2026, 12, 1), date(2026, 12, 7), None, "装修",
    )  # fmt: skip
    await saved(store, "A1", Reopen(TODAY), clock)  # has not begun: nothing to end
    assert (await entry(store, "A1")).changes == (closure,)
    await saved(store, "A1", Reopen(date(2026, 12, 4)), clock)
    [closure] = (await entry(store, "A1")).changes
    assert (closure.first, closure.last) == (date(2026, 12, 1), date(2026, 12, 3))


async def test_a_reopening_with_dates_leaves_the_closure_around_them(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    await saved(file, "A1", Close(date(2026, 12, 1), date(2026, 12, 7)), clock)
    await saved(file, "A1", Reopen(date(2026, 12, 3), date(2026, 12, 4)), clock)
    spans = [(one.first.day, one.last.day) for one in (await entry(file, "A1")).changes]
    assert spans == [(1, 2), (5, 7)]


async def test_other_hours_on_some_days_survive_a_reopening(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    await saved(file, "A2", Reopen(date(2027, 1, 1)), clock)
    found = await entry(file, "A2")
    assert found.status is StationStatus.OPEN
    assert [one.reason for one in found.changes] == ["国庆停业", "冬季时间"]


async def test_a_station_is_paused_and_given_up(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    await saved(file, "A1", Close(reason="停电"), clock)
    assert (await entry(file, "A1")).status is StationStatus.PAUSED
    async with file.reading() as db:
        assert (await revisions.latest(db, RevisionKind.STATIONS))[0].source == "停电"
    await saved(file, "A1", Close(for_good=True), clock)
    assert (await entry(file, "A1")).status is StationStatus.CLOSED


async def test_one_facility_changes_and_the_others_stay(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    await saved(store, "A1", SetFacilities({"饮水机": "broken", "空调": "正常"}), clock)
    assert dict((await entry(store, "A1")).facilities) == {
        "water": FacilityStatus.BROKEN,
        "charge": FacilityStatus.BROKEN,
        "hvac": FacilityStatus.OK,
    }
    await saved(store, "A1", SetFacilities({"空调": "无"}), clock)
    assert "hvac" not in dict((await entry(store, "A1")).facilities)


async def test_a_verified_station_has_the_day(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    await saved(file, "A1", Verify(TODAY), clock)
    assert (await entry(file, "A1")).verified_at == TODAY


async def test_a_station_is_added_once(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    number = await saved(store, "B1", Add(NEW), clock)
    found = await entry(store, "B1")
    assert (found.name, found.hours) == ("赛罕驿站", "Mo-Su 09:00-17:00")
    async with store.reading() as db:
        [(revision, record)] = await revisions.history(db, RevisionKind.STATIONS, "B1")
    assert (revision.id, record.before) == (number, None)
    with pytest.raises(StationExists):
        await saved(store, "B1", Add(NEW), clock)
    with pytest.raises(StationUnknown):
        await saved(store, "B9", Verify(TODAY), clock)


async def test_a_new_station_lacks_nothing_and_is_nowhere_else(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    lacking = await drafted(file, "B1", Add({"name": "赛罕驿站"}))
    assert {one.column for one in lacking.problems} == {"经度", "纬度"}
    nowhere = await drafted(file, "B1", Add({**NEW, "lng": "0", "lat": "0"}))
    assert [one.code for one in nowhere.problems] == [StationFault.ZERO]
    twice = {**NEW, "name": "新城支行驿站", "lng": "111.6659", "lat": "40.8264"}
    same = await drafted(file, "B1", Add(twice))
    assert [one.code for one in same.problems] == [StationFault.DUPLICATE_PLACE]


async def test_coordinates_by_hand_are_confirmed(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    await saved(file, "A1", SetFields({"geocoded": "是"}), clock)
    place = {"lng": "111.67", "lat": "40.83", "datum": "wgs84"}
    await saved(file, "A1", SetFields(place), clock)
    found = await entry(file, "A1")
    assert (found.lng, found.lat, found.geocoded) == (111.67, 40.83, False)


async def test_who_saw_an_older_value_is_told_what_changed_since(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    seen = await version(store)
    await saved(store, "A1", SetFields({"hours": "8:00-18:00"}), clock, at=seen)
    with pytest.raises(StationEdited) as edited:
        await saved(store, "A1", SetFields({"hours": "9:00-17:00"}), clock, at=seen)
    [(revision, record)] = edited.value.changes
    assert (revision.actor, record.after) == ("cli:王", {"hours": "Mo-Su 08:00-18:00"})
    await saved(store, "A1", SetFields({"phone": "12351"}), clock, at=seen)  # another field
    await saved(store, "A2", SetFields({"hours": "9:00-17:00"}), clock, at=seen)  # another station
    found = await entry(store, "A1")
    assert (found.hours, found.phone) == ("Mo-Su 08:00-18:00", "12351")


async def test_two_operators_change_two_facilities_of_one_station(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    seen = await version(file)
    await saved(file, "A1", SetFacilities({"water": "broken"}), clock, at=seen)
    await saved(file, "A1", SetFacilities({"空调": "正常"}), clock, at=seen)
    with pytest.raises(StationEdited):
        await saved(file, "A1", SetFacilities({"饮水机": "正常"}), clock, at=seen)
    assert dict((await entry(file, "A1")).facilities)["water"] is FacilityStatus.BROKEN


async def test_of_two_operators_at_once_one_is_told_of_the_other(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    seen = await version(store)

    async def attempt(hours: str) -> bool:
        try:
            await saved(store, "A1", SetFields({"hours": hours}), clock, at=seen)
        except StationEdited:
            return False
        return True

    done = await asyncio.gather(*(attempt(f"{hour}:00-17:00") for hour in (7, 8, 9)))
    assert sorted(done) == [False, False, True]
    assert await version(store) == seen + 1
