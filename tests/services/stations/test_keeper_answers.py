"""What a keeper saves: dated hours, facilities, verification; once, and against what was shown."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from sqlalchemy import select

from bot.belief.model import Source
from bot.common.clock import CHINA
from bot.hours.calendar import Holidays
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.operators import revisions
from bot.services.operators.revisions import RevisionKind
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.editing import edits
from bot.services.stations.editing.edit_kinds import Close, SetFacilities
from bot.services.stations.editing.errors import StationEdited
from bot.services.stations.keepers import answers, links
from bot.services.stations.keepers.answers import (
    KeeperAnswer,
    KeeperFault,
    KeeperRefused,
    TodayAnswer,
)
from bot.services.stations.keepers.links import KeeperLinkInvalid
from bot.services.stations.observations import Observer
from bot.services.stations.statuses import FacilityStatus
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.keepers import KeeperLinkRow
from bot.store.models.observations import ObservationRow
from tests.conftest import ManualClock
from tests.support.stations import create_stations

OK, BROKEN, EMPTY = FacilityStatus.OK, FacilityStatus.BROKEN, FacilityStatus.EMPTY
KEYS = "1:" + "A" * 43 + "="
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
SUNDAY = date(2026, 11, 29)
FACILITIES = {"seat": OK, "water": OK, "charge": OK, "toilet": OK}


class Keeper:
    """The keeper of one station, with the form as it was shown last."""

    def __init__(self, store: Store, clock: ManualClock, station_id: int) -> None:
        self.store, self.clock, self.station_id = store, clock, station_id
        self.form = KeeperAnswer("0" * 32, 0, TodayAnswer.OPEN, None, {}, FACILITIES, FACILITIES)
        self._forms = 0

    async def open(self) -> None:
        """Shows the form."""
        self._forms += 1
        async with self.store.reading() as db:
            version = await dataset_version(db, Dataset.STATIONS)
        self.form = replace(self.form, form=f"{self._forms:032}", version=version)

    async def saves(self, **filled: object) -> bool:
        """Saves the form filled so."""
        answer = replace(self.form, **filled)  # type: ignore[arg-type]
        async with self.store.writing() as db:
            row = await db.get_one(KeeperLinkRow, self.station_id)
            code = (await self.station()).code
            link = links.KeeperLink(self.station_id, code, row.token_hash, row.expires_at)
            return await answers.save(
                db, link, answer, Holidays.from_csv(), Observer(parse_keys(KEYS)), self.clock()
            )

    async def observed(self) -> dict[str, bool]:
        """What the keeper's observations say, by fact."""
        rows = select(ObservationRow).where(
            ObservationRow.station_id == self.station_id, ObservationRow.courier_id.is_(None)
        )
        async with self.store.reading() as db:
            found = list(await db.scalars(rows))
        assert {one.source for one in found} <= {Source.KEEPER}
        assert len({one.fact for one in found}) == len(found)
        return {one.fact: one.positive for one in found}

    async def station(self) -> Station:
        async with self.store.reading() as db:
            return (await catalogue.describe(db, [self.station_id]))[self.station_id]

    async def hours_on(self, day: date) -> str:
        hours = (await self.station()).schedule.on(day)
        return "closed" if not hours or not any(hours.week) else str(hours)

    async def version(self) -> int:
        async with self.store.reading() as db:
            return await dataset_version(db, Dataset.STATIONS)


@pytest.fixture
async def keeper(store: Store, clock: ManualClock) -> Keeper:
    """The keeper of S1, open from Monday to Friday, on a Monday, with the form open."""
    await create_stations(store, clock)
    async with store.writing() as db:
        await links.issue(db, 1, clock())
    opened = Keeper(store, clock, 1)
    await opened.open()
    return opened


async def test_all_as_listed_verifies_the_station_and_its_facilities(keeper: Keeper) -> None:
    assert await keeper.saves()
    station = await keeper.station()
    assert station.verified_at == MONDAY
    assert {one.verified_at for one in station.facilities} == {MONDAY}
    assert station.schedule.changes == ()
    true = dict.fromkeys(FACILITIES, True)
    assert await keeper.observed() == {"exists": True, "enter": True, **true}


