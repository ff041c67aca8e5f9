"""Broadcasts of the week: one that was sent to the demo couriers, and a draft."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.campaigns import DEFAULT
from bot.services.broadcasts.statuses import BroadcastStatus
from bot.services.demo.week_stations import Courier
from bot.services.notifications.queue import Topic
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.services.storage import Database
from bot.store.models.broadcasts import BroadcastPartRow, BroadcastRow

SENT: Final = "示例：周末有寒潮，路面易结冰。送件请慢行，驿站里有热水，冷了就进来歇一会儿。"
DRAFT: Final = "示例：下月的急救培训开始报名，名额不多。回复“培训”查看时间地点。"
SHOWN: Final = 0.08
LEFT: Final = 0.04
"""Shares of the couriers who saw it only when they wrote, and who had blocked the bot."""


async def tell(store: Database, couriers: Sequence[Courier], now: datetime) -> None:
    """Writes both. The sent one is over and has its counts, but no notices, so that nothing goes
    out; whoever starts the draft sends it to real couriers only."""
    at = (now.astimezone(CHINA) - timedelta(days=2)).replace(
        hour=15, minute=0, second=0, microsecond=0
    )
    total, ids = len(couriers), [one.id for one in couriers]
    shown, left = round(total * SHOWN), round(total * LEFT)
    states = {
        OutboxStatus.SENT: total - shown - left,
        OutboxStatus.SHOWN: shown,
        OutboxStatus.DEAD: left,
    }
    sent = _row(SENT, Audience(Topic.STATION), at) | {
        "not_after": at + timedelta(hours=6),
        "status": BroadcastStatus.DONE,
        "cursor": max(ids),
        "total": total,
        "counts": {"states": states, "reasons": {Reason.LEFT: left}},
    }
    async with store.writing() as db:
        added = insert(BroadcastRow).values(sent).returning(BroadcastRow.id)
        part = {
            "broadcast_id": await db.scalar(added),
            "first": min(ids),
            "last": max(ids),
            "written": total,
            "at": at,
        }
        await db.execute(insert(BroadcastPartRow).values(part))
        draft = _row(DRAFT, Audience(), now - timedelta(hours=2))
        await db.execute(insert(BroadcastRow).values(draft))


async def remove(db: AsyncSession) -> None:
    """Removes both, by their words; a draft that somebody changed is theirs and stays."""
    words = BroadcastRow.texts[DEFAULT].as_string()
    await db.execute(delete(BroadcastRow).where(words.in_((SENT, DRAFT))))


def _row(text: str, audience: Audience, at: datetime) -> dict[str, object]:
    """A draft of that text."""
    return {
        "texts": {DEFAULT: text},
        "audience": asdict(audience),
        "at": at,
        "not_after": at,
        "status": BroadcastStatus.DRAFT,
        "cursor": 0,
        "total": 0,
        "counts": {},
        "created_at": at,
    }
