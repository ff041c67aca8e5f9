"""Stars that the rules suggest, and the weekly list of a league."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from bot.common.clock import CHINA
from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.stations.demand import coarse_cell
from bot.services.stations.editing import edits
from bot.services.stations.editing.edit_kinds import SetFacilities
from bot.services.stations.oversight.stars import StarReason, suggested_star, suggestions
from bot.services.stations.oversight.weekly import WeeklyList, weekly
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow, FacilityRow, StationRow
from tests.conftest import ManualClock
from tests.support.stations import GOBI, HERE, create_stations

KEYS = parse_keys("1:" + "A" * 43 + "=")
HOHHOT = "150100"
PLACES = Places.load()


@pytest.mark.parametrize(
    ("star", "reasons", "suggested"),
    [
        (4, (StarReason.BROKEN,), 3),
        (4, (StarReason.BROKEN, StarReason.STALE, StarReason.LOCKED), 1),
        (2, tuple(StarReason)[:4], 1),
        (1, (StarReason.LOCKED,), 0),
        (3, (StarReason.DOES_WELL,), 4),
        (5, (StarReason.DOES_WELL,), 5),
        (3, (), 3),
    ],
)
def test_stars_fall_by_one_for_each_reason_and_never_below_the_sign(
    star: int, reasons: tuple[StarReason, ...], suggested: int
) -> None:
    assert suggested_star(star, reasons) == suggested


async def rate(store: Store, code: str, star: int) -> None:
    async with store.writing() as db:
        await db.execute(update(StationRow).where(StationRow.code == code).values(star=star))


async def report(store: Store, code: str, problem: str, at: datetime, done: bool = False) -> None:
    """A courier's report, as a note for operators."""
    async with store.writing() as db:
        once = f"{code}:{problem}:{at}"
        params = {"code": code, "name": code, "problem": problem}
        await notes.write(db, KEYS, NoteKind.STATION_PROBLEM, once, params, at)
        if done:
            open_notes = await notes.waiting(db, KEYS, "test", at)
            await notes.close(db, [one.id for one in open_notes], at)


async def suggested(store: Store, clock: ManualClock) -> dict[str, tuple[int, set[str]]]:
    async with store.reading() as db:
        found = await suggestions(db, clock())
    return {one.code: (one.suggested, {*map(str, one.reasons)}) for one in found}


async def test_a_broken_kettle_and_doors_locked_on_two_days_cost_a_star_each(
    store: Store, clock: ManualClock
) -> None:
    await create_stations(store, clock)
    await rate(store, "S1", 4)
    await rate(store, "S2", 4)  # whose kettle is broken
    await report(store, "S1", "closed", clock() - timedelta(days=1), done=True)
    assert await suggested(store, clock) == {"S2": (3, {"broken"})}
    await report(store, "S1", "refused", clock() - timedelta(days=3), done=True)
    await report(store, "S2", "other", clock() - timedelta(days=8))
    assert await suggested(store, clock) == {
        "S1": (3, {"locked"}),
        "S2": (2, {"broken", "complaint"}),
    }


async def test_a_station_that_does_well_may_get_a_star_and_an_unrated_one_gets_none(
    store: Store, clock: ManualClock
) -> None:
    await create_stations(store, clock)
    async with store.writing() as db:
        for code in ("microwave", "hvac", "medkit"):
            row = {"station_id": 1, "code": code, "state": "ok", "note": ""}
            await db.execute(insert(FacilityRow).values(row))
    assert await suggested(store, clock) == {}
    await rate(store, "S1", 3)
    assert await suggested(store, clock) == {"S1": (4, {"does_well"})}
    clock.forward(days=91)
    assert await suggested(store, clock) == {"S1": (2, {"stale"})}


async def searches(
    store: Store, at: datetime, couriers: int, outcome: str, where: tuple[float, float] = HERE
) -> None:
    """So many couriers, each with a search of their own."""
    async with store.writing() as db:
        for _ in range(couriers):
            row = insert(CourierRow).values(created_at=at, seen_at=at).returning(CourierRow.id)
            number = (await db.execute(row)).scalar_one()
            await db.execute(
                insert(DemandRow).values(
                    courier_id=number,
                    at=at,
                    cell=coarse_cell(Point(*where)),
                    league=HOHHOT,
                    outcome=outcome,
                )
            )


async def lists(store: Store, clock: ManualClock, league: str = "") -> list[WeeklyList]:
    async with store.reading() as db:
        return await weekly(db, PLACES, clock(), league)


async def repaired(store: Store, clock: ManualClock) -> None:
    """Six stations with nothing broken."""
    await create_stations(store, clock)
    async with store.writing() as db:
        fixed = update(FacilityRow).where(FacilityRow.state == "broken").values(state="ok")
        await db.execute(fixed)


async def test_five_couriers_without_an_open_station_ask_the_nearest_to_open_longer(
    store: Store, clock: ManualClock
) -> None:
    await repaired(store, clock)
    for hour in (20, 21):
        at = datetime(2026, 11, 20, hour, tzinfo=CHINA)
        await searches(store, at, 4, "none_open")
    assert await lists(store, clock) == []
    for hour in (20, 21):
        await searches(store, datetime(2026, 11, 21, hour, tzinfo=CHINA), 1, "none_open")
    (only,) = await lists(store, clock)
    (longer,) = only.longer
    assert longer.hours == (20, 21)
    assert longer.couriers == 5
    assert longer.code in {"S1", "S2", "S3"}  # S4 is open round the clock
    assert only.new_places == ()


async def test_five_couriers_without_a_station_near_ask_for_a_new_one(
    store: Store, clock: ManualClock
) -> None:
    await repaired(store, clock)
    await searches(store, clock() - timedelta(days=3), 4, "none_near", GOBI)
    assert await lists(store, clock) == []
    await searches(store, clock() - timedelta(days=3), 1, "none_near", GOBI)
    (only,) = await lists(store, clock)
    (place,) = only.new_places
    assert (place.couriers, place.none_near) == (5, 5)
    assert only.league == PLACES.league_of(Point(*GOBI)).adcode
    assert await lists(store, clock, HOHHOT) == []


async def test_what_is_broken_for_a_week_is_listed_with_its_days(
    store: Store, clock: ManualClock
) -> None:
    await create_stations(store, clock)
    async with store.writing() as db:
        edit = SetFacilities({"water": "故障"})
        await edits.save(db, "S1", edit, "cli:zhang", clock(), version=1)
    clock.forward(days=6)
    async with store.writing() as db:  # another change since says nothing about the kettle
        edit = SetFacilities({"charge": "缺货"})
        await edits.save(db, "S1", edit, "cli:zhang", clock(), version=2)
    (only,) = await lists(store, clock)
    assert [(one.code, one.days) for one in only.broken] == [("S2", None)]
    clock.forward(days=1)
    (only,) = await lists(store, clock)
    assert [(one.code, one.facility, one.days) for one in only.broken] == [
        ("S2", "water", None),
        ("S1", "water", 7),
    ]


async def test_what_nobody_verified_is_on_the_list_of_its_league(
    store: Store, clock: ManualClock
) -> None:
    await repaired(store, clock)
    async with store.writing() as db:
        stale = update(StationRow).where(StationRow.code == "S3")
        await db.execute(stale.values(verified_at=date(2026, 9, 1)))
    (only,) = await lists(store, clock, HOHHOT)
    assert [one.code for one in only.unverified] == ["S3"]
    assert only.broken == ()