async def test_closed_today_is_a_closure_of_today_alone_that_can_be_taken_back(
    keeper: Keeper,
) -> None:
    await keeper.saves(today=TodayAnswer.CLOSED)
    assert await keeper.hours_on(MONDAY) == "closed"
    assert await keeper.hours_on(TUESDAY) != "closed"
    assert (await keeper.observed())["enter"] is False
    await keeper.open()
    await keeper.saves(today=TodayAnswer.OPEN)
    assert (await keeper.station()).schedule.changes == ()


async def test_closing_early_cuts_the_hours_of_today(keeper: Keeper) -> None:
    await keeper.saves(today=TodayAnswer.EARLY, closes=time(15))
    assert await keeper.hours_on(MONDAY) == "Mo-Su 09:00-12:00,13:30-15:00"
    await keeper.open()
    with pytest.raises(KeeperRefused) as refused:
        await keeper.saves(today=TodayAnswer.EARLY, closes=time(9))
    assert refused.value.fault is KeeperFault.CLOSES


async def test_other_hours_of_a_day_count_for_that_day_only(keeper: Keeper) -> None:
    await keeper.saves(hours={SUNDAY: "9点到12点", TUESDAY: "不开"})
    assert await keeper.hours_on(SUNDAY) == "Mo-Su 09:00-12:00"
    assert await keeper.hours_on(TUESDAY) == "closed"
    assert [one.first for one in (await keeper.station()).schedule.changes] == [TUESDAY, SUNDAY]
    await keeper.open()
    await keeper.saves(hours={TUESDAY: "9:00-12:00 13:30-17:00"})
    assert [one.first for one in (await keeper.station()).schedule.changes] == [SUNDAY]


@pytest.mark.parametrize("text", ["", "周一 9:00-17:00", "看情况", "9:00", "25:00-26:00", "待定"])
async def test_hours_that_are_no_times_are_refused_and_nothing_is_saved(
    keeper: Keeper, text: str
) -> None:
    with pytest.raises(KeeperRefused) as refused:
        await keeper.saves(hours={TUESDAY: text})
    assert (refused.value.fault, refused.value.day) == (KeeperFault.HOURS, TUESDAY)
    assert (await keeper.station()).verified_at != MONDAY
    assert await keeper.observed() == {}


async def test_open_on_a_day_that_is_listed_as_closed_needs_its_hours(
    keeper: Keeper, clock: ManualClock
) -> None:
    clock.forward(days=6)
    await keeper.open()
    with pytest.raises(KeeperRefused) as refused:
        await keeper.saves()
    assert (refused.value.fault, refused.value.day) == (KeeperFault.NO_HOURS, SUNDAY)
    await keeper.saves(hours={SUNDAY: "10:00-16:00"})
    assert await keeper.hours_on(SUNDAY) == "Mo-Su 10:00-16:00"


async def test_open_on_a_day_of_closure_gives_it_its_usual_hours(store: Store) -> None:
    clock = ManualClock(datetime(2026, 12, 1, 10, tzinfo=CHINA))  # S5 is closed that day
    await create_stations(store, clock)
    async with store.writing() as db:
        await links.issue(db, 5, clock())
    keeper = Keeper(store, clock, 5)
    await keeper.open()
    await keeper.saves(facilities={}, shown={})
    assert (await keeper.station()).schedule.changes == ()


async def test_facilities_change_as_answered_and_are_observed(keeper: Keeper) -> None:
    await keeper.saves(facilities={**FACILITIES, "water": BROKEN, "charge": EMPTY, "aed": OK})
    states = {one.code: one.state for one in (await keeper.station()).facilities}
    assert states == {"seat": OK, "water": BROKEN, "charge": EMPTY, "toilet": OK}
    facts = await keeper.observed()
    assert (facts["water"], facts["charge"], facts["seat"]) == (False, False, True)


