"""Several changes of one thing, told as one: from what the courier was told last to how it is now.

A notice of a change has its subject and, in `params`, each old value that differs from the new one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.notifications.statuses import WAITING, OutboxStatus, Reason
from bot.store.models.notifications import OutboxRow

Plain = str | int | bool | None


@value
class Change:
    """What changed: `before`, the old values of what is different, and `after`, all values now.

    `subject` names the thing, at most 80 characters; each key of `before` is one of `after`, too.
    """

    subject: str
    before: Mapping[str, Plain]
    after: Mapping[str, Plain]


async def take_over(
    db: AsyncSession, courier_id: int, change: Change, now: datetime
) -> dict[str, Plain]:
    """Cancels the notices of that subject that nobody has seen; the old values left to be told.

    They are those that the courier knows. It is empty where everything is as it was then.
    """
    waiting = (
        select(OutboxRow.id, OutboxRow.params)
        .where(OutboxRow.courier_id == courier_id, OutboxRow.subject == change.subject)
        .where(OutboxRow.status.in_(WAITING))
        # One that may have arrived stays: what the courier knows is not certain.
        .where(OutboxRow.reason.not_in((Reason.REPEATED, Reason.UNKNOWN)))
        .order_by(OutboxRow.id.desc())
        .with_for_update()
    )
    rows = (await db.execute(waiting)).all()
    known: dict[str, Any] = dict(change.before)
    for row in rows:  # the newest first, so that the oldest value remains
        known |= {name: row.params[name] for name in change.after if name in row.params}
    if rows:
        over = update(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows]))
        over = over.values(
            status=OutboxStatus.CANCELLED,
            reason=Reason.SUPERSEDED,
            owner=None,
            lease_until=None,
            done_at=now,
        )
        await db.execute(over)
    return {name: value for name, value in known.items() if value != change.after[name]}
