"""Notifications about teams, queued as rows of the outbox: to leaders and to their members."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Plain, Topic
from bot.services.trainings.notifications import next_send_time
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow


async def plan_failed(
    db: AsyncSession, team: TeamRow, training: TrainingRow, now: datetime
) -> None:
    """Queues for the leader that not everybody comes and that all seats are free again."""
    await _enqueue(
        db, NoticeKind.TRAINING_TEAM_FAILED, team.leader_id, team, training, now, str(now)
    )


async def plan_released(
    db: AsyncSession, courier_id: int, team: TeamRow, training: TrainingRow, now: datetime
) -> None:
    """Queues for a member who had accepted that their seat is free again."""
    await _enqueue(
        db,
        NoticeKind.TRAINING_TEAM_RELEASED,
        courier_id,
        team,
        training,
        now,
        f"{courier_id}:{now}",
    )


async def plan_member_left(
    db: AsyncSession,
    member: TeamMemberRow,
    team: TeamRow,
    training: TrainingRow,
    now: datetime,
) -> None:
    """Queues for the leader that a member who had accepted has withdrawn."""
    kind = NoticeKind.TRAINING_MEMBER_LEFT
    await _enqueue(
        db, kind, team.leader_id, team, training, now, f"{member.id}:{now}", member=member.id
    )


async def _enqueue(
    db: AsyncSession,
    kind: NoticeKind,
    courier_id: int,
    team: TeamRow,
    training: TrainingRow,
    now: datetime,
    which: str,
    *,
    member: int | None = None,
) -> None:
    latest = max(training.starts_at, now + timedelta(hours=1))
    params: dict[str, Plain] = {"training": training.id, "team": team.id}
    if member is not None:
        params["member"] = member
    await queue.enqueue(
        db,
        Notice(
            kind=kind,
            courier_id=courier_id,
            params=params,
            topic=Topic.SERVICE,
            dedupe_key=f"{kind}:{team.id}:{which}",
            due_at=await next_send_time(db, courier_id, now, latest, now),
            not_after=latest,
        ),
        now,
    )
