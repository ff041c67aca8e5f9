"""What operators do to stations from their pages, on both databases."""

from datetime import date

import pytest

from bot.geo.places import Places
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.stations.administration import edits, keeper_links, listing, map_dots
from bot.services.stations.administration.listing import Check, Query
from bot.services.stations.administration.map_dots import Area
from bot.services.stations.editing.edit_kinds import DropDays, SetDays
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.keepers.links import LinkState
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.console_stations import BAOTOU, HOHHOT, add_far_station, add_stations

EDITOR = Operator(1, "dorji", Role.EDITOR, frozenset({HOHHOT}))
PLACES = Places.load()
EVERYWHERE = Area(97.0, 37.0, 127.0, 54.0)


def whole_degrees(lat: float, lon: float) -> tuple[int, int]:
    return int(lat * 2), int(lon)


async def test_dots_are_one_for_each_cell_of_the_operators_league(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    await add_far_station(store, clock)
    async with store.reading() as db:
        dots = await map_dots.find(db, PLACES, EDITOR, HOHHOT, EVERYWHERE, whole_degrees)
        assert [(one.code, one.count, one.is_open) for one in dots] == [
            ("F1", 1, True),
            ("H1", 2, True),
        ]
        north = Area(97.0, 40.5, 127.0, 54.0)
        dots = await map_dots.find(db, PLACES, EDITOR, HOHHOT, north, whole_degrees)
        assert [one.code for one in dots] == ["H1"]
        with pytest.raises(NotAllowed):
            await map_dots.find(db, PLACES, EDITOR, BAOTOU, EVERYWHERE, whole_degrees)


async def test_a_keepers_link_is_made_and_ended_within_the_league(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    async with store.writing() as db:
        token = await keeper_links.issue(db, PLACES, EDITOR, "H1", clock())
        assert await keeper_links.check(db, PLACES, EDITOR, "H1", token, clock()) > clock()
        assert await keeper_links.state(db, PLACES, EDITOR, "H1", clock()) is LinkState.VALID
        assert await keeper_links.revoke(db, PLACES, EDITOR, "H1", clock())
        assert not await keeper_links.revoke(db, PLACES, EDITOR, "H1", clock())
        assert await keeper_links.state(db, PLACES, EDITOR, "H1", clock()) is LinkState.REVOKED
        with pytest.raises(NotAllowed):
            await keeper_links.issue(db, PLACES, EDITOR, "B1", clock())
        with pytest.raises(StationUnknown):
            await keeper_links.issue(db, PLACES, EDITOR, "none", clock())


async def test_days_are_set_dropped_and_taken_back(store: Store, clock: ManualClock) -> None:
    await add_stations(store, clock)
    first, last = date(2026, 12, 1), date(2026, 12, 5)

    async def changes() -> str:
        async with store.reading() as db:
            return (await edits.view(db, PLACES, EDITOR, "H1")).cells["changes"]

    async with store.writing() as db:
        days = SetDays(first, last, "9点到12点", "盘点")
        await edits.save(db, PLACES, EDITOR, "H1", days, clock(), version=0)
    assert await changes() == "2026-12-01..2026-12-05 Mo-Su 09:00-12:00 盘点"
    async with store.writing() as db:
        version = (await edits.view(db, PLACES, EDITOR, "H1")).version
        number = await edits.save(
            db, PLACES, EDITOR, "H1", DropDays(first, last), clock(), version=version
        )
    assert await changes() == ""
    assert number is not None
    async with store.writing() as db:
        await edits.take_back(db, PLACES, EDITOR, "H1", number, clock())
    assert await changes() == "2026-12-01..2026-12-05 Mo-Su 09:00-12:00 盘点"


async def test_what_wants_looking_after_is_counted_the_same_after_many_questions(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    administrator = Operator(1, "admin", Role.ADMINISTRATOR)
    async with store.reading() as db:
        for _ in range(8):  # PostgreSQL makes a generic plan after five
            counts = {
                one: await listing.count(
                    db, PLACES, administrator, Query(check=one), date(2026, 11, 23)
                )
                for one in Check
            }
            assert counts == {
                Check.BROKEN: 1,
                Check.UNVERIFIED: 3,
                Check.NO_HOURS: 1,
                Check.DUPLICATE: 0,
            }
