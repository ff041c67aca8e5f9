"""Two stations that are one become one: rows move, codes lead there, an undo parts them."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.belief.model import ENTER, Source
from bot.services.operators import revisions
from bot.services.operators.revisions import (
    Origin,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.stations import catalogue, favourites, observations
from bot.services.stations.editing import edits, undo
from bot.services.stations.editing.edit_kinds import Add, SetFields
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.stored import export
from bot.services.stations.keepers import links
from bot.services.stations.keepers.links import KeeperLinkInvalid
from bot.services.stations.merging import merge
from bot.services.stations.merging.errors import MergeOutdated, MergeRefusal, MergeRefused
from bot.services.stations.merging.merge import Pick
from bot.services.stations.merging.redirects import StationMerged
from bot.services.stations.merging.rows import COLUMNS
from bot.services.stations.observations import Observer
from bot.services.stations.public_codes import public_code, with_public_code
from bot.services.stations.statuses import FacilityStatus
from bot.store.engine import Store
from bot.store.models import registry
from bot.store.models.administration.operators import RevisionRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import FavouriteRow, StationPhotoRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import applied, planned, version
from tests.services.stations.test_editing import NEW, entry, saved
from tests.services.stations.test_undo import imported, undone
from tests.support.console import KEYS

TWICE = """编号,名称,地址,经度,纬度,坐标系,服务时间,服务设施,电话,例外安排
A1,新城支行驿站,新华大街1号,111.6659,40.8264,gcj02,周一至周五9:00-17:00,热水;充电=故障,,\
2026-12-01..2026-12-03 closed 装修
北-1 号,工行新城支行,新华街1号,111.6664,40.8264,gcj02,9:00-18:00,热水=故障;休息桌椅,04711,\
2026-12-24..2026-12-24 closed 盘点
C1,别处驿站,别处,111.70,40.85,gcj02,24小时,热水,,
"""
A, B, C = "A1", "北-1 号", "C1"
KEEPERS_WORD = {"enter": True, "exists": True}


async def merged(
    store: Store,
    clock: ManualClock,
    picks: Mapping[str, Pick] | None = None,
    *,
    kept: str = A,
    other: str = B,
    at: int | None = None,
) -> int:
    seen = await version(store) if at is None else at
    async with store.writing() as db:
        return await merge.merge(db, kept, other, picks or {}, "王", clock(), version=seen)


async def ids(store: Store) -> dict[str, int]:
    async with store.reading() as db:
        rows = await db.execute(select(StationRow.code, StationRow.id))
        return {row.code: row.id for row in rows}


async def saved_by(store: Store, clock: ManualClock, **stations: tuple[int, ...]) -> None:
    """Couriers by number, who keep these stations since as many days as their number."""
    known = await ids(store)
    codes = {"a": A, "b": B, "c": C}
    async with store.writing() as db:
        for number in sorted({one for some in stations.values() for one in some}):
            db.add(CourierRow(id=number, created_at=clock(), seen_at=clock()))
        await db.flush()
        for name, couriers in stations.items():
            for number in couriers:
                at = clock() - timedelta(days=number, hours=name == "b")
                row = {"courier_id": number, "station_id": known[codes[name]], "added_at": at}
                await db.execute(insert(FavouriteRow).values(row))


async def kept_by(store: Store) -> dict[int, list[str]]:
    """The codes of the stations that each courier keeps, the latest first."""
    names = {number: code for code, number in (await ids(store)).items()}
    async with store.reading() as db:
        couriers = sorted(await db.scalars(select(CourierRow.id)))
        found = {one: await favourites.favourites(db, one) for one in couriers}
    return {one: [names[station] for station in kept] for one, kept in found.items()}


async def observed(store: Store, clock: ManualClock, code: str, courier: int | None) -> None:
    """The courier, else the keeper, found the station open."""
    known = await ids(store)
    source = Source.KEEPER if courier is None else Source.COURIER
    async with store.writing() as db:
        facts = [(ENTER, True)]
        await Observer(KEYS).observe(db, courier, known[code], facts, clock(), source=source)


async def told(store: Store, clock: ManualClock, code: str) -> dict[str, bool]:
    """What couriers are told of each fact of a station: whether it is the keeper's word."""
    known = (await ids(store))[code]
    async with store.reading() as db:
        found = await observations.known(db, [known], clock())
    return {one.fact: one.by_keeper for one in found[known]}


