"""What operators do to trainings, on both databases: lists, edits, ticks, certificates."""

from datetime import timedelta

import pytest

from bot.geo.places import Places
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.trainings import certificates
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.editing.edit_kinds import Add, Cancel, SetFields
from bot.services.trainings.editing.errors import EditRefused, TrainingEdited
from bot.services.trainings.operating import attendees, listing, sessions
from bot.services.trainings.operating import certificates as issued
from bot.services.trainings.operating.listing import Query, Shown
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import RegistrationStatus
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.console import KEYS
from tests.support.console_trainings import PHONES, add_trainings
from tests.support.trainings import broken_rules

SEATING = Seating(timedelta(hours=2))
SERVICE = TrainingAdministration(SEATING)
TRAINER = Operator(1, "trainer", Role.TRAINER, frozenset({"150100"}))
REGION = Operator(2, "region", Role.TRAINER)
PLACES = Places.load()


async def test_lists_are_scoped_and_in_pages_by_key(store: Store, clock: ManualClock) -> None:
    trainings = await add_trainings(store, KEYS, clock)
    cells = {
        "title": "每周一课",
        "starts_at": "2026-12-01 09:00",
        "ends_at": "2026-12-01 10:00",
        "capacity": "9",
        "place": "职工之家",
        "league": "150100",
    }
    for title in ("每周一课", "每周一练"):
        added = Add({**cells, "title": title}, weeks=20)
        async with store.writing() as db:
            await sessions.add(db, PLACES, TRAINER, added, SERVICE, clock())
    async with store.reading() as db:
        first = await listing.find(db, TRAINER, Query())
        second = await listing.find(db, TRAINER, Query(after=first.next))
        both = [*first.trainings, *second.trainings]
        assert second.next is None
        assert len({one.id for one in both}) == len(both) == 41
        assert [one.starts_at for one in both] == sorted(one.starts_at for one in both)
        assert (both[0].id, both[0].waiting) == (trainings.hohhot, 1)
        found = await listing.find(db, TRAINER, Query(text="100%"))
        assert found.trainings == ()
        assert await listing.find(db, TRAINER, Query(shown=Shown.OVER)) == found
        everywhere = await listing.find(db, REGION, Query(league="150200"))
        assert [one.id for one in everywhere.trainings] == [trainings.baotou]
        with pytest.raises(NotAllowed):
            await listing.find(db, TRAINER, Query(league="150200"))
    with pytest.raises(NotAllowed):
        async with store.writing() as db:
            await sessions.add(db, PLACES, TRAINER, Add({**cells, "league": ""}), SERVICE, clock())


async def test_an_edit_is_saved_against_what_was_seen(store: Store, clock: ManualClock) -> None:
    number = (await add_trainings(store, KEYS, clock)).hohhot
    async with store.reading() as db:
        seen = (await sessions.view(db, PLACES, TRAINER, number)).version
    place, seats = SetFields({"place": "甲"}), SetFields({"capacity": "10"})
    async with store.writing() as db:
        told = await sessions.save(
            db, PLACES, TRAINER, number, place, SERVICE, clock(), version=seen
        )
    assert told == 3
    async with store.writing() as db:
        told = await sessions.save(
            db, PLACES, TRAINER, number, seats, SERVICE, clock(), version=seen
        )
    assert told == 0
    for edit in (SetFields({"place": "乙"}), Cancel()):
        with pytest.raises(TrainingEdited):
            async with store.writing() as db:
                await sessions.save(
                    db, PLACES, TRAINER, number, edit, SERVICE, clock(), version=seen
                )
    few = SetFields({"capacity": "1"})
    with pytest.raises(EditRefused):
        async with store.writing() as db:
            await sessions.save(db, PLACES, TRAINER, number, few, SERVICE, clock(), version=99)
    async with store.reading() as db:
        assert await broken_rules(db, [number]) == []
        draft = await sessions.draft(db, PLACES, TRAINER, number, Cancel(), clock())
    assert dict(draft.told) == {RegistrationStatus.SEAT: 2, RegistrationStatus.OFFERED: 1}


async def test_ticks_and_certificates_are_taken_back(store: Store, clock: ManualClock) -> None:
    trainings = await add_trainings(store, KEYS, clock)
    number, now = trainings.hohhot, clock() + timedelta(days=5, hours=1)
    async with store.writing() as db:
        seat = RegistrationStatus.SEAT
        people = await attendees.people(db, KEYS, TRAINER, number, seat, now, named=True)
        first, second = (one.number for one in people.people)
        await attendees.tick(db, SEATING, TRAINER, number, [first], [], now)
        made = await certificates.issue(db, KEYS, trainings.couriers[0], number, "王小明", now)
        await attendees.walk_in(db, KEYS, Registrations(SEATING), TRAINER, number, PHONES[1], now)
        # A certificate rests on the one, the other checked in as if by themselves.
        assert await attendees.tick(db, SEATING, TRAINER, number, [], [first, second], now) == (
            0,
            0,
        )
        page = await issued.issued(db, KEYS, TRAINER, number)
        assert [one.masked_name for one in page.certificates] == ["王*"]
        assert await issued.withdraw(db, SEATING, TRAINER, number, made.id, now)
        assert not await issued.withdraw(db, SEATING, TRAINER, number, made.id, now)
        after = await attendees.people(db, KEYS, TRAINER, number, seat, now)
    assert [one.attended_at is None for one in after.people] == [True, False]
    assert after.counts[RegistrationStatus.SEAT] == 2
