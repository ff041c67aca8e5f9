"""What a courier's own applications are, read at once."""

from dataclasses import replace
from datetime import timedelta

from bot.services.cards.applications import Cards
from bot.services.cards.lockout import Guesser
from bot.services.cards.pre_applications import Draft, PreApplications
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.cards import DIGITS, KEYS, NUMBER, RECORD, report
from tests.support.trainings import create_couriers

CARDS = Cards(KEYS)
OTHER = "AC20261234567"


async def test_own_applications_come_whole_the_latest_to_move_first(
    store: Store, clock: ManualClock
) -> None:
    later = RECORD.as_of + timedelta(hours=1)
    await report(store, clock(), RECORD, replace(RECORD, number=OTHER))
    await report(
        store, clock(), replace(RECORD, number=OTHER, label="已激活", at=later, as_of=later)
    )
    async with store.writing() as db:
        courier, stranger = await create_couriers(db, 2, clock())
        for number in (NUMBER, OTHER):
            assert await CARDS.prove(db, Guesser(courier), number, DIGITS, clock())
    async with store.turn() as db:
        mine, may_have_requests = await CARDS.whole(db, courier)
        shown = [await CARDS.show(db, courier, one.id) for one in mine]
        assert await CARDS.whole(db, stranger) == ([], True)
    assert mine == shown
    assert [one.status for one in mine] == ["activated", "at_branch"]
    assert [stage.code for stage in mine[0].stages] == ["at_branch", "activated"]
    assert len(mine[1].stages) == 1
    assert not may_have_requests


async def test_a_pre_application_beside_an_application_is_known_of(
    store: Store, clock: ManualClock
) -> None:
    await report(store, clock(), RECORD)
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        assert await CARDS.prove(db, Guesser(courier), NUMBER, DIGITS, clock())
        draft = Draft("王强", "13800001234", "", None, "东街支行")
        await PreApplications(KEYS).submit(db, courier, draft, clock())
    async with store.turn() as db:
        mine, may_have_requests = await CARDS.whole(db, courier)
    assert len(mine) == 1
    assert may_have_requests
