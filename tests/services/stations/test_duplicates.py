"""Stations that may be one: around a station, and all pairs, kept for the pages that list them."""

import pytest
from sqlalchemy import text

from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.stations.administration import listing, merges
from bot.services.stations.administration.listing import Check
from bot.services.stations.editing import edits
from bot.services.stations.editing.edit_kinds import Close, SetFields
from bot.services.stations.merging import duplicates
from bot.services.stations.merging.duplicates import Site
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.services.stations.station_lists import TODAY, applied
from tests.services.stations.test_editing import saved
from tests.services.stations.test_merging import TWICE, ids

METRE = 1 / 111_050
"""Degrees of latitude."""


def site(number: int, name: str, metres: float, *, is_demo: bool = False) -> Site:
    return Site(number, name, 40.8 + metres * METRE, 111.7, is_demo)


@pytest.mark.parametrize(
    ("other", "metres"),
    [
        (site(2, "工商银行新城支行驿站", 30), 30),
        (site(2, "新城支行爱心驿站", 95), 95),
        (site(2, "新城支行爱心驿站", 110), None),
        (site(2, "赛罕驿站", 1), None),
        (site(2, "新城支行2号驿站", 1), None),
        (site(2, "新城支行驿站", 1, is_demo=True), None),
    ],
)
def test_a_pair_has_like_names_and_stands_within_100_metres(
    other: Site, metres: int | None
) -> None:
    found = list(duplicates.pairs([other, site(1, "新城支行驿站", 0)]))
    assert found == ([] if metres is None else [(1, 2, metres)])


def test_thousands_of_stations_at_one_point_are_not_compared_with_each_other() -> None:
    found = list(duplicates.pairs([site(n, "新城支行驿站", 0) for n in range(1, 2001)]))
    assert len(found) <= 2000 * duplicates.PER_STATION


async def kept(store: Store) -> list[tuple[int, int]]:
    """Finds all pairs anew where the stations changed; those that are listed."""
    async with store.writing() as db:
        if await duplicates.is_stale(db):
            version, sites = await duplicates.sites(db)
            await duplicates.keep(db, version, duplicates.pairs(sites))
        assert not await duplicates.is_stale(db)
    async with store.reading() as db:
        rows = await db.execute(
            text("SELECT first_id, second_id FROM possible_duplicate ORDER BY first_id")
        )
        return [(row.first_id, row.second_id) for row in rows]


async def test_pairs_follow_the_stations(store: Store, clock: ManualClock) -> None:
    await applied(store, TWICE, clock)
    known = await ids(store)
    pair = (known["A1"], known["北-1 号"])
    assert await kept(store) == [pair]
    await saved(store, "A1", Close(for_good=True), clock)
    assert await kept(store) == []
    await saved(store, "A1", SetFields({"status": "营业"}), clock)
    assert await kept(store) == [pair]


async def test_candidates_have_like_names_within_300_metres_or_stand_at_the_same_door(
    store: Store, clock: ManualClock
) -> None:
    rows = [
        f"{code},{name},111.7,{40.8 + metres * METRE},wgs84"
        for code, name, metres in (
            ("N0", "新城支行驿站", 0),
            ("N1", "赛罕驿站", 40),
            ("N2", "赛罕北驿站", 60),
            ("N3", "工行新城支行", 250),
            ("N4", "工行新城支行", 350),
        )
    ]
    await applied(store, "\n".join(["编号,名称,经度,纬度,坐标系", *rows]), clock)
    async with store.reading() as db:
        here = await edits.find(db, "N0")
        assert here is not None
        found = await duplicates.around(db, here.id, here.entry.name, here.point)
    assert [(one.code, one.alike) for one in found] == [("N3", True), ("N1", False)]


async def test_candidates_are_found_by_the_index_of_places(
    store: Store, clock: ManualClock, database_url: str
) -> None:
    await applied(store, TWICE, clock)
    statement = str(
        duplicates.near(1, Point(40.8, 111.7)).compile(
            store.reader, compile_kwargs={"literal_binds": True}
        )
    )
    is_sqlite = database_url.startswith("sqlite")
    async with store.reading() as db:
        if not is_sqlite:
            await db.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        plan = " ".join(str(row) for row in await db.execute(text(f"{explain} {statement}")))
    assert "ix_station_place" in plan


async def test_an_operator_sees_pairs_of_which_both_are_theirs_until_they_are_told_apart(
    store: Store, clock: ManualClock
) -> None:
    rows = [
        f"{code},新城支行驿站,{adcode},111.7,{40.8 + metres * METRE},wgs84"
        for code, adcode, metres in (
            ("N0", "150102", 0),
            ("N1", "150103", 40),
            ("B1", "150203", 80),
        )
    ]
    await applied(store, "\n".join(["编号,名称,区划代码,经度,纬度,坐标系", *rows]), clock)
    await kept(store)
    places = Places.load()
    editor = Operator(1, "王", Role.EDITOR, frozenset({"150100"}))
    admin = Operator(2, "李", Role.ADMINISTRATOR)
    doubled = listing.Query(check=Check.DUPLICATE)
    async with store.reading() as db:
        [pair] = (await merges.pairs(db, places, editor)).pairs
        every = await merges.pairs(db, places, admin)
        assert await merges.count(db, places, editor) == 1
        assert await merges.count(db, places, Operator(3, "赵", Role.READER)) == 0
        listed = await listing.find(db, places, editor, doubled, TODAY)
        rest = await merges.pairs(db, places, admin, every.pairs[0].key)
    assert (pair.first.code, pair.second.code, pair.metres) == ("N0", "N1", 40)
    assert (every.total, [one.code for one in listed.stations]) == (3, ["N0", "N1"])
    assert rest.pairs == every.pairs[1:]
    foreign = next(one for one in every.pairs if one != pair)
    async with store.writing() as db:
        with pytest.raises(NotAllowed):
            await merges.keep_apart(db, places, editor, foreign.key, clock())
        assert await merges.keep_apart(db, places, editor, pair.key, clock())
        assert not await merges.keep_apart(db, places, editor, pair.key, clock())
    await saved(store, "N0", SetFields({"phone": "12351"}), clock)
    assert len(await kept(store)) == 3
    async with store.reading() as db:
        assert (await merges.pairs(db, places, editor)).pairs == ()
        assert (await merges.pairs(db, places, admin)).total == 2
