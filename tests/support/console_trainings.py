"""Trainings of two leagues with couriers who registered, for the console's tests."""

from dataclasses import dataclass
from datetime import timedelta

from bot.common.clock import Clock
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.encryption import Keyring
from bot.store.engine import Store
from tests.support.trainings import create_couriers, create_training

NAMES = ("王小明", "李玉兰", "张三")
PHONES = ("13800000001", "13800000002", "13800000003")


@dataclass(frozen=True, slots=True)
class Trainings:
    """`hohhot` has two seats, both taken, and one in line; `baotou` nobody."""

    hohhot: int
    baotou: int
    couriers: list[int]


async def add_trainings(store: Store, keys: Keyring, clock: Clock) -> Trainings:
    """A training in five days in each of two leagues; three couriers register for the first."""
    now = clock()
    registrations, profiles = Registrations(Seating(timedelta(hours=2))), Profiles(keys)
    async with store.writing() as db:
        starts = now + timedelta(days=5)
        hohhot = await create_training(db, starts, now=now, code="T1")
        baotou = await create_training(
            db, starts, now=now, code="T2", title="急救入门", league="150200", checkin_code="111222"
        )
        couriers = await create_couriers(db, 3, now)
        for courier, name, phone in zip(couriers, NAMES, PHONES, strict=True):
            await profiles.remember(db, courier, name, phone, now, "telegram")
            await registrations.register(db, hohhot, courier, now)
    return Trainings(hohhot, baotou, couriers)
