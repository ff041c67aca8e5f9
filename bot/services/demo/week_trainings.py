"""Trainings that were held in the week, with who came."""

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.couriers.profiles import NAME
from bot.services.demo.week_stations import Courier
from bot.services.storage import Database, Keys
from bot.services.trainings.catalogue import new_checkin_code
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import RegistrationRow, TrainingRow

PREFIX: Final = "示例-往期-"
"""Begins the codes of these trainings."""


class _Held(NamedTuple):
    back: int
    hour: int
    title: str
    topic: str
    league: str
    place: str
    capacity: int
    seated: int


_HELD: Final = (
    _Held(1, 14, "示例·电动车充电与消防安全", "消防安全", "150100", "示例·赛罕区职工之家", 40, 34),
    _Held(2, 15, "示例·冬季骑行防滑防冻", "交通安全", "150200", "示例·昆都仑区职工之家", 30, 27),
    _Held(4, 10, "示例·急救入门", "急救", "150400", "示例·红山区职工之家", 24, 22),
    _Held(5, 14, "示例·劳动权益与工伤", "权益保障", "150600", "示例·东胜区职工服务中心", 30, 16),
    _Held(6, 15, "示例·禁寄物品识别", "禁寄物品", "", "", 200, 71),
)
_PLANNED: Final = _Held(-1, 15, "示例·防冻伤常识（地点待定）", "交通安全", "152900", "", 20, 0)
ATTENDED: Final = 0.8
SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN: Final = "伟芳强敏军丽磊洋勇艳杰涛"
"""Of invented names; each pair is given once."""


async def tell(
    store: Database, keys: Keys, couriers: Sequence[Courier], dice: random.Random, now: datetime
) -> None:
    """Writes the trainings with their registrations; couriers of the league come first."""
    named: dict[int, dict[str, object]] = {}
    for number, one in enumerate(_HELD, 1):
        day = now.astimezone(CHINA).date() - timedelta(days=one.back)
        starts = datetime.combine(day, time(one.hour), CHINA)
        theirs = sorted(couriers, key=lambda who: (who.league != one.league, dice.random()))
        async with store.writing() as db:
            row = insert(TrainingRow).values(**_training(one, number, starts, now))
            training = await db.scalar(row.returning(TrainingRow.id))
            registered = [
                {
                    "training_id": training,
                    "courier_id": who.id,
                    "status": RegistrationStatus.SEAT,
                    "attended_at": starts if dice.random() < ATTENDED else None,
                    "created_at": starts - timedelta(days=2),
                    "updated_at": starts,
                }
                for who in theirs[: one.seated]
            ]
            await db.execute(insert(RegistrationRow), registered)
        for who in theirs[: one.seated]:
            given, surname = divmod(len(named), len(SURNAMES))
            name = f"{SURNAMES[surname]}{GIVEN[given]}（示例）"
            values = {"courier_id": who.id, "name": keys.seal(name, NAME), "updated_at": starts}
            named.setdefault(who.id, values)
    async with store.writing() as db:
        await db.execute(insert(ProfileRow), list(named.values()))


async def plan(store: Database, now: datetime) -> None:
    """Writes one for tomorrow, of which nobody has said yet where it is."""
    day = now.astimezone(CHINA).date() + timedelta(days=1)
    starts = datetime.combine(day, time(15), CHINA)
    row = _training(_PLANNED, 0, starts, now) | {"status": TrainingStatus.PLANNED}
    async with store.writing() as db:
        await db.execute(insert(TrainingRow).values({**row, "is_online": False}))


async def remove(db: AsyncSession) -> None:
    """Removes them with their registrations."""
    await db.execute(delete(TrainingRow).where(TrainingRow.code.like(f"{PREFIX}%")))


def _training(one: _Held, number: int, starts: datetime, now: datetime) -> dict[str, object]:
    return {
        "code": f"{PREFIX}{starts:%Y%m%d}-{number}",
        "title": one.title,
        "topic": one.topic,
        "league": one.league,
        "is_online": not one.place,
        "place": one.place,
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "deadline": starts - timedelta(minutes=30),
        "capacity": one.capacity,
        "taken": one.seated,
        "status": TrainingStatus.DONE,
        "checkin_code": new_checkin_code(),
        "is_demo": True,
        "updated_at": now,
    }
