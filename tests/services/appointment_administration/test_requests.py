"""The SQL of call-backs in the console on both databases: pages, counts, leagues, races."""

import pytest
from sqlalchemy import select

from bot.geo.places import Places
from bot.services.appointment_administration import requests
from bot.services.appointment_administration.requests import Count
from bot.services.appointments.operations import ChangeRefused
from bot.services.appointments.requests import Appointments, Draft
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.appointments.wishes import CallWish, Part
from bot.services.operators.roles import Operator, Role
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.console_stations import HOHHOT, add_stations
from tests.support.trainings import create_couriers

REGION = Operator(1, "region", Role.CARDS)
LEAGUE = Operator(2, "league", Role.CARDS, frozenset({HOHHOT}))
PLACES = Places.load()
NEW, DONE = AppointmentStatus.NEW, AppointmentStatus.DONE


async def test_who_waits_longest_comes_first_in_pages_of_ones_leagues(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    async with store.writing() as db:
        found = await db.execute(select(StationRow.code, StationRow.id))
        ids: dict[str, int] = dict(found.all())
        couriers = await create_couriers(db, requests.PAGE + 2, clock())
        for place, courier in enumerate(couriers):
            station = ids["H1"] if place % 2 else ids["B1"]
            draft = Draft("loan", "王强", "13812345678", "", station, "支行", CallWish(Part.ANY))
            await Appointments(KEYS).submit(db, courier, draft, clock())
    async with store.writing() as db:
        first = await requests.page(db, KEYS, PLACES, REGION, NEW, None, clock())
        assert len(first) == requests.PAGE
        assert [one.id for one in first] == sorted(one.id for one in first)
        rest = await requests.page(db, KEYS, PLACES, REGION, NEW, first[-1].id, clock())
        assert len(rest) == 2
        assert rest[0].id > first[-1].id
        counted = await requests.counts(db, PLACES, LEAGUE)
        none = dict.fromkeys(AppointmentStatus, Count(0))
        assert counted == {**none, NEW: Count(requests.PAGE // 2 + 1)}
    async with store.writing() as db:
        await requests.set_status(db, PLACES, REGION, first[0].id, NEW, DONE, clock())
    with pytest.raises(ChangeRefused):
        async with store.writing() as db:
            await requests.set_status(db, PLACES, REGION, first[0].id, NEW, DONE, clock())
    async with store.writing() as db:
        exported = await requests.export(db, KEYS, PLACES, REGION, DONE, clock())
    assert [one.phone for one in exported] == ["13812345678"]


async def test_counting_stops_at_a_bound_and_says_so(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_stations(store, clock)
    async with store.writing() as db:
        found = await db.execute(select(StationRow.code, StationRow.id))
        ids: dict[str, int] = dict(found.all())
        for place, courier in enumerate(await create_couriers(db, 6, clock())):
            station = ids["H1"] if place % 2 else ids["B1"]
            draft = Draft("loan", "王强", "13812345678", "", station, "支行", CallWish(Part.ANY))
            await Appointments(KEYS).submit(db, courier, draft, clock())
            clock.forward(hours=10)
    async with store.reading() as db:
        new, overdue = await requests.waiting(db, PLACES, LEAGUE, clock())
        assert (new, overdue) == (Count(3), Count(2))
        monkeypatch.setattr(requests, "COUNTED", 4)
        monkeypatch.setattr(requests, "LOOKED_AT", 4)
        assert (await requests.counts(db, PLACES, REGION))[NEW] == Count(4, is_least=True)
        seen = (await requests.counts(db, PLACES, LEAGUE))[NEW]
        assert (seen.number, seen.is_least) == (3, True)