async def test_a_second_tap_saves_nothing_twice(keeper: Keeper) -> None:
    assert await keeper.saves(today=TodayAnswer.CLOSED)
    version = await keeper.version()
    assert not await keeper.saves(today=TodayAnswer.CLOSED)
    assert await keeper.version() == version


async def test_two_replicas_that_get_one_form_at_once_save_it_once(keeper: Keeper) -> None:
    version = await keeper.version()
    saved = await asyncio.gather(
        keeper.saves(today=TodayAnswer.CLOSED), keeper.saves(today=TodayAnswer.CLOSED)
    )
    assert sorted(saved) == [False, True]
    assert await keeper.version() == version + 1
    assert len((await keeper.station()).schedule.changes) == 1


async def test_a_form_of_a_link_that_was_replaced_meanwhile_is_refused(
    keeper: Keeper, store: Store, clock: ManualClock
) -> None:
    async with store.reading() as db:
        row = await db.get_one(KeeperLinkRow, 1)
    link = links.KeeperLink(1, "S1", row.token_hash, row.expires_at)
    async with store.writing() as db:
        await links.issue(db, 1, clock())
        with pytest.raises(KeeperLinkInvalid):
            await answers.save(
                db, link, keeper.form, Holidays.from_csv(), Observer(parse_keys(KEYS)), clock()
            )


async def test_a_change_by_an_operator_since_the_form_was_shown_is_not_overwritten(
    keeper: Keeper, store: Store, clock: ManualClock
) -> None:
    edit = SetFacilities({"water": "故障"})
    async with store.writing() as db:
        await edits.save(db, "S1", edit, "cli:zhang", clock(), version=keeper.form.version)
    with pytest.raises(StationEdited):
        await keeper.saves(facilities={**FACILITIES, "charge": BROKEN})
    await keeper.saves()  # what the keeper did not touch stays
    states = {one.code: one.state for one in (await keeper.station()).facilities}
    assert (states["water"], states["charge"]) == (BROKEN, OK)


async def test_what_a_keeper_changes_is_a_revision_of_the_keeper(
    keeper: Keeper, store: Store
) -> None:
    await keeper.saves(facilities={**FACILITIES, "water": BROKEN})
    async with store.reading() as db:
        ((revision, record),) = await revisions.history(db, RevisionKind.STATIONS, "S1")
    assert revision.actor == "keeper:S1"
    assert record.fields() == {"facilities", "verified_at"}


async def test_a_paused_station_is_verified_but_not_observed(
    keeper: Keeper, store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        await edits.save(db, "S1", Close(), "cli:zhang", clock(), version=keeper.form.version)
    await keeper.open()
    await keeper.saves()
    assert await keeper.observed() == {}
    async with store.reading() as db:
        assert await db.scalar(select(KeeperLinkRow.saved_at)) == clock()


async def test_open_in_the_middle_of_a_long_closure_counts_for_that_day_only(
    keeper: Keeper, store: Store, clock: ManualClock
) -> None:
    closed = Close(MONDAY, date(2026, 11, 27), "装修")
    async with store.writing() as db:
        await edits.save(db, "S1", closed, "cli:zhang", clock(), version=keeper.form.version)
    await keeper.open()
    await keeper.saves(hours={MONDAY: "9:00-12:00 13:30-17:00"})
    assert await keeper.hours_on(MONDAY) == "Mo-Su 09:00-12:00,13:30-17:00"
    assert await keeper.hours_on(TUESDAY) == "closed"


async def test_hours_of_a_public_holiday_are_certain(keeper: Keeper, clock: ManualClock) -> None:
    clock.set(datetime(2026, 9, 30, 10, tzinfo=CHINA))
    await keeper.open()
    await keeper.saves(hours={date(2026, 10, 1): "10:00-12:00"})
    assert await keeper.hours_on(date(2026, 10, 1)) == "Mo-Su 10:00-12:00; PH 10:00-12:00"
