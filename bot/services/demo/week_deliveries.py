"""Notices of the week, all of them over: nothing is sent."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import insert

from bot.common.chunks import pieces
from bot.services.demo.week_stations import Courier
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Topic
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.services.storage import Database
from bot.store.models.notifications import OutboxRow

NOTICES: Final = 420
PIECE: Final = 300
KINDS: Final = (
    (NoticeKind.TRAINING_REMINDER, Topic.TRAINING),
    (NoticeKind.CARD_STAGE, Topic.CARD),
    (NoticeKind.STATION_CHANGED, Topic.STATION),
)
ENDS: Final = (
    (OutboxStatus.SENT, Reason.NONE, 86),
    (OutboxStatus.SHOWN, Reason.WINDOW, 8),
    (OutboxStatus.DEAD, Reason.LEFT, 4),
    (OutboxStatus.EXPIRED, Reason.LATE, 2),
)
"""How a notice ended, why, and of how many in a hundred."""


class Reached(Courier, Protocol):
    """A courier with a channel."""

    @property
    def channel(self) -> str:
        """How they write."""


async def tell(
    store: Database, couriers: Sequence[Reached], dice: random.Random, now: datetime
) -> None:
    """Writes them as they would stand in the outbox."""
    rows = [_notice(dice, dice.choice(couriers), number, now) for number in range(NOTICES)]
    for some in pieces(rows, PIECE):
        async with store.writing() as db:
            await db.execute(insert(OutboxRow), list(some))


def _notice(dice: random.Random, to: Reached, number: int, now: datetime) -> dict[str, object]:
    kind, topic = dice.choice(KINDS)
    (ended,) = dice.choices(ENDS, [often for *_, often in ENDS])
    status, reason, _ = ended
    due = now - timedelta(minutes=dice.randint(30, 7 * 24 * 60 - 60))
    return {
        "dedupe_key": f"示例-week-{to.id}-{number}",
        "courier_id": to.id,
        "channel": to.channel,
        "kind": kind,
        "params": {},
        "topic": topic,
        "status": status,
        "reason": reason,
        "due_at": due,
        "not_after": due + timedelta(hours=6),
        "attempts": 1,
        "created_at": due - timedelta(minutes=5),
        "done_at": due + timedelta(minutes=1),
    }
