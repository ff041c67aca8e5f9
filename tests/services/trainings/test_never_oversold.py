"""No seat is given twice and the waitlist keeps its order under concurrent changes."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import delete

from bot.common.clock import CHINA
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.notifications import hold_end
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TrainingRow
from tests.support import concurrent_couriers
from tests.support.paths import ROOT
from tests.support.trainings import broken_rules, create_couriers, create_training

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)
STARTS = NOW + timedelta(days=3)
HOLD = timedelta(hours=2)
PEOPLE = st.integers(0, 5)


class SeatingModel(RuleBasedStateMachine):
    """One training compared with a model of it: seats, offers with their hold, and the waitlist."""

    store: Store
    loop: asyncio.AbstractEventLoop
    couriers: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.capacity = 1
        self.seats: set[int] = set()
        self.offers: dict[int, datetime] = {}
        self.waitlist: list[int] = []
        self.cancelled = False
        self.training = 0

    @initialize(capacity=st.integers(1, 3))
    def open_training(self, capacity: int) -> None:
        self.capacity = capacity

        async def work() -> int:
            async with self.store.writing() as db:
                await db.execute(delete(OutboxRow))
                await db.execute(delete(TrainingRow))
                return await create_training(db, STARTS, now=NOW, capacity=capacity)

        self.training = self.run(work())

    @rule(who=PEOPLE)
    def register(self, who: int) -> None:
        refused = self.attempt("register", who)
        if self.cancelled or who in self.live():
            assert refused == ("cancelled" if self.cancelled else "already")
            return
        assert refused is None
        (self.waitlist.append if self.free() <= 0 else self.seats.add)(who)

    @rule(who=PEOPLE)
    def withdraw(self, who: int) -> None:
        refused = self.attempt("withdraw", who)
        assert refused == (None if who in self.live() else "not_registered")
        self.drop(who)

    @rule(who=PEOPLE)
    def accept(self, who: int) -> None:
        refused = self.attempt("accept", who)
        assert refused == (None if who in {*self.offers, *self.seats} else "no_offer")
        if refused is None:
            self.offers.pop(who, None)
            self.seats.add(who)

    @rule(who=PEOPLE)
    def decline(self, who: int) -> None:
        refused = self.attempt("decline", who)
        assert refused == (None if who in self.offers else "no_offer")
        if refused is None:
            self.drop(who)

    @rule(minutes=st.integers(1, 300))
    def wait(self, minutes: int) -> None:
        if self.now + timedelta(minutes=minutes) < STARTS - timedelta(hours=6):
            self.now += timedelta(minutes=minutes)
            self.run(TrainingAdministration(Seating(HOLD)).expire_holds(self.store, self.now))
            self.expire()

    @rule(capacity=st.integers(1, 4))
    def resize(self, capacity: int) -> None:
        taken = len(self.seats) + len(self.offers)
        if self.cancelled:
            return
        refused = self.attempt("resize", capacity)
        assert refused == ("capacity" if capacity < taken else None)
        if refused is None:
            self.capacity = capacity
            self.move_up()

    @rule(really=st.integers(0, 9))
    def cancel(self, really: int) -> None:
        if really == 9 and not self.cancelled:
            assert self.attempt("cancel", 0) is None
            self.cancelled = True
            self.seats, self.offers, self.waitlist = set(), {}, []

    @invariant()
    def the_database_agrees(self) -> None:
        if not self.training:
            return

        async def look() -> tuple[list[str], dict[int, tuple[str, object]]]:
            found: dict[int, tuple[str, object]] = {}
            async with self.store.reading() as db:
                wrong = await broken_rules(db, [self.training])
                for who, courier_id in enumerate(self.couriers):
                    if one := await live_registration(db, self.training, courier_id):
                        found[who] = (one.status, one.position or one.hold_until)
            return wrong, found

        wrong, found = self.run(look())
        assert wrong == []
        expected: dict[int, tuple[str, object]] = dict.fromkeys(self.seats, ("seat", None))
        expected |= {who: ("offered", until) for who, until in self.offers.items()}
        expected |= {who: ("waitlist", place) for place, who in enumerate(self.waitlist, 1)}
        assert found == expected

    def attempt(self, action: str, value: int) -> str | None:
        """Calls the service; returns the reason if it was refused."""

        async def work() -> str | None:
            seating = Seating(HOLD)
            registrations, administration = Registrations(seating), TrainingAdministration(seating)
            try:
                async with self.store.writing() as db:
                    match action:
                        case "resize":
                            await administration.resize(db, self.training, value, self.now)
                        case "cancel":
                            await administration.cancel(db, self.training, self.now)
                        case _:
                            act = getattr(registrations, action)
                            await act(db, self.training, self.couriers[value], self.now)
            except TrainingRefused as refused:
                return refused.reason
            return None

        return self.run(work())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def live(self) -> set[int]:
        return {*self.seats, *self.offers, *self.waitlist}

    def free(self) -> int:
        return self.capacity - len(self.seats) - len(self.offers)

    def drop(self, who: int) -> None:
        self.seats.discard(who)
        self.offers.pop(who, None)
        if who in self.waitlist:
            self.waitlist.remove(who)
        self.move_up()

    def expire(self) -> None:
        for who in [who for who, until in self.offers.items() if until <= self.now]:
            del self.offers[who]
        self.move_up()

    def move_up(self) -> None:
        """Offers free seats in order; a hold starts when the courier may be notified."""
        while self.waitlist and self.free() > 0:
            self.offers[self.waitlist.pop(0)] = hold_end(_notified_at(self.now), HOLD)


def _notified_at(now: datetime) -> datetime:
    """When a courier may be notified: neither at night nor in rush hours."""
    at = now
    while True:
        minute = at.hour * 60 + at.minute
        night = minute >= 21 * 60 + 30 or minute < 7 * 60 + 30
        if not night and not (660 <= minute < 780) and not (1020 <= minute < 1170):
            return at
        at += timedelta(minutes=1)


def test_any_schedule_agrees_with_the_model(database_url: str) -> None:
    loop = asyncio.new_event_loop()
    store = loop.run_until_complete(open_store(database_url))

    async def people() -> list[int]:
        async with store.writing() as db:
            return await create_couriers(db, 6, NOW)

    SeatingModel.store, SeatingModel.loop, SeatingModel.couriers = (
        store,
        loop,
        loop.run_until_complete(people()),
    )
    try:
        run_machine(
            SeatingModel,
            settings=settings(
                max_examples=12,
                stateful_step_count=25,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(store.close())
        loop.close()


async def test_four_processes_at_once(store: Store, database_url: str) -> None:
    """Random actions from four processes on two trainings; the rules hold at every look."""
    async with store.writing() as db:
        couriers = await create_couriers(db, 12, NOW - timedelta(days=2))  # known, so may reserve
        for one in couriers:
            profiles = Profiles(concurrent_couriers.KEYS)
            await profiles.remember(db, one, "王强", concurrent_couriers.phone_of(one), NOW, "web")
        trainings = [
            await create_training(
                db,
                concurrent_couriers.BEGINS + timedelta(days=30 * number),
                now=NOW,
                capacity=3,
                code=f"S{number}",
            )
            for number in (1, 2)
        ]
    wanted = {"register", "withdraw", "accept", "decline", "expire", "resize", "move", "look"}
    wanted |= {"bring", "join", "stay", "cancel"}
    done: Counter[str] = Counter()
    for first in range(0, 24, 4):  # one round mostly covers every action; chance may need another
        done += await run_four_processes(database_url, first, trainings, couriers)
        async with store.reading() as db:
            assert await broken_rules(db, trainings) == []
        if wanted <= done.keys():
            return
    assert wanted <= done.keys(), f"never happened: {wanted - done.keys()}; {done}"


async def run_four_processes(
    database_url: str, first: int, trainings: list[int], couriers: list[int]
) -> Counter[str]:
    """Four processes at once with the seeds from `first`: how often which action succeeded."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.concurrent_couriers", database_url,
            str(seed), "120", ",".join(map(str, trainings)), ",".join(map(str, couriers)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        for seed in range(first, first + 4)
    ]  # fmt: skip
    ended = await asyncio.gather(*(process.communicate(b"!") for process in processes))
    said = [errors.decode()[-600:] for _, errors in ended]
    assert [process.returncode for process in processes] == [0] * 4, said
    done: Counter[str] = Counter()
    for out, _ in ended:
        done.update(json.loads(out))
    return +done  # without actions that never succeeded


@pytest.mark.parametrize("couriers", [12])
async def test_the_last_seat_is_given_once_by_two_replicas(
    database_url: str, couriers: int
) -> None:
    """Many at once over two connections: one seat, the others on the waitlist in order."""
    stores = [await open_store(database_url) for _ in range(2)]
    async with stores[0].writing() as db:
        people = await create_couriers(db, couriers, NOW)
        training = await create_training(db, STARTS, now=NOW, capacity=1)

    async def register(number: int) -> str:
        async with stores[number % 2].writing() as db:
            registration = await Registrations(Seating(HOLD)).register(
                db, training, people[number], NOW
            )
            return registration.status

    got = await asyncio.gather(*(register(number) for number in range(couriers)))
    assert Counter(got) == {"seat": 1, "waitlist": couriers - 1}
    async with stores[1].reading() as db:
        assert await broken_rules(db, [training]) == []
    for one in stores:
        await one.close()