async def code_of(store: Store, code: str) -> str | None:
    """The code of the station to which links with that code lead."""
    async with store.reading() as db:
        found = await with_public_code(db, public_code(code))
        if found is None:
            return None
        return (await catalogue.describe(db, [found]))[found].code


async def test_the_preview_names_what_differs_and_what_moves(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await saved_by(store, clock, a=(1, 2), b=(2, 3))
    await observed(store, clock, B, 3)
    async with store.writing() as db:
        await links.issue(db, (await ids(store))[B], clock())
    async with store.reading() as db:
        found = await merge.preview(db, A, B, clock())
    assert [one.field for one in found.choices] == [
        "name", "address", "place", "hours", "facilities", "phone", "changes",
    ]  # fmt: skip
    assert 30 < found.metres < 60
    assert (found.moves.favourites, found.moves.favourites_of_both) == (2, 1)
    assert (found.moves.observations, found.moves.keeper_link) == (2, True)
    assert not found.moves.both_have_links


async def test_what_is_not_picked_stays_as_the_kept_station_has_it(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    before = await entry(store, A)
    number = await merged(store, clock)
    assert await entry(store, A) == before
    async with store.reading() as db:
        assert [row[0] for row in await export(db)] == ["编号", A, C]
        [newest, _] = await revisions.latest(db, RevisionKind.STATIONS)
        [(_, record), _] = await revisions.history(db, RevisionKind.STATIONS, B)
    assert (newest.id, newest.action, newest.records) == (number, RevisionAction.MERGE, 2)
    assert newest.source == f"{B} 工行新城支行"
    assert (newest.version, await version(store)) == (2, 2)
    assert record.after is None
    assert record.before is not None
    assert record.before["name"] == "工行新城支行"


async def test_what_is_picked_is_taken_from_the_other_one_or_from_both(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    other = await entry(store, B)
    picks = {
        "hours": Pick.OTHER, "phone": Pick.OTHER, "place": Pick.OTHER,
        "facilities": Pick.BOTH, "changes": Pick.BOTH, "code": Pick.OTHER, "name": Pick.OWN,
    }  # fmt: skip
    await merged(store, clock, picks)
    found = await entry(store, A)
    assert (found.code, found.name, found.phone) == (A, "新城支行驿站", "04711")
    assert (found.lng, found.lat, found.hours) == (other.lng, other.lat, other.hours)
    assert dict(found.facilities) == {
        "water": FacilityStatus.OK, "charge": FacilityStatus.BROKEN, "seat": FacilityStatus.OK,
    }  # fmt: skip
    assert [one.first for one in found.changes] == [date(2026, 12, 1), date(2026, 12, 24)]


async def test_a_courier_who_had_both_has_one_and_after_an_undo_both_again(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await saved_by(store, clock, a=(1, 2), b=(2, 3), c=(3,))
    before = await kept_by(store)
    assert before == {1: [A], 2: [A, B], 3: [C, B]}
    number = await merged(store, clock)
    assert await kept_by(store) == {1: [A], 2: [A], 3: [C, A]}
    await undone(store, number, clock)
    assert await kept_by(store) == before


async def test_what_a_courier_did_since_the_merge_is_not_taken_back(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await saved_by(store, clock, a=(1,), b=(2, 3))
    number = await merged(store, clock)
    known = await ids(store)
    async with store.writing() as db:
        await favourites.drop(db, 2, known[A])
        db.add(CourierRow(id=4, created_at=clock(), seen_at=clock()))
        await db.flush()
        await favourites.keep(db, 4, known[A], clock())
    await undone(store, number, clock)
    assert await kept_by(store) == {1: [A], 2: [], 3: [B], 4: [A]}


async def test_what_was_observed_counts_for_the_one_station_and_goes_back(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await saved_by(store, clock, a=(1, 2))
    await observed(store, clock, A, 1)
    await observed(store, clock, B, None)
    assert (await told(store, clock, A), await told(store, clock, B)) == ({}, KEEPERS_WORD)
    number = await merged(store, clock)
    assert (await told(store, clock, A), await told(store, clock, B)) == (KEEPERS_WORD, {})
    await undone(store, number, clock)
    assert (await told(store, clock, A), await told(store, clock, B)) == ({}, KEEPERS_WORD)


async def test_old_codes_and_ids_lead_to_the_one_station_until_the_undo(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    known = await ids(store)
    number = await merged(store, clock)
    assert (await code_of(store, B), await code_of(store, A)) == (A, A)
    async with store.reading() as db:
        [found] = (await catalogue.describe(db, [known[B]])).values()
        named = await catalogue.by_code(db, B)
    assert (found.code, named and named.code) == (A, A)
    await undone(store, number, clock)
    assert await code_of(store, B) == B


async def test_a_station_that_was_merged_takes_its_own_merges_along(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await saved_by(store, clock, b=(1,))
    first = await merged(store, clock)
    second = await merged(store, clock, kept=C, other=A)
    assert {await code_of(store, one) for one in (A, B, C)} == {C}
    assert await kept_by(store) == {1: [C]}
    with pytest.raises(UndoRefused) as refused:
        await undone(store, first, clock)
    assert refused.value.reason is UndoRefusal.CONFLICTS
    await undone(store, second, clock)
    assert (await code_of(store, A), await code_of(store, B)) == (A, A)
    await undone(store, first, clock)
    assert await code_of(store, B) == B


async def test_an_undo_brings_back_all_its_fields_and_is_not_undone_itself(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    async with store.reading() as db:
        before = await export(db)
    number = await merged(store, clock, {"hours": Pick.OTHER, "place": Pick.OTHER})
    async with store.reading() as db:
        found = await undo.plan_undo(db, number, clock())
    assert [one.entry.code for one in found.unmerged] == [B]
    assert (found.added, found.conflicts) == ([], [])
    back = await undone(store, number, clock)
    async with store.reading() as db:
        assert await export(db) == before
    with pytest.raises(UndoRefused) as refused:
        await undone(store, back, clock)
    assert refused.value.reason is UndoRefusal.MERGE
    again = await merged(store, clock)
    assert again > back


async def test_an_undo_names_the_later_change_of_a_merged_field(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    number = await merged(store, clock, {"hours": Pick.OTHER})
    later = await saved(store, A, SetFields({"hours": "24小时"}), clock)
    async with store.reading() as db:
        found = await undo.plan_undo(db, number, clock())
    assert [(one.code, one.field) for one in found.conflicts] == [(A, "hours")]
    assert found.conflicts[0].later is not None
    assert found.conflicts[0].later.id == later
    assert await code_of(store, B) == A


async def test_the_import_that_brought_a_station_is_not_undone_after_a_merge(
    store: Store, clock: ManualClock
) -> None:
    number = await imported(store, TWICE, clock)
    await merged(store, clock)
    async with store.reading() as db:
        found = await undo.plan_undo(db, number, clock())
    assert sorted(one.code for one in found.conflicts) == sorted([A, B])
    with pytest.raises(UndoRefused) as refused:
        await undone(store, number, clock)
    assert refused.value.reason is UndoRefusal.CONFLICTS


@pytest.mark.parametrize("code", [A, B])
async def test_a_change_since_the_preview_forbids_it(
    store: Store, clock: ManualClock, code: str
) -> None:
    await applied(store, TWICE, clock)
    seen = await version(store)
    await saved(store, code, SetFields({"phone": "12351"}), clock)
    await saved(store, C, SetFields({"phone": "12351"}), clock)
    with pytest.raises(MergeOutdated) as outdated:
        await merged(store, clock, at=seen)
    [(changed, revision, record)] = outdated.value.changes
    assert (changed, revision.actor, record.after) == (code, "cli:王", {"phone": "12351"})
    assert await code_of(store, B) == B
    await merged(store, clock)


async def test_a_change_of_any_other_station_does_not_matter(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    seen = await version(store)
    await saved(store, C, SetFields({"phone": "12351"}), clock)
    await merged(store, clock, at=seen)
    assert await code_of(store, B) == A


async def test_a_station_is_not_merged_with_itself_with_a_sample_or_twice(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await applied(
        store, "编号,名称,经度,纬度,坐标系\nS1,示例站,111.6,40.8,gcj02\n", clock, demo=True
    )
    for other, reason in ((A, MergeRefusal.SAME), ("S1", MergeRefusal.SAMPLE)):
        with pytest.raises(MergeRefused) as refused:
            await merged(store, clock, other=other)
        assert refused.value.reason is reason
    await merged(store, clock)
    with pytest.raises(StationMerged) as gone:
        await merged(store, clock)
    assert gone.value.into.code == A


async def test_of_two_operators_who_merge_at_once_one_is_told_that_it_is_done(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await saved_by(store, clock, a=(1,), b=(1, 2))
    seen = await version(store)
    done = await asyncio.gather(
        merged(store, clock, at=seen),
        merged(store, clock, kept=B, other=A, at=seen),
        return_exceptions=True,
    )
    [number] = [one for one in done if isinstance(one, int)]
    [refused] = [one for one in done if not isinstance(one, int)]
    assert isinstance(refused, StationMerged | MergeOutdated)
    assert {len(codes) for codes in (await kept_by(store)).values()} == {1}
    await undone(store, number, clock)
    assert await kept_by(store) == {1: [A, B], 2: [B]}


async def test_a_list_that_still_names_it_says_where_it_went_and_writes_nothing_of_it(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await merged(store, clock)
    theirs = TWICE.splitlines()
    text = "\n".join([theirs[0], theirs[2].replace("9:00-18:00", "24小时"), theirs[3]])
    plan = await planned(store, text)
    assert (plan.problems, plan.new, plan.changed, plan.missing) == ((), (), (), ())
    [said] = plan.warnings
    assert (said.code, dict(said.params)) == (
        StationFault.MERGED, {"code": A, "name": "新城支行驿站"},
    )  # fmt: skip
    assert said.value == B


async def test_a_list_without_codes_does_not_bring_it_back_by_its_name(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await merged(store, clock)
    text = "名称,地址,经度,纬度,坐标系\n工行新城支行,新华街1号,111.6664,40.8264,gcj02\n"
    plan = await planned(store, text)
    assert (plan.problems, plan.new, plan.changed) == ((), (), ())
    assert [one.code for one in plan.warnings] == [StationFault.MERGED]


async def test_the_code_is_not_given_away_nor_changed_any_more(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    await merged(store, clock)
    for edit in (Add(NEW), SetFields({"phone": "12351"})):
        with pytest.raises(StationMerged) as refused:
            await saved(store, B, edit, clock)
        assert refused.value.into.code == A


async def test_the_keepers_link_moves_unless_the_kept_station_has_one(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    known = await ids(store)
    async with store.writing() as db:
        token = await links.issue(db, known[B], clock())
    number = await merged(store, clock)
    async with store.reading() as db:
        assert (await links.open_link(db, token, clock())).code == A
    await undone(store, number, clock)
    async with store.writing() as db:
        assert (await links.open_link(db, token, clock())).code == B
        own = await links.issue(db, known[A], clock())
    number = await merged(store, clock)
    async with store.reading() as db:
        assert (await links.open_link(db, own, clock())).code == A
        with pytest.raises(KeeperLinkInvalid):
            await links.open_link(db, token, clock())
    await undone(store, number, clock)
    async with store.reading() as db:
        assert (await links.open_link(db, token, clock())).code == B


async def test_photos_move_as_far_as_there_is_room_and_go_back(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, TWICE, clock)
    known = await ids(store)

    def photo(code: str, name: str, position: int) -> dict[str, object]:
        sizes = {"width": 8, "height": 6, "data": b"d", "small": b"s", "added_at": clock()}
        return {"station_id": known[code], "name": name, "position": position, **sizes}

    async def names(code: str) -> list[str]:
        row = StationPhotoRow
        async with store.reading() as db:
            of_it = select(row.name).where(row.station_id == known[code])
            return list(await db.scalars(of_it.order_by(row.position)))

    both = [photo(A, "door", 1), photo(B, "door", 1), photo(B, "bell", 2), photo(B, "side", 3)]
    async with store.writing() as db:
        await db.execute(insert(StationPhotoRow), both)
        await db.execute(insert(StationPhotoRow), [photo(B, "far", 4)])
    number = await merged(store, clock)
    assert await names(A) == ["door", "bell", "side"]
    await undone(store, number, clock)
    assert (await names(A), await names(B)) == (["door"], ["door", "bell", "side", "far"])


def test_every_table_that_refers_to_a_station_is_known_to_a_merge() -> None:
    own = {"station_facility", "station_change", "belief"}  # fields, or worked out from others
    by_hand = {
        "favourite",
        "left_out_station",
        "keeper_link",
        "possible_duplicate",
        "station_photo",
    }
    moved = {column.property.columns[0] for _, column in COLUMNS.values()}
    station = registry.metadata().tables["station"].c.id
    for table in registry.every():
        if table.name in own | by_hand | {"station_merge"}:
            continue
        for column in table.columns:
            if any(key.column is station for key in column.foreign_keys):
                assert column in moved, f"{column} is not moved by a merge"


async def test_a_merge_is_one_revision_that_history_keeps(store: Store, clock: ManualClock) -> None:
    await applied(store, TWICE, clock, origin=Origin("王", RevisionAction.IMPORT))
    await merged(store, clock)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(RevisionRow)) == 2
        assert await edits.find(db, B) is None
