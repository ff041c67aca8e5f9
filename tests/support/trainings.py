"""Trainings and couriers for tests, and the invariants that must hold at any moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.trainings.statuses import (
    HOLDING,
    LIVE,
    RegistrationStatus,
    TeamMemberStatus,
    TeamMode,
    TrainingStatus,
)
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow, TrainingRow


async def create_training(
    db: AsyncSession,
    starts_at: datetime,
    *,
    now: datetime,
    title: str = "冬季骑行安全",
    capacity: int = 2,
    code: str = "",
    hours: float = 2,
    **more: object,
) -> int:
    """A planned training in Hohhot; its id."""
    values: dict[str, object] = {
        "code": code or f"T{starts_at:%m%d%H%M}-{title}",
        "title": title,
        "topic": "交通安全",
        "about": "",
        "contact": "0471-0000001",
        "league": "150100",
        "is_online": False,
        "link": "",
        "place": "工行新城支行二楼会议室",
        "address": "新城区测试路1号",
        "lat": 40.8424,
        "lon": 111.75,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        "deadline": starts_at - timedelta(minutes=30),
        "capacity": capacity,
        "taken": 0,
        "min_attendance": 0,
        "only_firm": "",
        "only_league": "",
        "status": "planned",
        "sequence": 0,
        "checkin_code": "482913",
        "is_demo": False,
        "updated_at": now,
        **more,
    }
    added = await db.execute(insert(TrainingRow).values(**values).returning(TrainingRow.id))
    return added.scalar_one()


async def create_couriers(db: AsyncSession, count: int, now: datetime) -> list[int]:
    """`count` couriers who can be pushed to; their ids."""
    ids = []
    for _ in range(count):
        added = insert(CourierRow).values(created_at=now, seen_at=now).returning(CourierRow.id)
        courier_id = (await db.execute(added)).scalar_one()
        chat = insert(ChatRow).values(
            channel="telegram",
            external_id=f"9{courier_id}",
            courier_id=courier_id,
            reachable=True,
            state_at=now,
        )
        await db.execute(chat)
        ids.append(courier_id)
    return ids


async def broken_rules(db: AsyncSession, ids: Sequence[int]) -> list[str]:
    """The invariants that these trainings break; empty when all hold."""
    wrong: list[str] = []
    for training in await db.scalars(select(TrainingRow).where(TrainingRow.id.in_(ids))):
        found = select(RegistrationRow).where(RegistrationRow.training_id == training.id)
        rows = list(await db.scalars(found.order_by(RegistrationRow.id)))
        live = [row for row in rows if row.status in LIVE]
        reserved = await db.scalar(
            select(func.coalesce(func.sum(TeamRow.reserved), 0)).where(
                TeamRow.training_id == training.id
            )
        )
        held = sum(row.status in HOLDING for row in rows)
        name = f"training {training.id}"
        if held > training.capacity:
            wrong.append(f"{name}: {held} held of {training.capacity}")
        if training.taken != held + (reserved or 0):
            wrong.append(f"{name}: counts {training.taken}, holds {held} and {reserved} reserved")
        wrong += [f"{name}: {one}" for one in await _wrongly_reserved(db, training)]
        if len({row.courier_id for row in live}) != len(live):
            wrong.append(f"{name}: somebody is registered twice")
        waiting = [
            row.id
            for row in live
            if row.status == RegistrationStatus.WAITLIST
            and not await _has_seat_elsewhere(db, training, row)
        ]
        if (
            training.status == TrainingStatus.PLANNED
            and waiting
            and training.taken < training.capacity
        ):
            wrong.append(f"{name}: a free place and {len(waiting)} waiting")
        later = [
            row.id
            for row in live
            if row.status != RegistrationStatus.WAITLIST and row.team_id is None
        ]
        if waiting and later and max(later) > min(waiting):
            wrong.append(f"{name}: {max(later)} was before {min(waiting)}")
        if training.status == TrainingStatus.CANCELLED and live:
            wrong.append(f"{name}: {len(live)} live in a cancelled training")
    offers = select(OutboxRow.params).where(OutboxRow.kind == "training.offer")
    notified = [params["registration"] for params in await db.scalars(offers)]
    if len(notified) != len(set(notified)):
        wrong.append("one freed seat was offered twice to the same")
    offered = await db.scalars(  # of these trainings: others may move while one looks
        select(RegistrationRow.id).where(
            RegistrationRow.status == RegistrationStatus.OFFERED,
            RegistrationRow.training_id.in_(ids),
        )
    )
    if silent := set(offered) - set(notified):
        wrong.append(f"offered and never notified: {sorted(silent)}")
    return wrong


async def _wrongly_reserved(db: AsyncSession, training: TrainingRow) -> list[str]:
    """The teams that reserve more or fewer seats than they have members still invited."""
    if training.status != TrainingStatus.PLANNED:
        return []
    teams = select(TeamRow.id, TeamRow.reserved).where(
        TeamRow.training_id == training.id, TeamRow.mode == TeamMode.ALL
    )
    wrong = []
    for team_id, reserved in (await db.execute(teams)).all():
        invited = select(func.count()).where(
            TeamMemberRow.team_id == team_id, TeamMemberRow.status == TeamMemberStatus.INVITED
        )
        if (count := await db.scalar(invited)) != reserved:
            wrong.append(f"team {team_id} reserves {reserved} for {count}")
    return wrong


async def _has_seat_elsewhere(
    db: AsyncSession, training: TrainingRow, row: RegistrationRow
) -> bool:
    """Whether the waiting courier has a seat at the same time in another training."""
    found = await db.scalars(
        select(TrainingRow)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(
            RegistrationRow.courier_id == row.courier_id,
            RegistrationRow.status == RegistrationStatus.SEAT,
        )
        .where(TrainingRow.status == TrainingStatus.PLANNED, TrainingRow.id != training.id)
    )
    return any(
        one.starts_at < training.ends_at and one.ends_at > training.starts_at for one in found
    )
