"""How much a leader may name, reserve and have sent: invented couriers must not fill a training.

A courier is known once their first message is `KNOWN_FOR` old, on whatever channel. Who is not may
bring a team in mode `EACH` and hands the codes over; nothing is reserved or sent for them.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TeamMode, TrainingRefusal
from bot.store.models.couriers import CourierRow
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow

MAX_MEMBERS: Final = 20
"""That one leader names for one training."""
MAX_MEMBERS_A_DAY: Final = 60
"""That one leader names within `DAY`, for all trainings."""
DAY: Final = timedelta(days=1)
KNOWN_FOR: Final = timedelta(days=1)
SHARE: Final = 30


@value
class TeamLimits:
    """`share`: how many of a training's seats all teams together may reserve, in percent."""

    share: int = SHARE

    async def check(
        self,
        db: AsyncSession,
        training: TrainingRow,
        leader_id: int,
        mode: TeamMode,
        count: int,
        now: datetime,
    ) -> None:
        """Raises `TrainingRefused` unless the leader may name `count` members more.

        The training must be locked. `TEAM_SIZE`, `TEAM_DAY`: too many; `NEW_LEADER`: seats are to
        be reserved for a leader who is not known yet; `TEAM_FULL`, `TEAM_SHARE`: too few seats.
        """
        live = (TeamRow.training_id == training.id) & (TeamRow.hold_until > now)
        named = await _count_members(db, leader_id, live)
        if not 0 < named + count <= MAX_MEMBERS:
            raise TrainingRefused(TrainingRefusal.TEAM_SIZE, training.id, count=MAX_MEMBERS)
        today = await _count_members(db, leader_id, TeamRow.created_at > now - DAY)
        if today + count > MAX_MEMBERS_A_DAY:
            raise TrainingRefused(TrainingRefusal.TEAM_DAY, training.id, count=MAX_MEMBERS_A_DAY)
        if mode is TeamMode.ALL:
            await self.check_seats(db, training, leader_id, count, now)

    async def check_seats(
        self, db: AsyncSession, training: TrainingRow, leader_id: int, count: int, now: datetime
    ) -> None:
        """Raises `TrainingRefused` unless `count` seats can be reserved for this leader.

        The training must be locked. `NEW_LEADER`, `TEAM_FULL` and `TEAM_SHARE` as in `check`.
        """
        if not await is_known(db, leader_id, now):
            raise TrainingRefused(TrainingRefusal.NEW_LEADER, training.id)
        left = training.capacity - training.taken
        if count > left:
            raise TrainingRefused(TrainingRefusal.TEAM_FULL, training.id, count=left)
        reserved = select(func.sum(TeamRow.reserved)).where(TeamRow.training_id == training.id)
        share = training.capacity * self.share // 100 - (await db.scalar(reserved) or 0)
        if count > share:
            raise TrainingRefused(TrainingRefusal.TEAM_SHARE, training.id, count=max(0, share))


async def is_known(db: AsyncSession, courier_id: int, now: datetime) -> bool:
    """Whether the courier first wrote `KNOWN_FOR` ago or earlier."""
    since = await db.scalar(select(CourierRow.created_at).where(CourierRow.id == courier_id))
    return since is not None and since <= now - KNOWN_FOR


async def _count_members(db: AsyncSession, leader_id: int, which: ColumnElement[bool]) -> int:
    """How many members the leader's teams of that kind have."""
    members = (
        select(func.count())
        .select_from(TeamMemberRow)
        .join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
        .where(TeamRow.leader_id == leader_id, which)
    )
    return await db.scalar(members) or 0
