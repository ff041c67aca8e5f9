"""Demo trainings in the days to come, 示例 in every title; for trying the bot out."""

from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.trainings.catalogue import new_checkin_code
from bot.services.trainings.statuses import TrainingStatus
from bot.store.models.trainings import TrainingRow


class _Demo(NamedTuple):
    days: int
    hour: int
    title: str
    topic: str
    league: str
    place: str
    address: str
    point: tuple[float, float] | None
    capacity: int


# Hours between the delivery rushes; places are seats of government, so that pins are real.
_SESSIONS: Final = (
    _Demo(1, 14, "示例·冬季骑行防滑防冻", "交通安全", "150100", "示例·新城区职工之家",
          "新华大街", (40.8424, 111.7490), 30),
    _Demo(2, 10, "示例·禁寄物品识别（线上）", "禁寄物品", "", "", "", None, 200),
    _Demo(3, 15, "示例·急救入门", "急救", "150600", "示例·东胜区职工服务中心",
          "鄂尔多斯西街", (39.8222, 109.9633), 1),
    _Demo(5, 9, "示例·客户服务与投诉处理", "客户服务", "150400", "示例·红山区职工之家",
          "钢铁街", (42.2578, 118.9570), 20),
)  # fmt: skip


async def seed_demo_trainings(db: AsyncSession, now: datetime) -> int:
    """Adds them unless some are still to come; how many were added."""
    coming = select(func.count()).where(
        TrainingRow.is_demo.is_(True),
        TrainingRow.starts_at > now,
        TrainingRow.status == TrainingStatus.PLANNED,
    )
    if await db.scalar(coming):
        return 0
    today = now.astimezone(CHINA).date()
    for number, one in enumerate(_SESSIONS, 1):
        starts = datetime.combine(today + timedelta(days=one.days), time(one.hour), CHINA)
        await db.execute(
            insert(TrainingRow).values(
                code=f"示例-{starts:%Y%m%d}-{number}",
                title=one.title,
                topic=one.topic,
                about="",
                contact="",
                league=one.league,
                is_online=one.point is None,
                link="",
                place=one.place,
                address=one.address,
                lat=one.point[0] if one.point else None,
                lon=one.point[1] if one.point else None,
                starts_at=starts,
                ends_at=starts + timedelta(hours=1),
                deadline=starts - timedelta(minutes=30),
                capacity=one.capacity,
                taken=0,
                min_attendance=0,
                only_firm="",
                only_league="",
                status=TrainingStatus.PLANNED,
                sequence=0,
                checkin_code=new_checkin_code(),
                is_demo=True,
                updated_at=now,
            )
        )
    return len(_SESSIONS)


async def remove_demo_trainings(db: AsyncSession) -> None:
    """Removes them with whatever hangs on them."""
    await db.execute(delete(TrainingRow).where(TrainingRow.is_demo.is_(True)))
